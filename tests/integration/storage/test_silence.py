"""A storage account that takes requests and never answers."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from shared.adapters.azure.storage import clients as made
from shared.adapters.azure.storage.clients import StorageAccount
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.queues import StorageWorkQueue
from shared.adapters.azure.storage.snapshots import BlobSnapshotStore
from shared.adapters.azure.storage.tables import Table
from shared.adapters.system_clock import SystemClock
from shared.domain.resource_id import ResourceId
from shared.domain.topology import Source
from shared.ports import PortError, QueueName
from tests.azurite_server import clients
from tests.records import ACCOUNT

Asked = Callable[[made.StorageClients], Awaitable[object]]
ROOT = ResourceId.parse(ACCOUNT)


@pytest.mark.parametrize(
    "asked",
    [
        lambda at: Table(at, FINDINGS_TABLE).read("01", "a"),
        lambda at: Table(at, FINDINGS_TABLE).insert("01", "a", {}),
        lambda at: StorageWorkQueue(at, SystemClock()).take(QueueName.LOOKS),
        lambda at: BlobSnapshotStore(at).load(ROOT, [Source.ACCOUNT]),
    ],
    ids=["reading a row", "writing a row", "taking a message", "loading a snapshot"],
)
async def test_silence_is_waited_for_no_longer_than_is_set(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK would wait five minutes for each try, longer than a function may run."""
    monkeypatch.setattr(made, "READ_SECONDS", 0.1)

    # Connections are made by the system; nobody takes them up.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/test0001"
        async with asyncio.timeout(30), clients(StorageAccount(*[address] * 3)) as at:
            with pytest.raises(PortError):
                await asked(at)
