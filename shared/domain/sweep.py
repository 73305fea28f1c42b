"""A sweep of one subscription, what became of its roots, and how much of everything it saw."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

MOST_DETAILS = 100
"""Reasons kept of roots that were not wholly readable; all of them are counted."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep of one subscription; `baseline` when it is the first.

    `roots` were seen so far: listed, or known before; the subscription itself is not counted.
    """

    id: str
    subscription: str
    deep: bool
    baseline: bool
    started_at: datetime
    roots: int


@dataclass(frozen=True, slots=True)
class RootOutcome:
    """What became of one root of a sweep; the default is a root that was read whole.

    `evaluated`: a look judged it; False: its looks kept failing and were set aside. `unreadable`
    says which sources could not be read and why, `denied` which permissions are missing. `overdue`:
    it would have been tried again, but the sweep waits no longer. `unproven`: not even the root
    itself could be read, which neither confirms it nor shows that it is gone. `resource_id` is the
    root in Azure's spelling, where it is known.
    """

    evaluated: bool = True
    unreadable: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    overdue: bool = False
    unproven: bool = False
    resource_id: str | None = None


GIVEN_UP = RootOutcome(evaluated=False)


@dataclass(frozen=True, slots=True)
class SweptRoot:
    """A root of a sweep (its key); `listed` by Azure, not merely known before.

    Without an `outcome` it is still to be looked at.
    """

    root: str
    listed: bool
    outcome: RootOutcome | None


@dataclass(frozen=True, slots=True)
class SweepCoverage:
    """How much a sweep saw.

    `is_listed`: every root is recorded; `reasons` say what could not be listed. `left` are the
    roots that wait for their look, or for another try. `unknown` were not wholly readable.
    `unproven` are the known roots that were neither listed nor could be read. `denied` pairs
    resource ids with missing permissions, `details` roots with what could not be read of them.
    """

    sweep: Sweep
    is_listed: bool
    reasons: tuple[str, ...]
    ended_at: datetime | None
    left: int = 0
    evaluated: int = 0
    unknown: int = 0
    given_up: int = 0
    overdue: int = 0
    unproven: int = 0
    denied: tuple[tuple[str, str], ...] = ()
    details: tuple[tuple[str, str], ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every root was listed and looked at; one refused in part still counts."""
        return not self.shortfalls

    @property
    def shortfalls(self) -> tuple[str, ...]:
        """What is missing, in words for people; counts alone, so that they stay as they are."""
        counted = (
            (self.left, "{} not looked at yet" if self.ended_at is None else "{} not looked at"),
            (self.given_up, "{} given up, because every look at it failed"),
            (self.overdue, "{} not readable within an hour"),
            (self.unproven, "{} known before, not listed, and not readable"),
        )
        unlisted = () if self.is_listed or self.reasons else ("the list was not completed",)
        return (
            *self.reasons,
            *unlisted,
            *(words.format(_roots(number)) for number, words in counted if number),
        )


def coverage_of(
    sweep: Sweep,
    roots: Iterable[SweptRoot],
    *,
    is_listed: bool,
    reasons: Iterable[str],
    ended_at: datetime | None,
) -> SweepCoverage:
    """Fold what became of every root into one record."""
    itself = f"/subscriptions/{sweep.subscription}"
    counts = {"left": 0, "evaluated": 0, "unknown": 0, "given_up": 0, "overdue": 0, "unproven": 0}
    denied: list[tuple[str, str]] = []
    details: list[tuple[str, str]] = []
    seen = 0
    for each in roots:
        is_resource = each.root != itself
        seen += is_resource
        outcome = each.outcome
        if outcome is None:
            counts["left"] += 1
            continue
        counts["evaluated"] += outcome.evaluated and is_resource
        counts["unknown"] += bool(outcome.unreadable) and is_resource
        counts["given_up"] += not outcome.evaluated
        counts["overdue"] += outcome.overdue
        counts["unproven"] += outcome.unproven and not each.listed
        name = outcome.resource_id or each.root
        denied += ((name, permission) for permission in outcome.denied)
        details += ((name, why) for why in outcome.unreadable)
    return SweepCoverage(
        sweep=Sweep(
            sweep.id, sweep.subscription, sweep.deep, sweep.baseline, sweep.started_at, seen
        ),
        is_listed=is_listed,
        reasons=tuple(reasons),
        ended_at=ended_at,
        denied=tuple(denied),
        details=tuple(details[:MOST_DETAILS]),
        **counts,
    )


def _roots(number: int) -> str:
    return f"{number} root{'' if number == 1 else 's'}"
