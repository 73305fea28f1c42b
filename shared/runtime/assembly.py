"""The use cases put together on any ports."""

import os
import socket
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TypeVar

from shared.domain.control import Catalogue
from shared.pipeline.deliver import Delivery
from shared.pipeline.evaluations import Evaluations
from shared.pipeline.look import Looks
from shared.pipeline.pokes import Pokes
from shared.pipeline.receive import Intake
from shared.pipeline.sweep import Sweeps
from shared.pipeline.told import Rules
from shared.pipeline.watch import Watch
from shared.pipeline.work import Worker
from shared.ports import (
    Clock,
    FindingStore,
    Inventory,
    SetAsideStore,
    Sink,
    SnapshotStore,
    SweepLedger,
    WorkQueue,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ports:
    """Every adapter of one world; tests build it from fakes."""

    inventory: Inventory
    snapshots: SnapshotStore
    findings: FindingStore
    ledger: SweepLedger
    queue: WorkQueue
    aside: SetAsideStore
    clock: Clock


@dataclass(frozen=True, slots=True)
class Runtime:
    """The use cases, ready to be called by the entry points."""

    ports: Ports
    intake: Intake
    looks: Looks
    sweeps: Sweeps
    worker: Worker
    at_once: int = 1
    """Looks that one worker may have under way."""
    opening: Callable[[], Awaitable[None]] | None = None
    closing: Callable[[], Awaitable[None]] | None = None

    async def within(self, work: Coroutine[None, None, T]) -> T:
        """Do some work between opening and closing what the ports hold open.

        Raises:
            PortError: it could not be opened.
        """
        try:
            if self.opening is not None:
                await self.opening()
            return await work
        finally:
            work.close()
            if self.closing is not None:
                await self.closing()

    def delivery(self, sinks: Sequence[Sink], rules: Rules | None = None) -> Delivery:
        """Return the delivery to these sinks, by the usual rules or others."""
        ports = self.ports
        return Delivery(ports.findings, sinks, ports.clock, _worker_name(), rules or Rules())


def assemble(  # noqa: PLR0913, PLR0917 - what entry points decide
    ports: Ports,
    catalogue: Catalogue,
    watched: frozenset[str] | None = None,
    pokes: Pokes | None = None,
    evaluations: Evaluations | None = None,
    watch: Watch | None = None,
) -> Runtime:
    """Put the use cases together on any ports; `pokes` are for whoever tells the sinks.

    `evaluations` keep what looks come to. `watch` knows the watched subscriptions already.
    """
    watch = watch or Watch(ports.inventory, ports.findings, ports.clock, watched)
    looks = Looks(
        ports.inventory,
        ports.snapshots,
        ports.findings,
        ports.queue,
        ports.clock,
        catalogue,
        watch,
        worker=_worker_name(),
        pokes=pokes,
        evaluations=evaluations,
    )
    sweeps = Sweeps(looks, ports.ledger, watch)
    return Runtime(
        ports,
        Intake(ports.queue, ports.aside, ports.clock, watch),
        looks,
        sweeps,
        Worker(ports.queue, ports.aside, ports.clock, looks.look, sweeps.look, sweeps.give_up),
    )


def _worker_name() -> str:
    """Return a name under which no other worker holds leases."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
