"""Forget what is older than it is to be kept, a part at a time; never what is open."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.ports import Clock, Retention

OF_A_RUN: Final = 2_000
RUNS: Final = timedelta(minutes=5)
"""How often this is asked; the first time of an hour it does something."""


@dataclass(frozen=True, slots=True)
class Forgetting:
    """The use case with its ports; `keep` is how long history and closed findings are kept."""

    retention: Retention
    clock: Clock
    keep: timedelta

    async def run(self) -> int:
        """Forget some of what is too old; return how much.

        Raises:
            PortError: the store failed; the rest is forgotten later.
        """
        now = self.clock.now()
        if now.minute >= RUNS.total_seconds() / 60:
            return 0
        return await self.retention.purge(now - self.keep, OF_A_RUN)
