"""Azure's quotas: ARM's token bucket and the query window of Resource Graph."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

READS, READS_PER_SECOND = 250, 25
"""A subscription's bucket for one principal, and how fast it fills (ARM's limits since 2024)."""
QUERIES, WINDOW = 15, 5
"""Resource Graph answers so many queries in so many seconds to one user."""
UNLIMITED_READS = 11999
"""What the header says while the quota is off, as with the old hourly limits."""

Seconds = Callable[[], float]


@dataclass(slots=True)
class ReadQuota:
    """ARM's token bucket per subscription; counts nothing while it is off."""

    is_on: bool = False
    clock: Seconds = time.monotonic
    size: float = READS
    per_second: float = READS_PER_SECOND
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, subscription: str) -> tuple[int, float]:
        """Take a token: what remains, and how many seconds to wait (0: it was granted)."""
        if not self.is_on:
            return UNLIMITED_READS, 0.0
        now = self.clock()
        left, at = self._buckets.get(subscription, (self.size, now))
        left = min(self.size, left + (now - at) * self.per_second)
        wait = 0.0 if left >= 1 else (1 - left) / self.per_second
        left -= 0.0 if wait else 1.0
        self._buckets[subscription] = (left, now)
        return int(left), wait


@dataclass(slots=True)
class QueryQuota:
    """The queries that Resource Graph still answers in this window; answers all while it is off."""

    is_on: bool = False
    clock: Seconds = time.monotonic
    _began: float = -WINDOW
    _answered: int = 0

    def take(self) -> tuple[bool, int, int]:
        """Take a query: whether it is answered, what remains, and the seconds until it resets."""
        now = self.clock()
        if not self.is_on or now - self._began >= WINDOW:
            self._began, self._answered = now, 0
        is_answered = self._answered < QUERIES
        self._answered += is_answered
        return is_answered, QUERIES - self._answered, math.ceil(WINDOW - (now - self._began))
