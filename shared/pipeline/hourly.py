"""Work that is due once an hour: for which hour it was done last is remembered in a bookmark.

What is due is told by that, and not by the time of day: what a timer missed in its hour, because it
came late, was skipped or failed, the next one makes up for.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from shared.ports import Bookmarks, Clock

log = logging.getLogger(__name__)

_HOUR = TypeAdapter(AwareDatetime)


@dataclass(frozen=True, slots=True)
class Hourly:
    """Remembers for which hour the work of a name was done."""

    name: str
    bookmarks: Bookmarks
    clock: Clock

    async def due(self) -> datetime | None:
        """Return the hour for which the work is to be done now; None: for this one it is done.

        Raises:
            PortError: the bookmark could not be read.
        """
        hour = self.clock.now().replace(minute=0, second=0, microsecond=0)
        text = await self.bookmarks.load(self.name)
        try:
            last = None if text is None else _HOUR.validate_json(text)
        except ValidationError:
            log.exception("the bookmark %s cannot be read; its work is done again", self.name)
            return hour
        return None if last == hour else hour

    async def done(self, hour: datetime) -> None:
        """Remember that the work of an hour is done.

        Raises:
            PortError: it may not be remembered; the work is done again.
        """
        await self.bookmarks.save(self.name, _HOUR.dump_json(hour).decode())
