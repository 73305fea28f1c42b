"""What a suite needs of a world whose adapters it tests; a new adapter is one more class here."""

import contextlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from shared.adapters.local.database import Database
from shared.adapters.local.estate import EstateFolder
from shared.adapters.local.finding_store import SqliteFindingStore
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
    SetAsideStore,
    Sink,
    SnapshotStore,
    SweepLedger,
    WorkQueue,
)
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


class StoreBackend(Protocol):
    """Where stores keep what they are given, and the clock that they go by."""

    clock: Clock

    def open(self) -> Stores:
        """Open the stores as one more process would."""

    def close(self) -> None:
        """Let go of everything that was opened."""


class SqliteBackend:
    """A SQLite file; each process has a connection of its own."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
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
        )

    def close(self) -> None:
        """Close every connection."""
        for database in self._opened:
            database.close()


class InventoryBackend(Protocol):
    """An estate that can be changed, and made partly unreadable."""

    clock: Clock
    inventory: Inventory

    def put(self, *resources: Resource) -> None:
        """Create or replace resources."""

    def delete(self, resource_id: str) -> None:
        """Delete one resource, and nothing below it."""

    def spoil(self, root: str) -> None:
        """Make a part of what may hold children of a root unreadable."""

    def mend(self, root: str) -> None:
        """Make it readable again."""

    def close(self) -> None:
        """Let go of everything."""


class FolderBackend:
    """`EstateFolder` on a folder with a file for every resource."""

    def __init__(self, folder: Path) -> None:
        self.clock = SystemClock()
        self._folder = folder
        # An estate without any file would be refused.
        (folder / "none.json").write_text("[]", "utf-8")
        self.inventory = EstateFolder(folder, self.clock)

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

    def close(self) -> None:
        """Nothing is held open."""


class MemoryBackend:
    """`MemoryInventory`, the fake that the tests of the pipeline use."""

    def __init__(self, _folder: Path) -> None:
        self.clock = FakeClock()
        self.inventory = MemoryInventory(self.clock)

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

    def close(self) -> None:
        """Nothing is held open."""


class SinkBackend(Protocol):
    """A sink whose far side can be seen, and taken down.

    `failure` is what it raises then: an error of the port, but for a sink whose end is that of the
    whole run.
    """

    sink: Sink
    failure: type[BaseException]

    def told(self) -> list[str]:
        """Return the ids of the alerts that have arrived."""

    def down(self) -> contextlib.AbstractContextManager[None]:
        """Let nothing arrive for a while."""


class MemorySinkBackend:
    """`MemorySink`, the fake that the tests of the delivery use."""

    failure = PortError

    def __init__(self) -> None:
        self.sink = MemorySink()

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
