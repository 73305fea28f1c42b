"""What a sweep still waits for when it ends for now: until when, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.snapshot import Problem


@dataclass(frozen=True, slots=True)
class Waiting:
    """When what is left is due (UTC), and what it waits for, where that is known."""

    until: datetime
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Waits:
    """What roots (by key) wait for, as their looks told.

    `due` is when the next root is looked at, those included that an earlier run left.
    """

    told: Mapping[str, Waiting]
    due: datetime | None

    def of(self, subscription: str) -> Waiting | None:
        """Return when all of a subscription is due; None: nothing is known to wait."""
        itself = f"/subscriptions/{subscription}"
        ours = [
            each for key, each in self.told.items() if key == itself or key.startswith(f"{itself}/")
        ]
        fallback = None if self.due is None else Waiting(self.due)
        return max(ours, key=lambda each: each.until, default=fallback)


def waiting_for(until: datetime, problems: Iterable[Problem]) -> Waiting:
    """Return what a root waits for: of its problems the one that takes longest to pass."""
    passing = [
        (each.retry_after, -len(each.detail), each.detail)
        for each in problems
        if each.retry_after is not None
    ]
    _, _, why = max(passing, default=(timedelta(0), 0, None))
    return Waiting(until, why)
