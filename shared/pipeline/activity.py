"""What is done with the Activity Log: it is listened to, and once an hour events are checked."""

import logging
from dataclasses import dataclass
from typing import Final

from shared.pipeline.events_arriving import EventCheck
from shared.pipeline.hourly import Hourly
from shared.pipeline.listen import Heard, Listening
from shared.ports import Clock, NoActivityTableError

log = logging.getLogger(__name__)

BOOKMARK: Final = "events_checked"


@dataclass(frozen=True, slots=True)
class ActivityWatch:
    """The use cases; both None where no workspace is set."""

    clock: Clock
    listening: Listening | None = None
    check: EventCheck | None = None

    async def run(self) -> Heard | None:
        """Listen, and check where that is due; None: there is nothing to listen to.

        A workspace without an Activity Log is told by the finding `coverage.events_arriving`.

        Raises:
            PortError: a port failed; the next run reads the same.
        """
        if self.listening is None or self.check is None:
            return None
        hourly = Hourly(BOOKMARK, self.listening.bookmarks, self.clock)
        try:
            heard = await self._heard(self.listening)
        except Exception:
            # What lasts is a finding of the check: so it is made all the same.
            await self._checked(self.check, hourly)
            raise
        await self._checked(self.check, hourly)
        return heard

    @staticmethod
    async def _heard(listening: Listening) -> Heard:
        try:
            return await listening.listen()
        except NoActivityTableError as error:
            log.warning("the Activity Log is not exported: %s", error)
            return Heard()

    @staticmethod
    async def _checked(check: EventCheck, hourly: Hourly) -> None:
        """Check the events, where that was not done for this hour yet."""
        hour = await hourly.due()
        if hour is not None:
            await check.check()
            await hourly.done(hour)
