"""What is done with the Activity Log: it is listened to, and once an hour events are checked."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.pipeline.events_arriving import EventCheck
from shared.pipeline.listen import Heard, Listening
from shared.ports import Clock, NoActivityTableError

log = logging.getLogger(__name__)

EVERY: Final = timedelta(minutes=5)
"""How often this runs; the first run of an hour also checks the events."""


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
        is_due = self.clock.now().minute < EVERY.total_seconds() / 60
        try:
            return await self.listening.listen()
        except NoActivityTableError as error:
            log.warning("the Activity Log is not exported: %s", error)
            return Heard()
        finally:
            if is_due:
                await self.check.check()
