"""Drive dead letters again: the events that Event Grid gave up are taken in as if they came now."""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from shared.events.json_text import items_until_the_fault
from shared.events.outcome import Malformed
from shared.events.recording import read_events
from shared.pipeline.receive import Intake
from shared.ports import DeadLetters, DeadLetterStore, PortError

log = logging.getLogger(__name__)

BATCHES_OF_A_RUN: Final = 50
EVENTS_AT_ONCE: Final = 100
PARSED_WHOLE: Final = 2 * 1024 * 1024
"""Bytes of a batch that are parsed at once, which takes ten times the memory; more, one by one."""
LARGEST: Final = 32 * 1024 * 1024
MOST_TRIES: Final = 3


@dataclass(slots=True)
class DroveDeadLetters:
    """What became of dead letters: `batches` were taken in and removed, with so many `events`.

    `changes` of the events asked for looks, and `malformed` were set aside. `given_up` batches stay
    where they are.
    """

    batches: int = 0
    events: int = 0
    changes: int = 0
    malformed: int = 0
    given_up: int = 0


@dataclass(slots=True)
class _Content:
    """The events of a batch; `faults` says what of it is no JSON."""

    data: bytes
    faults: list[str] = field(default_factory=list)

    def events(self) -> Iterator[object]:
        """Yield the events, but not what cannot be read: that is kept with the whole batch."""
        is_large_array = len(self.data) > PARSED_WHOLE and self.data.lstrip()[:1] == b"["
        items = (
            items_until_the_fault(self.data)
            if is_large_array
            else read_events(io.BytesIO(self.data))
        )
        for each in items:
            if isinstance(each, Malformed):
                self.faults.append(each.reason)
            else:
                yield each


@dataclass(frozen=True, slots=True)
class DeadLetterRun:
    """The use case with its ports."""

    store: DeadLetterStore
    intake: Intake

    async def run(self) -> DroveDeadLetters:
        """Take in what waits, batch by batch; killed in between, some is taken in twice.

        Raises:
            PortError: a port failed; what is left comes again.
        """
        report = DroveDeadLetters()
        for batch in await self.store.waiting(BATCHES_OF_A_RUN):
            try:
                await self._take_in(batch, report)
            except PortError:
                raise
            except Exception as error:
                log.exception("the dead letters %s crash the code", batch.name)
                given_up = batch.tries + 1 >= MOST_TRIES
                await self.store.failed(
                    batch.name, batch.tries + 1, f"crashed: {error!r}", given_up=given_up
                )
                report.given_up += given_up
        return report

    async def _take_in(self, batch: DeadLetters, report: DroveDeadLetters) -> None:
        if batch.size > LARGEST:
            await self._give_up(batch, f"larger than {LARGEST} bytes", report)
            return
        data = await self.store.read(batch.name)
        if data is None:
            return
        content = _Content(data)
        events = content.events()
        while some := list(islice(events, EVENTS_AT_ONCE)):
            receipt = await self.intake.accept(some)
            report.events += receipt.received
            report.changes += len(receipt.messages)
            report.malformed += len(receipt.malformed)
        if content.faults:
            # After a fault the rest may be unread: the batch itself is all that has it.
            await self._give_up(batch, content.faults[0], report)
            return
        await self.store.remove(batch.name)
        report.batches += 1

    async def _give_up(self, batch: DeadLetters, reason: str, report: DroveDeadLetters) -> None:
        log.warning("the dead letters %s stay where they are: %s", batch.name, reason)
        await self.store.failed(batch.name, batch.tries + 1, reason, given_up=True)
        report.given_up += 1
