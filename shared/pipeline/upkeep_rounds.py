"""What became of the last round of upkeep, for those who ask how the monitor is."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from shared.domain.health import Health
from shared.pipeline.health_report import Signs, as_sentence, seconds, words_of
from shared.ports import Bookmarks, Clock

log = logging.getLogger(__name__)

BOOKMARK: Final = "upkeep"
MEASURES: Final = ("redrive_seconds", "redrive_failed")
LATE: Final = timedelta(minutes=30)
"""A round begins every five minutes, and takes ten at most."""
LONGEST_REASON: Final = 300
"""Characters kept of why a task failed."""


@dataclass(frozen=True, slots=True)
class Round:
    """When a round came to its end, and why which of its tasks failed."""

    ended_at: AwareDatetime
    failed: Mapping[str, str]


_ROUND = TypeAdapter(Round)


@dataclass(frozen=True, slots=True)
class UpkeepRounds:
    """Remembers the last round that came to its end, and tells of it."""

    bookmarks: Bookmarks
    clock: Clock

    async def remember(self, failed: Mapping[str, str]) -> None:
        """Remember a round that ends now.

        Raises:
            PortError: it may not be remembered.
        """
        brief = {name: why[:LONGEST_REASON] for name, why in failed.items()}
        ended = Round(self.clock.now(), brief)
        await self.bookmarks.save(BOOKMARK, _ROUND.dump_json(ended).decode())

    async def last(self) -> Round | None:
        """Return the last round; None: none came to its end.

        Raises:
            PortError: it cannot be read.
        """
        text = await self.bookmarks.load(BOOKMARK)
        try:
            return None if text is None else _ROUND.validate_json(text)
        except ValidationError:
            log.exception("the bookmark %s cannot be read", BOOKMARK)
            return None

    async def take(self, now: datetime, signs: Signs) -> None:
        """Tell what became of it.

        Raises:
            PortError: it cannot be read.
        """
        last = await self.last()
        remedy = "See in the log of `redrive` why; what was not done comes again by itself."
        if last is None:
            signs.measures |= dict.fromkeys(MEASURES)
            signs.check("redrive", Health.WARN, "None has come to its end yet.", remedy)
            return
        age = now - last.ended_at
        signs.measures["redrive_seconds"] = seconds(age)
        signs.measures["redrive_failed"] = len(last.failed)
        health = Health.FAULT if age > LATE else Health.WARN if last.failed else Health.OK
        failed = "; ".join(f"`{name}` {why}" for name, why in last.failed.items())
        said = f"The last ended {words_of(age)} ago"
        if failed:
            said += f", and of its tasks {failed}"
        signs.check("redrive", health, as_sentence(said), remedy)
