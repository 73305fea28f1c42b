"""Storage is down for a while, or its answers are lost: a quick error, and nothing lost after."""

import asyncio
import time
from datetime import timedelta

import pytest

from shared.adapters.azure.storage.queues import StorageWorkQueue
from shared.adapters.azure.storage.set_aside import BlobSetAsideStore
from shared.adapters.azure.storage.snapshots import BlobSnapshotStore
from shared.adapters.system_clock import SystemClock
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.ports import PortError, QueueName, SetAside
from tests.azurite_server import Azurite, clients
from tests.integration.storage.faulty_proxy import faulty
from tests.records import ACCOUNT, moment

ROOT = ResourceId.parse(ACCOUNT)
OLD = SourceReading(Source.ACCOUNT, (), moment(1))
NEW = SourceReading(Source.ACCOUNT, (), moment(2))
LOOKS = QueueName.LOOKS


async def test_an_outage_of_blobs_is_told_within_seconds_and_loses_nothing(
    azurite: Azurite,
) -> None:
    """Loads and saves say so; what was stored before is there after, and the save can be made."""
    async with (
        faulty(azurite.account(), "blob") as (account, proxy),
        clients(account) as opened,
    ):
        snapshots, aside = BlobSnapshotStore(opened), BlobSetAsideStore(opened)
        await snapshots.save(ROOT, [OLD])
        proxy.down = True
        began = time.monotonic()
        outcomes = await asyncio.gather(
            snapshots.save(ROOT, [NEW]),
            snapshots.load(ROOT, [Source.ACCOUNT]),
            aside.keep([SetAside(moment(1), "r", "t", 1)] * 3),
            aside.kept(3),
            return_exceptions=True,
        )
        took = time.monotonic() - began
        proxy.down = False

        assert [type(each) for each in outcomes] == [PortError] * 4
        assert all("busy or down (503 ServerBusy)" in str(each) for each in outcomes)
        assert took < 4
        assert await snapshots.load(ROOT, [Source.ACCOUNT]) == {Source.ACCOUNT: OLD}
        await snapshots.save(ROOT, [NEW])
        assert await snapshots.load(ROOT, [Source.ACCOUNT]) == {Source.ACCOUNT: NEW}
        assert await aside.kept(3) == []


async def test_an_outage_of_queues_is_told_within_seconds_and_loses_nothing(
    azurite: Azurite,
) -> None:
    """What is in the queue stays there; of what was being put, nothing is tried for long."""
    async with (
        faulty(azurite.account(), "queue") as (account, proxy),
        clients(account) as opened,
    ):
        queue = StorageWorkQueue(opened, SystemClock())
        await queue.put(LOOKS, ["a", "b"])
        taken = await queue.take(LOOKS)
        assert taken is not None
        proxy.down = True
        proxy.requests.clear()
        began = time.monotonic()
        outcomes = await asyncio.gather(
            queue.put(LOOKS, ["c"] * 1000),
            queue.take(LOOKS),
            queue.done(LOOKS, taken),
            queue.put_back(LOOKS, taken, delay=timedelta(0)),
            queue.next_due(LOOKS),
            return_exceptions=True,
        )
        took = time.monotonic() - began
        proxy.down = False

        assert [type(each) for each in outcomes] == [PortError] * 5
        assert took < 4
        # 1,000 messages that each find out by themselves would ask 4,000 times.
        assert len(proxy.requests) < 100
        other = await queue.take(LOOKS)
        assert other is not None
        assert {taken.text, other.text} == {"a", "b"}
        await queue.done(LOOKS, taken)
        await queue.done(LOOKS, other)
        assert await queue.next_due(LOOKS) is None


async def test_a_save_whose_answer_was_lost_is_stored_once_and_told_as_done(
    azurite: Azurite,
) -> None:
    """The second try finds the etag changed, by the first: it reads again and sees it is done."""
    async with (
        faulty(azurite.account(), "blob") as (account, proxy),
        clients(account) as opened,
    ):
        snapshots = BlobSnapshotStore(opened)
        await snapshots.save(ROOT, [OLD])
        proxy.lost = 1
        await snapshots.save(ROOT, [NEW])

        assert await snapshots.load(ROOT, [Source.ACCOUNT]) == {Source.ACCOUNT: NEW}


async def test_a_message_whose_answer_was_lost_is_there_at_least_once(azurite: Azurite) -> None:
    """It may be there twice: looks are made to bear that."""
    async with (
        faulty(azurite.account(), "queue") as (account, proxy),
        clients(account) as opened,
    ):
        queue = StorageWorkQueue(opened, SystemClock())
        await queue.put(LOOKS, ["first"])
        proxy.lost = 1
        await queue.put(LOOKS, ["second"])
        texts = [taken.text for _ in range(3) if (taken := await queue.take(LOOKS)) is not None]

        assert set(texts) == {"first", "second"}


async def test_an_account_that_is_not_there_is_told_within_seconds() -> None:
    """The message says that it could not be reached."""
    account = Azurite(dict.fromkeys(("blob", "queue", "table"), "http://127.0.0.1:9")).account()
    async with clients(account) as opened:
        began = time.monotonic()
        with pytest.raises(PortError, match="could not be reached"):
            await StorageWorkQueue(opened, SystemClock()).put(LOOKS, ["a"])

        assert time.monotonic() - began < 4
