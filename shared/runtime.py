"""The composition root: settings in, use cases with their adapters out.

Nothing else knows which adapters there are.
"""

import os
import socket
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.adapters.local.database import Database
from shared.adapters.local.documents import Skipped, UnusableInputError, parse_json, resources_in
from shared.adapters.local.estate import EstateFolder
from shared.adapters.local.files import STDIN, Unusable, read_inputs
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.readings import open_world_snapshot
from shared.adapters.local.resource_index import ResourceIndex
from shared.adapters.local.snapshot_store import SqliteSnapshotStore
from shared.adapters.local.sweep_ledger import SqliteSweepLedger
from shared.adapters.local.work_queue import SqliteSetAsideStore, SqliteWorkQueue
from shared.adapters.system_clock import SystemClock
from shared.adapters.terminal.notes import InputNotes, LeftOut
from shared.domain.control import Catalogue
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.pipeline.deliver import Delivery
from shared.pipeline.look import Looks
from shared.pipeline.receive import Intake
from shared.pipeline.sweep import Sweeps
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
from shared.settings import Settings


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

    def delivery(self, sinks: Sequence[Sink]) -> Delivery:
        """Return the delivery to these sinks."""
        return Delivery(self.ports.findings, sinks, self.ports.clock, _worker_name())


def assemble(ports: Ports, catalogue: Catalogue, watched: frozenset[str] | None = None) -> Runtime:
    """Put the use cases together on any ports."""
    watch = Watch(ports.inventory, ports.findings, ports.clock, watched)
    looks = Looks(
        ports.inventory,
        ports.snapshots,
        ports.findings,
        ports.queue,
        ports.clock,
        catalogue,
        watch,
        worker=_worker_name(),
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


def local_ports(estate: Path, store: Path, clock: Clock | None = None) -> Ports:
    """Return the local world: a folder as the estate, a SQLite file for what is remembered.

    Raises:
        PortError: the folder is missing, or the file cannot be used.
    """
    clock = clock or SystemClock()
    inventory = EstateFolder(estate, clock)
    database = Database(store)
    return Ports(
        inventory=inventory,
        snapshots=SqliteSnapshotStore(database),
        findings=SqliteFindingStore(database, clock),
        ledger=SqliteSweepLedger(database),
        queue=SqliteWorkQueue(database, clock),
        aside=SqliteSetAsideStore(database),
        clock=clock,
    )


@contextmanager
def local_run(estate: Path, store: Path | None, catalogue: Catalogue) -> Iterator[Runtime]:
    """Open the local world for one run; without a store what it remembers is forgotten at its end.

    Raises:
        PortError: the folder is missing, or the file cannot be used.
    """
    with ExitStack() as stack:
        if store is None:
            folder = stack.enter_context(TemporaryDirectory(prefix="compliance-"))
            store = Path(folder, "compliance.db")
        ports = local_ports(estate, store)
        if isinstance(ports.findings, SqliteFindingStore):
            stack.callback(ports.findings.database.close)
        yield assemble(ports, catalogue)


def estate_notes(runtime: Runtime) -> InputNotes:
    """Return what the last look at the folder of an estate could not use."""
    estate = runtime.ports.inventory
    if not isinstance(estate, EstateFolder):
        return InputNotes()
    return InputNotes(
        [LeftOut(each.name, "", each.reason) for each in estate.unusable],
        [LeftOut(name, each.what, each.reason) for name, each in estate.skipped],
        estate.twice,
    )


def open_world(
    names: Sequence[str], catalogue: Catalogue, on_input: Callable[[], None]
) -> tuple[Iterator[Snapshot], InputNotes]:
    """Read the ARM JSON that is named.

    A snapshot of each root, made when it is asked for, and what was left out.
    """
    index = ResourceIndex()
    unusable: list[LeftOut] = []
    skipped: list[LeftOut] = []
    for each in read_inputs(names):
        on_input()
        if isinstance(each, Unusable):
            unusable.append(LeftOut(each.name, "", each.reason))
            continue
        name = "standard input" if each[0] == STDIN else each[0]
        try:
            found = list(resources_in(parse_json(each[1])))
        except UnusableInputError as error:
            unusable.append(LeftOut(name, "", str(error)))
            continue
        index.add(part for part in found if isinstance(part, Resource))
        skipped += [LeftOut(name, p.what, p.reason) for p in found if isinstance(p, Skipped)]
    roots = list(index.roots())
    watched = frozenset(root.subscription for root in roots)
    snapshots = (open_world_snapshot(index, root, watched, catalogue.parameters) for root in roots)
    return snapshots, InputNotes(unusable, skipped, index.twice)


@contextmanager
def local_history(store: Path) -> Iterator[FindingStore]:
    """Open what is remembered in a SQLite file that is there already.

    Raises:
        StoreUnusableError: there is no such file, or it cannot be used.
    """
    with closing(Database(store, create=False)) as database:
        yield SqliteFindingStore(database, SystemClock())


def runtime_for(settings: Settings, catalogue: Catalogue) -> Runtime:
    """Return the runtime that the settings ask for.

    Raises:
        PortError: a part of it cannot be opened.
    """
    ports = local_ports(settings.backend.estate, settings.backend.store)
    return assemble(ports, catalogue, settings.watched_subscriptions)
