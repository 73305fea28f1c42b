"""The clock of the machine."""

import asyncio
from datetime import UTC, datetime, timedelta


class SystemClock:
    """`Clock` of the operating system, in UTC."""

    def now(self) -> datetime:
        """Return the time now."""
        return datetime.now(UTC)

    async def sleep(self, duration: timedelta) -> None:
        """Wait."""
        await asyncio.sleep(duration.total_seconds())
