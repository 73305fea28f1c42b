"""Tell the sinks: every alert to every sink, oldest first, each remembered once it is told.

After a crash between telling and remembering a sink is told again, with the same id. One process at
a time tells a sink, by the lease `sink <name>`; sinks do not delay each other.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from shared.domain.finding import Transition
from shared.pipeline.pokes import Pokes
from shared.pipeline.standing import Standing
from shared.pipeline.tell import TAKEN, Turn
from shared.pipeline.told import Rules, Told
from shared.ports import Clock, FindingStore, Sink

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""Longer than a batch takes to be told; a lost lease costs alerts told twice, never lost ones."""
POLL = timedelta(milliseconds=200)
PATIENCE = LEASE + 2 * POLL
"""So long a taken sink is waited for: the lease of a holder that died is over by then."""
_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a delivery, by the names of the sinks."""

    sinks: Mapping[str, Told] = field(default_factory=dict)

    @property
    def told(self) -> int:
        """How many alerts were told, those of every sink counted."""
        return sum(each.told for each in self.sinks.values())

    @property
    def parked(self) -> int:
        """How many were parked."""
        return sum(len(each.parked) for each in self.sinks.values())

    @property
    def next_at(self) -> datetime | None:
        """When it is to go on; None: nothing is left that could be told."""
        due = [each.next_at for each in self.sinks.values() if each.next_at is not None]
        return min(due, default=None)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The use case with its ports; `worker` names who holds a lease, each delivery another.

    `patience` is how long a sink is waited for that another is telling. With `pokes` it asks for
    another delivery when something is due later.
    """

    findings: FindingStore
    sinks: Sequence[Sink]
    clock: Clock
    worker: str
    rules: Rules = field(default_factory=Rules)
    patience: timedelta = PATIENCE
    pokes: Pokes | None = None

    async def deliver(self, budget: timedelta | None = None) -> Delivered:
        """Tell every sink of what it was not told yet and takes now; begin nothing after `budget`.

        A sink that fails keeps its alerts for later and delays no other.

        Raises:
            PortError: the store or the queue failed; the other sinks are told all the same.
        """
        until = _EVER if budget is None else self.clock.now() + budget
        told = await asyncio.gather(
            *(self._tell(each, until) for each in self.sinks), return_exceptions=True
        )
        ended: dict[str, Told] = {}
        failures: list[BaseException] = []
        for sink, each in zip(self.sinks, told, strict=True):
            if isinstance(each, BaseException):
                if isinstance(each, Exception):
                    # Only one of them is raised.
                    log.warning("%s could not be told: %r", sink.name, each)
                failures.append(each)
            else:
                ended[each.sink] = each
        if failures:
            raise failures[0]
        return Delivered(ended)

    async def has_alerts(self) -> bool:
        """Whether a sink is still to be told of something.

        Raises:
            PortError: the store failed.
        """
        for each in self.sinks:
            if await self.findings.undelivered(each.name, 1):
                return True
        return False

    @asynccontextmanager
    async def pending(self, name: str) -> AsyncIterator[Sequence[Transition]]:
        """Hand out all that a sink was not told of yet, for the caller to tell.

        It counts as told when the block ends, and not when the block fails.
        """
        async with self._turn(name) as ours:
            alerts = await self.findings.undelivered(name, sys.maxsize) if ours else ()
            yield [each for each in alerts if self.rules.concern(name, each)]
            if alerts:
                await self.findings.delivered(name, [alert.id for alert in alerts])

    async def _tell(self, sink: Sink, until: datetime) -> Told:
        """Tell one sink; return what became of it."""
        total = Told(sink.name)
        while True:
            async with self._turn(sink.name) as ours:
                if not ours:
                    total.next_at, total.why = self.clock.now() + POLL, TAKEN
                    return total
                standing = Standing(sink.name, self.findings, self.clock, self.rules)
                hold = partial(self._lease, sink.name)
                told = await Turn(sink, standing, until, hold, self.pokes).run()
            total.told += told.told
            total.parked |= told.parked
            total.next_at, total.why, total.failed = told.next_at, told.why, told.failed
            # Whoever came while the lease was held went away again: what they came for is here.
            if told.next_at is not None or not await self.findings.undelivered(sink.name, 1):
                return total

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[bool]:
        """Wait until nobody else tells a sink, and hold it; False when it stays taken."""
        deadline = self.clock.now() + self.patience
        while not (ours := await self._lease(name)) and self.clock.now() < deadline:
            await self.clock.sleep(POLL)
        if not ours and self.patience:
            log.warning("%s is still being told by another process: its alerts are left", name)
        try:
            yield ours
        finally:
            if ours:
                await self.findings.release(_key(name), self.worker)

    async def _lease(self, name: str) -> bool:
        """Take or prolong the lease of a sink."""
        return await self.findings.lease(_key(name), self.worker, LEASE)


def _key(name: str) -> str:
    return f"sink {name}"
