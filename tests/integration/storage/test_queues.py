"""What the queues of a storage account bear, and what they refuse."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.queues import StorageWorkQueue
from shared.adapters.system_clock import SystemClock
from shared.ports import QueueName
from tests.azurite_server import Azurite, clients

LOOKS = QueueName.LOOKS


@pytest.fixture
async def opened(azurite: Azurite) -> AsyncIterator[StorageClients]:
    """Clients of an account of the test's own."""
    async with clients(azurite.account()) as made:
        yield made


@pytest.fixture
def queue(opened: StorageClients) -> StorageWorkQueue:
    """The queues of that account."""
    return StorageWorkQueue(opened, SystemClock())


async def test_a_message_never_expires(queue: StorageWorkQueue, opened: StorageClients) -> None:
    """By default it would, after seven days: the look that it asks for would never be made."""
    await queue.put(LOOKS, ["a"])

    (message,) = await opened.queues.get_queue_client(LOOKS).peek_messages()
    assert message.expires_on is not None
    assert message.expires_on.year > 2100


async def test_a_delay_of_more_than_seven_days_is_refused(queue: StorageWorkQueue) -> None:
    """Storage Queues cannot hold a message back longer."""
    await queue.put(LOOKS, ["a"], delay=timedelta(days=7))
    with pytest.raises(ValueError, match="7 days at most, not for 7 days, 0:00:01"):
        await queue.put(LOOKS, ["a"], delay=timedelta(days=7, seconds=1))


async def test_a_part_of_a_second_is_a_whole_one(
    queue: StorageWorkQueue, opened: StorageClients
) -> None:
    """A message never comes before its time."""
    await queue.put(LOOKS, ["a"], delay=timedelta(milliseconds=1001))

    assert await queue.take(LOOKS) is None
    assert await opened.queues.get_queue_client(LOOKS).peek_messages() == []


async def test_a_queue_that_was_deleted_is_made_again(
    queue: StorageWorkQueue, opened: StorageClients
) -> None:
    """What it held is found by the next sweep."""
    await queue.put(LOOKS, ["a"])
    taken = await queue.take(LOOKS)
    assert taken is not None
    await opened.queues.delete_queue(LOOKS)
    await queue.done(LOOKS, taken)
    await queue.put_back(LOOKS, taken, delay=timedelta(0))
    assert await queue.take(LOOKS) is None
    assert await queue.next_due(LOOKS) is None
    await queue.put(LOOKS, ["b"])

    again = await queue.take(LOOKS)
    assert again is not None
    assert again.text == "b"


async def test_many_messages_are_put_several_at_a_time(queue: StorageWorkQueue) -> None:
    """Each is there once."""
    await queue.put(LOOKS, [str(number) for number in range(60)])

    texts = []
    while (taken := await queue.take(LOOKS)) is not None:
        texts.append(int(taken.text))
    assert sorted(texts) == list(range(60))
