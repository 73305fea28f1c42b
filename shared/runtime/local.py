"""The local world: a folder as the estate, a SQLite file as the memory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
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
from shared.ports import Clock, FindingStore, Inventory
from shared.runtime.assembly import Ports, Runtime, assemble


def local_ports(estate: Path, store: Path, clock: Clock | None = None) -> Ports:
    """Return the local world: a folder as the estate, a SQLite file for what is remembered.

    Raises:
        PortError: the folder is missing, or the file cannot be used.
    """
    clock = clock or SystemClock()
    inventory = EstateFolder(estate, clock)
    return local_stores(Database(store), inventory, clock)


def local_stores(database: Database, inventory: Inventory, clock: Clock) -> Ports:
    """Return the ports of any inventory with a SQLite file as the memory."""
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
        ports = local_ports(estate, kept_in(stack, store))
        if isinstance(ports.findings, SqliteFindingStore):
            stack.callback(ports.findings.database.close)
        yield assemble(ports, catalogue)


def kept_in(stack: ExitStack, store: Path | None) -> Path:
    """Return the store, or a temporary one that goes with the stack."""
    if store is not None:
        return store
    return Path(stack.enter_context(TemporaryDirectory(prefix="compliance-")), "compliance.db")


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
