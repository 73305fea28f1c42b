"""The worlds that every suite runs in: an adapter joins its suites by a line here."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.ports import Clock, Inventory
from tests.contract.arm_backend import ArmBackend
from tests.contract.backends import (
    AzuriteBackend,
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
from tests.contract.sink_backends import (
    EventGridBackend,
    LogAnalyticsBackend,
    TeamsBackend,
    WebhookBackend,
)

STORES = [pytest.param("sqlite"), pytest.param("azurite")]
INVENTORIES = [
    pytest.param(FolderBackend, id="folder"),
    pytest.param(MemoryBackend, id="memory"),
    pytest.param(ArmBackend, id="arm"),
]
SINKS = [
    pytest.param(ConsoleSinkBackend, id="console"),
    pytest.param(MemorySinkBackend, id="memory"),
    pytest.param(WebhookBackend, id="webhook"),
    pytest.param(TeamsBackend, id="teams"),
    pytest.param(EventGridBackend, id="event_grid"),
    pytest.param(LogAnalyticsBackend, id="log_analytics"),
]


@pytest.fixture(params=STORES)
async def backend(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[StoreBackend]:
    """Where the stores keep things."""
    made: StoreBackend = (
        SqliteBackend(tmp_path)
        if request.param == "sqlite"
        # Azurite is started only for those who ask.
        else AzuriteBackend(request.getfixturevalue("azurite"))
    )
    yield made
    await made.close()


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
async def estate(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[InventoryBackend]:
    """An empty estate."""
    made: InventoryBackend = request.param(tmp_path)
    await made.start()
    yield made
    await made.close()


@pytest.fixture
def inventory(estate: InventoryBackend) -> Inventory:
    """The inventory of the estate."""
    return estate.inventory


@pytest.fixture(params=SINKS)
async def sink_backend(request: pytest.FixtureRequest) -> AsyncIterator[SinkBackend]:
    """A sink and its far side."""
    made: SinkBackend = request.param()
    await made.start()
    yield made
    await made.close()
