"""`Bookmarks` and `ReceivedEvents`: how far was read, and which events have come."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.azure.storage.bookmarks import BlobBookmarks
from shared.adapters.azure.storage.received_events import TableReceivedEvents
from shared.adapters.local.database import Database
from shared.adapters.local.listening import SqliteBookmarks, SqliteReceivedEvents
from shared.ports import Bookmarks, ReceivedEvents
from tests.azurite_server import clients
from tests.records import OTHER_SUBSCRIPTION, SUBSCRIPTION, moment

pytestmark = pytest.mark.contract

AT = moment(1800)


@dataclass
class Memory:
    """What a process remembers of listening."""

    bookmarks: Bookmarks
    received: ReceivedEvents


@pytest.fixture(params=["sqlite", "azurite"])
async def memories(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[tuple[Memory, Memory]]:
    """The same memory as two processes hold it."""
    async with AsyncExitStack() as stack:
        if request.param == "sqlite":
            databases = [Database(tmp_path / "compliance.db") for _ in range(2)]
            for each in databases:
                stack.callback(each.close)
            one, two = (Memory(SqliteBookmarks(d), SqliteReceivedEvents(d)) for d in databases)
        else:
            account = request.getfixturevalue("azurite").account()
            connected = [clients(account) for _ in range(2)]
            for client in connected:
                stack.push_async_callback(client.close)
            one, two = (Memory(BlobBookmarks(c), TableReceivedEvents(c)) for c in connected)
        yield one, two


@pytest.fixture
def memory(memories: tuple[Memory, Memory]) -> Memory:
    """The memory of one process."""
    return memories[0]


async def test_a_bookmark_is_read_as_it_was_saved_last(memories: tuple[Memory, Memory]) -> None:
    """By another process too, and each by its name."""
    one, two = memories
    assert await one.bookmarks.load("a") is None

    await one.bookmarks.save("a", "first, which is longer")
    await one.bookmarks.save("b", "other")
    await two.bookmarks.save("a", "Straße \N{WHITE SMILING FACE}")

    assert await one.bookmarks.load("a") == "Straße \N{WHITE SMILING FACE}"
    assert await two.bookmarks.load("b") == "other"


async def test_a_bookmark_holds_a_megabyte(memory: Memory) -> None:
    """That of the Activity Log names thousands of rows."""
    text = "x" * 1_000_000

    await memory.bookmarks.save("large", text)

    assert await memory.bookmarks.load("large") == text


async def test_ids_that_came_are_seen_in_any_case(memories: tuple[Memory, Memory]) -> None:
    """By every process, in their own subscription, however often they came."""
    one, two = memories
    assert await one.received.unseen(SUBSCRIPTION, ["C1"]) == {"C1"}

    await one.received.record(SUBSCRIPTION.upper(), ["C1", "c2"], AT)
    await two.received.record(SUBSCRIPTION, ["c1"], AT + timedelta(hours=2))

    assert await two.received.unseen(SUBSCRIPTION, ["c1", "C2", "C3"]) == {"C3"}
    assert await two.received.unseen(OTHER_SUBSCRIPTION, ["c1"]) == {"c1"}
    assert await two.received.unseen(SUBSCRIPTION, []) == frozenset()


async def test_many_ids_come_at_once(memory: Memory) -> None:
    """As many as a storm of events brings."""
    ids = [f"c{each}" for each in range(250)]

    await memory.received.record(SUBSCRIPTION, ids, AT)

    assert await memory.received.unseen(SUBSCRIPTION, [*ids, "other"]) == {"other"}
    await memory.received.record(SUBSCRIPTION, [], AT)


async def test_old_ids_are_forgotten(memory: Memory) -> None:
    """Those that came an hour before or more, and none that came after; of one subscription."""
    ids = [f"old {each}" for each in range(120)]
    await memory.received.record(SUBSCRIPTION, ids, AT - timedelta(hours=1))
    await memory.received.record(SUBSCRIPTION, ["young"], AT)
    await memory.received.record(OTHER_SUBSCRIPTION, ["old"], AT - timedelta(hours=1))

    await memory.received.forget(SUBSCRIPTION, AT)

    assert await memory.received.unseen(SUBSCRIPTION, [*ids, "young"]) == frozenset(ids)
    assert await memory.received.unseen(OTHER_SUBSCRIPTION, ["old"]) == frozenset()
    await memory.received.forget(SUBSCRIPTION, AT)


async def test_when_the_last_event_came_is_known(memories: tuple[Memory, Memory]) -> None:
    """In each subscription by itself, to another process too; of none nothing is."""
    one, two = memories
    now = datetime.now(UTC)
    assert await one.received.last(SUBSCRIPTION) is None
    await one.received.record(SUBSCRIPTION, ["a"], now - timedelta(hours=2))
    await one.received.record(SUBSCRIPTION, ["b"], now)

    last = await two.received.last(SUBSCRIPTION.upper())

    assert last is not None
    assert abs(last - now) < timedelta(seconds=30)
    assert await two.received.last(OTHER_SUBSCRIPTION) is None
