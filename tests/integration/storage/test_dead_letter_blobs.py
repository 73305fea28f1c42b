"""Dead letters as Event Grid leaves them: blobs in a container that may not even be there."""

from collections.abc import AsyncIterator

import pytest

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.dead_letters import BlobDeadLetterStore
from shared.adapters.azure.storage.names import DEAD_LETTERS, POISON
from shared.adapters.azure.storage.queues import StorageWorkQueue
from shared.adapters.system_clock import SystemClock
from shared.ports import DeadLetters, PortError, QueueName
from tests.azurite_server import Azurite, clients
from tests.integration.storage.faulty_proxy import faulty

NAME = "TO-THE-MONITOR/2026/11/20/8/{}.json"


@pytest.fixture
async def opened(azurite: Azurite) -> AsyncIterator[StorageClients]:
    """Clients of an account of the test's own."""
    async with clients(azurite.account()) as made:
        yield made


async def leave(opened: StorageClients, *contents: bytes) -> list[str]:
    """Leave batches as Event Grid does; return their names."""
    container = await opened.blobs.create_container(DEAD_LETTERS)
    names = [NAME.format(number) for number in range(len(contents))]
    for name, content in zip(names, contents, strict=True):
        await container.upload_blob(name, content)
    return names


async def test_without_the_container_nothing_waits(opened: StorageClients) -> None:
    """The deployment makes it; until then nothing was left."""
    store = BlobDeadLetterStore(opened)

    assert await store.waiting(10) == []
    assert await store.read("x") is None
    await store.remove("x")
    await store.failed("x", 1, "why", given_up=False)


async def test_a_batch_is_listed_read_and_removed(opened: StorageClients) -> None:
    """So many at a time."""
    store, names = BlobDeadLetterStore(opened), await leave(opened, b"[]", b"[1]")

    assert await store.waiting(10) == [DeadLetters(names[0], 2), DeadLetters(names[1], 3)]
    assert len(await store.waiting(1)) == 1
    assert await store.read(names[1]) == b"[1]"
    await store.remove(names[0])
    await store.remove(names[0])
    assert await store.waiting(10) == [DeadLetters(names[1], 3)]


async def test_tries_are_remembered_and_what_is_given_up_stays(opened: StorageClients) -> None:
    """With its reason beside it, whatever letters that has."""
    store, (name,) = BlobDeadLetterStore(opened), await leave(opened, b"[")
    await store.failed(name, 1, "naïve\nreason", given_up=False)
    assert await store.waiting(10) == [DeadLetters(name, 1, tries=1)]
    await store.failed(name, 2, "naïve\nreason", given_up=True)

    assert await store.waiting(10) == []
    assert await store.read(name) == b"["


async def test_an_outage_is_told(azurite: Azurite) -> None:
    """Nothing is taken for an empty container."""
    async with faulty(azurite.account(), "blob") as (account, proxy), clients(account) as opened:
        (name,) = await leave(opened, b"[]")
        proxy.down = True
        store = BlobDeadLetterStore(opened)
        with pytest.raises(PortError, match="listing the dead letters failed"):
            await store.waiting(1)
        with pytest.raises(PortError, match="removing the dead letters"):
            await store.remove(name)


async def test_poison_is_taken_from_the_queue_beside_the_queue(opened: StorageClients) -> None:
    """Which the host makes when it first needs it."""
    queue, poison = (StorageWorkQueue(opened, SystemClock(), suffix=each) for each in ("", POISON))
    assert await poison.take(QueueName.LOOKS) is None
    await opened.queues.create_queue("looks-poison")
    await opened.queues.get_queue_client("looks-poison").send_message("e30=")
    taken = await poison.take(QueueName.LOOKS)

    assert taken is not None
    assert taken.text == "{}"
    assert await queue.take(QueueName.LOOKS) is None
    await poison.done(QueueName.LOOKS, taken)
    assert await poison.next_due(QueueName.LOOKS) is None
