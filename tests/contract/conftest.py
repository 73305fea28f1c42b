"""The worlds that every suite runs in: an adapter joins its suites by a line here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.ports import Clock, Inventory
from tests.contract.backends import (
    ConsoleSinkBackend,
    FolderBackend,
    InventoryBackend,
    MemoryBackend,
    MemorySinkBackend,
    SinkBackend,
    SqliteBackend,
    StoreBackend,
    Stores,
)

STORES = [pytest.param(SqliteBackend, id="sqlite")]
INVENTORIES = [pytest.param(FolderBackend, id="folder"), pytest.param(MemoryBackend, id="memory")]
SINKS = [
    pytest.param(ConsoleSinkBackend, id="console"),
    pytest.param(MemorySinkBackend, id="memory"),
]


@pytest.fixture(params=STORES)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreBackend]:
    """Where the stores keep things."""
    made: StoreBackend = request.param(tmp_path)
    yield made
    made.close()


@pytest.fixture
def stores(backend: StoreBackend) -> Stores:
    """The stores as a process holds them."""
    return backend.open()


@pytest.fixture
def others(backend: StoreBackend) -> Stores:
    """The same stores as a second process holds them."""
    return backend.open()


@pytest.fixture
def clock(backend: StoreBackend) -> Clock:
    """The clock that the stores go by."""
    return backend.clock


@pytest.fixture(params=INVENTORIES)
def estate(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[InventoryBackend]:
    """An empty estate."""
    made: InventoryBackend = request.param(tmp_path)
    yield made
    made.close()


@pytest.fixture
def inventory(estate: InventoryBackend) -> Inventory:
    """The inventory of the estate."""
    return estate.inventory


@pytest.fixture(params=SINKS)
def sink_backend(request: pytest.FixtureRequest) -> SinkBackend:
    """A sink and its far side."""
    made: SinkBackend = request.param()
    return made
