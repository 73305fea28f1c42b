"""A token bucket: how many reads are left, and when there will be more."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NEVER = datetime.min.replace(tzinfo=UTC)
"""Before any time: of a bucket that was never closed."""


@dataclass(slots=True)
class Bucket:
    """Tokens that refill with time; times are UTC.

    `level` is how many there were at `counted_at`. None is given out before `closed_until`.
    """

    capacity: float
    per_second: float
    level: float
    counted_at: datetime
    closed_until: datetime

    def refill(self, now: datetime) -> None:
        """Count what came in since; a clock that was set back gives nothing."""
        # What came in while it was closed is not counted: what ARM had left then is not known.
        since = max(self.counted_at, self.closed_until) if self.closed_until <= now else now
        passed = max((now - since).total_seconds(), 0.0)
        self.level = min(self.level + passed * self.per_second, self.capacity)
        self.counted_at = now

    def take(self, now: datetime, reserve: float) -> bool:
        """Take a token if that leaves the reserve untouched; `refill` first."""
        if now < self.closed_until or self.level < reserve + 1:
            return False
        self.level -= 1
        return True

    def give_back(self) -> None:
        """Put back a token that was not used."""
        self.level = min(self.level + 1, self.capacity)

    def lower(self, level: float) -> None:
        """Learn that no more than this is left: never more than was thought."""
        self.level = min(self.level, max(level, 0.0))

    def fill(self) -> None:
        """Learn that there is more than the bucket holds."""
        self.level = self.capacity

    def close(self, until: datetime) -> None:
        """Give nothing until then, and begin empty."""
        self.level = 0.0
        self.closed_until = max(self.closed_until, until)

    def wait(self, now: datetime, level: float) -> timedelta:
        """Return how long it takes until the level is this one; `refill` first."""
        closed = max(self.closed_until - now, timedelta(0))
        missing = max(level - self.level, 0.0) / self.per_second
        # Rounded up, so that whoever sleeps this long finds the token there.
        return closed + timedelta(microseconds=math.ceil(missing * 1_000_000))

    def next_token(self, now: datetime) -> timedelta:
        """Return how long it takes until there is one token more; `refill` first."""
        return self.wait(now, math.floor(self.level) + 1) + timedelta(microseconds=1)
