"""Drive dead letters again: the events that Event Grid gave up are taken in as if they came now."""

import io
import logging
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Final

from shared.events.json_text import items_until_the_fault
from shared.events.outcome import Malformed
from shared.events.recording import read_events
from shared.pipeline.receive import Intake
from shared.ports import DeadLetters, DeadLetterStore, PortError, SetAside

log = logging.getLogger(__name__)

BATCHES_OF_A_RUN: Final = 50
LISTED: Final = 500
"""Batches that are listed: however many of them are bad, there are others among them."""
LONGEST_RUN: Final = timedelta(seconds=60)
"""After which no further batch is begun."""
OUTAGE: Final = 3
"""So many batches that fail, with none that does not, fail by no fault of theirs."""
EVENTS_AT_ONCE: Final = 100
PARSED_WHOLE: Final = 2 * 1024 * 1024
"""Bytes of a batch that are parsed at once, which takes ten times the memory; more, one by one."""
LARGEST: Final = 32 * 1024 * 1024
MOST_TRIES: Final = 3


@dataclass(slots=True)
class DroveDeadLetters:
    """What became of dead letters: `batches` were taken in and removed, with so many `events`.

    `changes` of the events asked for looks, and `malformed` were set aside. `given_up` batches stay
    where they are; why is set aside.
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


@dataclass(slots=True)
class _Run:
    """What one run has met: batches that it could `read` or not, and failures of the ports."""

    report: DroveDeadLetters = field(default_factory=DroveDeadLetters)
    read: int = 0
    unread: list[tuple[DeadLetters, PortError]] = field(default_factory=list)
    failures: list[PortError] = field(default_factory=list)
    failed_in_a_row: int = 0


@dataclass(frozen=True, slots=True)
class DeadLetterRun:
    """The use case with its ports."""

    store: DeadLetterStore
    intake: Intake

    async def run(self) -> DroveDeadLetters:
        """Take in what waits, batch by batch; killed in between, some is taken in twice.

        A bad batch delays no other. It is tried a few times, and then given up: it stays where it
        is, and why is set aside, where people see it.

        Raises:
            PortError: batches could not be listed, taken in or marked; what is left comes again.
        """
        run = _Run()
        until = self.intake.clock.now() + LONGEST_RUN
        for batch in await self.store.waiting(LISTED):
            if run.report.batches >= BATCHES_OF_A_RUN or self.intake.clock.now() >= until:
                break
            await self._attempt(run, self._drive(batch, run))
            if run.failed_in_a_row >= OUTAGE:
                break
        if run.read:
            for batch, error in run.unread:
                reason = f"cannot be read: {error}"
                await self._attempt(run, self._tried(batch, reason, run.report))
        else:
            # Where none can be read, be it the only one, none of them is to blame.
            run.failures += [error for _, error in run.unread]
        if run.failures:
            told = f"{len(run.failures)} batches of dead letters are left for later"
            raise PortError(f"{told}: {run.failures[-1]}") from run.failures[-1]
        return run.report

    async def _attempt(self, run: _Run, work: Awaitable[None]) -> None:
        """Do something for one batch; what fails keeps none of the others waiting."""
        try:
            await work
        except PortError as error:
            log.warning("dead letters are left for later: %s", error)
            run.failures.append(error)
            run.failed_in_a_row += 1
        else:
            run.failed_in_a_row = 0

    async def _drive(self, batch: DeadLetters, run: _Run) -> None:
        """Take in one batch; what is wrong with it counts as a try.

        Raises:
            PortError: something else is wrong than the batch.
        """
        if batch.size > LARGEST:
            await self._give_up(batch, f"larger than {LARGEST} bytes", run.report)
            return
        try:
            data = await self.store.read(batch.name)
        except PortError as error:
            run.unread.append((batch, error))
            return
        if data is None:
            # Gone, then; but one that is listed again and again must not be met for ever.
            await self._tried(batch, "is listed, and not there", run.report)
            return
        run.read += 1
        try:
            await self._take_in(batch, data, run.report)
        except PortError:
            raise
        except Exception as error:
            log.exception("the dead letters %s crash the code", batch.name)
            await self._tried(batch, f"crashed: {error!r}", run.report)

    async def _take_in(self, batch: DeadLetters, data: bytes, report: DroveDeadLetters) -> None:
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

    async def _tried(self, batch: DeadLetters, reason: str, report: DroveDeadLetters) -> None:
        """Remember a try that failed; the last one gives the batch up."""
        tries = batch.tries + 1
        if tries >= MOST_TRIES:
            await self._give_up(batch, reason, report)
            return
        log.warning("the dead letters %s were tried %d times: %s", batch.name, tries, reason)
        await self.store.failed(batch.name, tries, reason, given_up=False)

    async def _give_up(self, batch: DeadLetters, reason: str, report: DroveDeadLetters) -> None:
        log.warning("the dead letters %s stay where they are: %s", batch.name, reason)
        text = f"The dead letters {batch.name} stay where they are."
        # First, for what is given up is met no more. The length says that this is not all of it.
        kept = SetAside(self.intake.clock.now(), reason, text, max(batch.size, len(text) + 1))
        await self.intake.aside.keep([kept])
        await self.store.failed(batch.name, batch.tries + 1, reason, given_up=True)
        report.given_up += 1
