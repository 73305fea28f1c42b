"""Tell the sinks: every alert to every sink, oldest first, each remembered once it is told.

After a crash between telling and remembering a sink is told again, with the same id. One process at
a time tells a sink, by the lease `sink <name>`; sinks do not delay each other.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from shared.domain.finding import Transition
from shared.ports import Clock, FindingStore, PortError, Sink

log = logging.getLogger(__name__)

BATCH = 100
LEASE = timedelta(seconds=30)
"""Longer than a batch takes to be told; a lost lease costs alerts told twice, never lost ones."""
POLL = timedelta(milliseconds=200)
PATIENCE = LEASE + 2 * POLL
"""So long a taken sink is waited for: the lease of a holder that died is over by then."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The use case with its ports; `worker` names who holds a lease, each delivery another."""

    findings: FindingStore
    sinks: Sequence[Sink]
    clock: Clock
    worker: str

    async def deliver(self) -> int:
        """Tell every sink of what it was not told yet; return how many alerts were told.

        A sink that fails keeps its alerts for the next time and delays no other.
        """
        ended = await asyncio.gather(*map(self._tell, self.sinks), return_exceptions=True)
        for each in ended:
            if isinstance(each, BaseException):
                raise each
        return sum(each for each in ended if isinstance(each, int))

    @asynccontextmanager
    async def pending(self, name: str) -> AsyncIterator[Sequence[Transition]]:
        """Hand out all that a sink was not told of yet, for the caller to tell.

        It counts as told when the block ends, and not when the block fails.
        """
        async with self._turn(name) as ours:
            alerts = await self.findings.undelivered(name, sys.maxsize) if ours else ()
            yield alerts
            if alerts:
                await self.findings.delivered(name, [alert.id for alert in alerts])

    async def _tell(self, sink: Sink) -> int:
        """Tell one sink, batch by batch; return how many alerts it was told."""
        told = 0
        async with self._turn(sink.name) as taken:
            ours = taken
            while ours and (alerts := await self.findings.undelivered(sink.name, BATCH)):
                try:
                    await sink.send(alerts)
                except PortError as error:
                    log.warning("%s was not told of %d alerts: %s", sink.name, len(alerts), error)
                    break
                except Exception:
                    log.exception("%s crashed on %d alerts", sink.name, len(alerts))
                    break
                await self.findings.delivered(sink.name, [alert.id for alert in alerts])
                told += len(alerts)
                ours = await self._lease(sink.name)
        return told

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[bool]:
        """Wait until nobody else tells a sink, and hold it; False when it stays taken."""
        deadline = self.clock.now() + PATIENCE
        while not (ours := await self._lease(name)) and self.clock.now() < deadline:
            await self.clock.sleep(POLL)
        if not ours:
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
