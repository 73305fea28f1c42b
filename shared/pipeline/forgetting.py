"""Forget what is older than it is to be kept, a part at a time; never what is open."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from shared.pipeline.hourly import Hourly
from shared.ports import Bookmarks, Clock, Retention

OF_A_RUN: Final = 2_000
BOOKMARK: Final = "forgotten"


@dataclass(slots=True)
class RememberedHere:
    """`Bookmarks` of this process alone."""

    texts: dict[str, str] = field(default_factory=dict)

    async def load(self, name: str) -> str | None:
        """Return the text that was saved last, or None."""
        return self.texts.get(name)

    async def save(self, name: str, text: str) -> None:
        """Replace the text."""
        self.texts[name] = text


@dataclass(frozen=True, slots=True)
class Forgetting:
    """The use case with its ports; `keep` is how long history and closed findings are kept.

    Once an hour it does something. Without `bookmarks` of all, a new process does it once more.
    """

    retention: Retention
    clock: Clock
    keep: timedelta
    bookmarks: Bookmarks = field(default_factory=RememberedHere)

    async def run(self) -> int:
        """Forget some of what is too old; return how much.

        Raises:
            PortError: a store failed; the rest is forgotten later.
        """
        hourly = Hourly(BOOKMARK, self.bookmarks, self.clock)
        hour = await hourly.due()
        if hour is None:
            return 0
        forgotten = await self.retention.purge(self.clock.now() - self.keep, OF_A_RUN)
        await hourly.done(hour)
        return forgotten
