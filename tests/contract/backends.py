"""What a suite needs of a world whose adapters it tests; a new adapter is one more class here."""

import contextlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE, SWEEPS_TABLE
from shared.adapters.azure.storage.queues import StorageWorkQueue
from shared.adapters.azure.storage.retention import TableRetention
from shared.adapters.azure.storage.set_aside import BlobSetAsideStore
from shared.adapters.azure.storage.snapshots import BlobSnapshotStore
from shared.adapters.azure.storage.sweep_ledger import TableSweepLedger
from shared.adapters.azure.storage.tables import Table
from shared.adapters.local.database import Database
from shared.adapters.local.estate import EstateFolder
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.retention import SqliteRetention
from shared.adapters.local.snapshot_store import SqliteSnapshotStore
from shared.adapters.local.sweep_ledger import SqliteSweepLedger
from shared.adapters.local.work_queue import SqliteSetAsideStore, SqliteWorkQueue
from shared.adapters.system_clock import SystemClock
from shared.adapters.terminal.page import Page
from shared.adapters.terminal.sinks import ConsoleSink, ReaderGoneError
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem
from shared.domain.topology import Source
from shared.domain.verdict import Cause
from shared.ports import (
    Clock,
    FindingStore,
    Inventory,
    PortError,
    Retention,
    SetAsideStore,
    Sink,
    SnapshotStore,
    SweepLedger,
    WorkQueue,
)
from tests.azurite_server import Azurite, clients
from tests.fakes import FakeClock, MemoryInventory, MemorySink


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores as one process holds them; `visibility` is how long a taken message is away."""

    findings: FindingStore
    snapshots: SnapshotStore
    ledger: SweepLedger
    queue: WorkQueue
    aside: SetAsideStore
    visibility: timedelta
    retention: Retention


class StoreBackend(Protocol):
    """Where stores keep what they are given, and the clock that they go by."""

    clock: Clock

    def open(self) -> Stores:
        """Open the stores as one more process would."""

    async def close(self) -> None:
        """Let go of everything that was opened."""


class SqliteBackend:
    """A SQLite file; each process has a connection of its own."""

    def __init__(self, folder: Path) -> None:
        self.clock: Clock = FakeClock()
        self._file = folder / "store" / "compliance.db"
        self._opened: list[Database] = []

    def open(self) -> Stores:
        """Open the file once more."""
        database = Database(self._file)
        self._opened.append(database)
        queue = SqliteWorkQueue(database, self.clock)
        return Stores(
            SqliteFindingStore(database, self.clock),
            SqliteSnapshotStore(database),
            SqliteSweepLedger(database),
            queue,
            SqliteSetAsideStore(database),
            queue.visibility,
            SqliteRetention(database),
        )

    async def close(self) -> None:
        """Close every connection."""
        for database in self._opened:
            database.close()


class AzuriteBackend:
    """A storage account of Azurite; each process has clients of its own.

    Its clock is the machine's, so what has to pass there really passes.
    """

    def __init__(self, azurite: Azurite) -> None:
        self.clock: Clock = SystemClock()
        self._account = azurite.account()
        self._opened = contextlib.AsyncExitStack()

    def open(self) -> Stores:
        """Connect once more."""
        opened = clients(self._account)
        self._opened.push_async_callback(opened.close)
        table = Table(opened, FINDINGS_TABLE)
        queue = StorageWorkQueue(opened, self.clock, visibility=timedelta(seconds=2))
        return Stores(
            TableFindingStore(table, self.clock),
            BlobSnapshotStore(opened),
            TableSweepLedger(Table(opened, SWEEPS_TABLE)),
            queue,
            BlobSetAsideStore(opened),
            queue.visibility,
            TableRetention(table),
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._opened.aclose()


class InventoryBackend(Protocol):
    """An estate that can be changed, and made partly unreadable."""

    clock: Clock
    inventory: Inventory

    async def start(self) -> None:
        """Make the inventory ready."""

    def put(self, *resources: Resource) -> None:
        """Create or replace resources."""

    def delete(self, resource_id: str) -> None:
        """Delete one resource, and nothing below it."""

    def spoil(self, root: str) -> None:
        """Make a part of what may hold children of a root unreadable."""

    def mend(self, root: str) -> None:
        """Make it readable again."""

    async def close(self) -> None:
        """Let go of everything."""


class FolderBackend:
    """`EstateFolder` on a folder with a file for every resource."""

    def __init__(self, folder: Path) -> None:
        self.clock = SystemClock()
        self._folder = folder
        # An estate without any file would be refused.
        (folder / "none.json").write_text("[]", "utf-8")
        self.inventory = EstateFolder(folder, self.clock)

    async def start(self) -> None:
        """It is ready."""

    def _file(self, resource_id: str) -> Path:
        return self._folder / (resource_id.lower().strip("/").replace("/", "~") + ".json")

    def put(self, *resources: Resource) -> None:
        """Write a file for each resource."""
        for each in resources:
            stated = {"apiVersion": each.api_version} if each.api_version else {}
            self._file(each.id.key).write_text(json.dumps({**each.body, **stated}), "utf-8")

    def delete(self, resource_id: str) -> None:
        """Remove the file of a resource."""
        self._file(resource_id).unlink()

    def spoil(self, root: str) -> None:
        """Put a file there that is no JSON."""
        self._more(root).write_text("{", "utf-8")

    def mend(self, root: str) -> None:
        """Put an empty list in its place."""
        self._more(root).write_text("[]", "utf-8")

    def _more(self, root: str) -> Path:
        return self._folder / f"{ResourceId.parse(root).name}-more.json"

    async def close(self) -> None:
        """Nothing is held open."""


class MemoryBackend:
    """`MemoryInventory`, the fake that the tests of the pipeline use."""

    def __init__(self, _folder: Path) -> None:
        self.clock = FakeClock()
        self.inventory = MemoryInventory(self.clock)

    async def start(self) -> None:
        """It is ready."""

    def put(self, *resources: Resource) -> None:
        """Put resources there."""
        self.inventory.put(*resources)

    def delete(self, resource_id: str) -> None:
        """Take one resource away."""
        self.inventory.remove(ResourceId.parse(resource_id))

    def spoil(self, root: str) -> None:
        """Let the list of deployments fail half-way."""
        problem = Problem(Cause.UNREADABLE, "503 on the second page")
        self.inventory.problems[ResourceId.parse(root).key, Source.DEPLOYMENTS] = problem

    def mend(self, root: str) -> None:
        """Let the list of deployments be read whole again."""
        del self.inventory.problems[ResourceId.parse(root).key, Source.DEPLOYMENTS]

    async def close(self) -> None:
        """Nothing is held open."""


class SinkBackend(Protocol):
    """A sink whose far side can be seen, and taken down.

    `failure` is what it raises then: an error of the port, but for a sink whose end is that of the
    whole run.
    """

    sink: Sink
    failure: type[BaseException]

    async def start(self) -> None:
        """Make the sink ready."""

    async def close(self) -> None:
        """Let go of everything."""

    def told(self) -> list[str]:
        """Return the ids of the alerts that have arrived."""

    def down(self) -> contextlib.AbstractContextManager[None]:
        """Let nothing arrive for a while."""


class MemorySinkBackend:
    """`MemorySink`, the fake that the tests of the delivery use."""

    failure = PortError

    def __init__(self) -> None:
        self.sink = MemorySink()

    async def start(self) -> None:
        """It is ready."""

    async def close(self) -> None:
        """Nothing is held open."""

    def told(self) -> list[str]:
        """Return what it remembers."""
        return [alert.id for alert in self.sink.told]

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Take it down for a while."""
        self.sink.down = True
        yield
        self.sink.down = False


class _Pipe(io.StringIO):
    """An output that somebody reads, or nobody any more."""

    broken = False

    def flush(self) -> None:
        """Hand on what is written."""
        if self.broken:
            raise BrokenPipeError


class ConsoleSinkBackend:
    """`ConsoleSink` on a page that is kept."""

    failure = ReaderGoneError

    def __init__(self) -> None:
        self._output = _Pipe()
        self.sink = ConsoleSink(Page(self._output, width=80, colour=False), before=lambda: None)

    async def start(self) -> None:
        """It is ready."""

    async def close(self) -> None:
        """Nothing is held open."""

    def told(self) -> list[str]:
        """Return what it remembers; so much stands on the page."""
        ids = [alert.id for alert in self.sink.alerts]
        assert self._output.getvalue().count("OPENED") >= len(ids)
        return ids

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Let nobody read for a while."""
        self._output.broken = True
        yield
        self._output.broken = False
