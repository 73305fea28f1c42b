"""Which change in Azure a transition follows from.

Changes are coalesced: one look can record what several changes did, and messages that ask for no
look of their own any more still tell who made the change. So a transition stays open for
attribution for a day.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Self

from shared.domain.finding import Attribution, Transition
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Attributable
from shared.domain.topology import Source, resource_type
from shared.pipeline.messages import ChangeNote, LookMessage

KEPT_FOR = timedelta(days=1)
"""Activity Log rows are known to be hours late."""
KEPT_AT_MOST = 100
CLOCK_SLACK = timedelta(minutes=1)
"""Azure stamps a change when it completes, which can be just after a look has seen its effect."""


def attributable(
    transitions: Iterable[Transition],
    seen_at: datetime,
    shown: Mapping[str, datetime],
    needs: Mapping[str, Collection[Source]] = MappingProxyType({}),
) -> tuple[Attributable, ...]:
    """Open new transitions for attribution.

    `seen_at` is when the look began reading; `shown` says of each source (its name) that was read
    before until when every change was to be seen then.
    """
    return tuple(
        Attributable(
            each.id,
            each.control,
            each.resource_id,
            seen_at,
            not_before=_not_before(each, shown, needs.get(each.control or "", ())),
        )
        for each in transitions
    )


def _not_before(
    transition: Transition, shown: Mapping[str, datetime], needed: Collection[Source]
) -> datetime | None:
    """Return until when a change would have been seen before; None: it might not have been."""
    if not transition.evidence:
        return None
    # Evidence need not name all that decides: that there is no perimeter is shown by nothing.
    until = [shown.get(each) for each in {*(e.source for e in transition.evidence), *needed}]
    return min((each for each in until if each is not None), default=None) if all(until) else None


def still_waiting(
    before: Sequence[Attributable], new: Sequence[Attributable], now: datetime
) -> list[Attributable]:
    """Return what waits for attribution: the new, and the earlier ones that are young enough.

    An earlier one whose change is known is done with when its finding has changed again.
    """
    changed = {(each.control, each.resource_id.lower()) for each in new}
    kept = [
        each
        for each in before
        if now - each.seen_at < KEPT_FOR
        and (each.attribution is None or (each.control, each.resource_id.lower()) not in changed)
    ]
    return [*kept, *new][-KEPT_AT_MOST:]


def attribute(
    waiting: Sequence[Attributable], message: LookMessage
) -> tuple[tuple[Attributable, ...], dict[str, Attribution]]:
    """Attach the change of a message to the transitions that it explains.

    Returns what waits after that, and the attributions that are new or better, by transition id.
    """
    change = message.change
    found: dict[str, Attribution] = {}
    if change is None or change.failed or not waiting:
        return tuple(waiting), found
    after = list(waiting)
    changed = _Changed.by(change)
    for at, each in enumerate(after):
        candidate = _candidate(each, change, changed)
        if candidate is not None and _is_better(candidate, each, message.accepted_at):
            after[at] = replace(each, attribution=candidate)
            found[each.transition_id] = candidate
    return tuple(after), found


@dataclass(frozen=True, slots=True)
class _Changed:
    """What a change was made to, by keys: itself, what it is judged with, and its root.

    `judged`: it is of a type that is judged.
    """

    key: str
    judged_with: str
    root: str
    judged: bool

    @classmethod
    def by(cls, change: ChangeNote) -> Self:
        """Find it out once for all that waits."""
        changed = ResourceId.parse(change.resource_id)
        judged = resource_type(changed.type) is not None
        return cls(changed.key, _judged_with(changed), changed.root.key, judged)

    def decides(self, subject: str) -> bool:
        """Whether it can change the verdict on another resource; no judged sibling can."""
        if subject.startswith(self.key + "/"):
            return True
        same_root = subject == self.root or subject.startswith(self.root + "/")
        return not same_root or not self.judged


def _candidate(waiting: Attributable, change: ChangeNote, changed: _Changed) -> Attribution | None:
    """Return the attribution to a change, None when the change cannot have led to it."""
    subject = waiting.resource_id.lower()
    exact = changed.judged_with == subject
    if not exact and not changed.decides(subject):
        return None
    return Attribution(change.actor, change.occurred_at, change.correlation_id, exact)


def _judged_with(changed: ResourceId) -> str:
    """Return what a resource is judged as a part of: itself, or the nearest above it that is."""
    while changed.segments and resource_type(changed.type) is None:
        changed = changed.parent
    return changed.key


def _is_better(candidate: Attribution, waiting: Attributable, accepted_at: datetime) -> bool:
    """Whether a change explains a transition, and more of it than what is known.

    A change that was to be seen before does not: somebody else made the one that is looked for. A
    known change is only replaced by one that was told before the look, or that names the very
    resource where the known one does not; and never by one without an actor.
    """
    known, not_before = waiting.attribution, waiting.not_before
    if not_before is not None and candidate.occurred_at < not_before - CLOCK_SLACK:
        return False
    if known is None:
        return candidate.occurred_at <= waiting.seen_at + CLOCK_SLACK
    if candidate.occurred_at > waiting.seen_at or not _rank(known) < _rank(candidate):
        return False
    told_before = accepted_at <= waiting.seen_at
    return told_before or candidate.exact > known.exact or known.actor is None


def _rank(attribution: Attribution) -> tuple[bool, bool, datetime]:
    """Order attributions by how much they explain."""
    return attribution.actor is not None, attribution.exact, attribution.occurred_at
