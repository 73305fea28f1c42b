"""Read again what was set aside, once its cause may be gone.

Everything when the code that reads it has changed, or which subscriptions are watched; and once a
day what is a week old at most, because the estate that is watched changes by itself. What can be
used now goes on, and is kept no longer; the rest stays with its reason.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import orjson
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from shared.pipeline.messages import LookMessage, MalformedMessageError, Trigger, decode
from shared.pipeline.poison import WAITS, redrive
from shared.pipeline.receive import Intake
from shared.ports import Bookmarks, Clock, PortError, QueueName, SetAside, SetAsideStore

log = logging.getLogger(__name__)

BOOKMARK: Final = "second_reading"
EVERY: Final = timedelta(days=1)
YOUNG: Final = timedelta(days=7)
PAGE: Final = 100
PAGES_OF_A_RUN: Final = 5


@dataclass(slots=True)
class ReadAgain:
    """What one run read again, how much of it went on, and how much stays."""

    read: int = 0
    went_on: int = 0
    stays: int = 0


@dataclass(frozen=True, slots=True)
class _Round:
    """How far a round has come; `after` None: to its end. `code` is what it reads with."""

    code: str
    began_at: AwareDatetime
    everything: bool
    after: str | None = ""


_ADAPTER = TypeAdapter(_Round)


@dataclass(frozen=True, slots=True)
class SecondReading:
    """The use case with its ports; `code` returns a name of all that decides what inputs mean."""

    aside: SetAsideStore
    intake: Intake
    bookmarks: Bookmarks
    clock: Clock
    code: Callable[[], str]

    async def run(self) -> ReadAgain:
        """Read on, a few pages a run.

        Raises:
            PortError: a port failed; the next run reads the same page again.
        """
        report = ReadAgain()
        now = self.clock.now()
        reading = await self._round(now)
        for _ in range(PAGES_OF_A_RUN):
            if reading.after is None:
                break
            page, after = await self.aside.page(reading.after, PAGE)
            due = [each for each in page if reading.everything or now - each.item.at < YOUNG]
            for each in due:
                report.read += 1
                if await self._goes_on(each.item, reading):
                    # Last, so that whoever is killed before has lost nothing.
                    await self.aside.remove(each.name)
                    report.went_on += 1
                else:
                    report.stays += 1
            # The newest come first: after one that is too old all are.
            ended = not after or len(due) < len(page)
            reading = replace(reading, after=None if ended else after)
            await self.bookmarks.save(BOOKMARK, _ADAPTER.dump_json(reading).decode())
        return report

    async def _round(self, now: datetime) -> _Round:
        """Return the round that is under way, or one that is due."""
        text = await self.bookmarks.load(BOOKMARK)
        try:
            last = None if text is None else _ADAPTER.validate_json(text)
        except ValidationError:
            log.exception("the bookmark %s cannot be read; everything is read again", BOOKMARK)
            last = None
        code = self.code()
        if last is None or last.code != code:
            # Where none was read before, no other code has set anything aside.
            return _Round(code, now, everything=text is not None)
        if last.after is None and now - last.began_at >= EVERY:
            return _Round(code, now, everything=False)
        return last

    async def _goes_on(self, item: SetAside, reading: _Round) -> bool:
        """Hand on an input where that is possible now; one that was cut never is."""
        if len(item.text) != item.length:
            return False
        try:
            return await self._hand_on(item.text, reading)
        except PortError:
            raise
        except Exception:
            # Nor does it keep the others from being read.
            log.exception("an input that was set aside crashes the code")
            return False

    async def _hand_on(self, text: str, reading: _Round) -> bool:
        try:
            return await self._look_again(decode(text), reading)
        except MalformedMessageError:
            pass
        try:
            payload = orjson.loads(text)
        except orjson.JSONDecodeError:
            return False
        receipt = await self.intake.sort([payload])
        if receipt.malformed:
            return False
        await self.intake.remember(receipt)
        texts = [each.encode() for each in receipt.messages]
        if texts:
            await self.intake.queue.put(QueueName.LOOKS, texts)
        return True

    async def _look_again(self, message: LookMessage, reading: _Round) -> bool:
        """Let a message that crashed the code come back: by new code, or as often as others."""
        if message.trigger is Trigger.SWEEP:
            return False
        if reading.everything:
            message = replace(message, redrives=0)
        if message.redrives >= len(WAITS):
            return False
        await redrive(self.intake.queue, message)
        return True
