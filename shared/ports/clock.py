"""The time, and waiting."""

from datetime import datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The time, and waiting."""

    def now(self) -> datetime:
        """Return the time now (UTC, aware)."""

    async def sleep(self, duration: timedelta) -> None:
        """Wait."""
