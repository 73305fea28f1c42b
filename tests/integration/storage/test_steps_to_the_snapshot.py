"""How many requests a snapshot costs, and what becomes of one that is damaged."""

import logging

import pytest

from shared.adapters.azure.storage.names import SNAPSHOTS
from shared.adapters.azure.storage.snapshot_blob import Part, blob_name, pack
from shared.adapters.azure.storage.snapshots import BlobSnapshotStore
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.ports import PortError
from tests.azurite_server import Azurite, clients
from tests.integration.storage.faulty_proxy import faulty
from tests.records import ACCOUNT, moment

ROOT = ResourceId.parse(ACCOUNT)


def reading(seconds: float, source: Source = Source.ACCOUNT) -> SourceReading:
    """Return a reading of a source at so many seconds after the beginning."""
    return SourceReading(source, (), moment(seconds))


async def test_a_look_costs_one_get_and_one_put(azurite: Azurite) -> None:
    """A load asks only whether anything has changed; a save is conditional on what it saw.

    Both go over the connection that is there.
    """
    async with (
        faulty(azurite.account(), "blob") as (account, proxy),
        clients(account) as opened,
    ):
        snapshots = BlobSnapshotStore(opened)
        await snapshots.save(ROOT, [reading(1)])
        for seconds in (2, 3):
            proxy.requests.clear()
            await snapshots.load(ROOT, [Source.ACCOUNT, Source.DEPLOYMENTS])
            await snapshots.save(ROOT, [reading(seconds)])

            assert [each.partition(" ")[0] for each in proxy.requests] == ["GET", "PUT"]
        assert len(proxy.connections) == 1


async def test_what_is_stored_already_is_not_written_again(azurite: Azurite) -> None:
    """Nor anything older than it, nor what has no time."""
    async with (
        faulty(azurite.account(), "blob") as (account, proxy),
        clients(account) as opened,
    ):
        snapshots = BlobSnapshotStore(opened)
        await snapshots.save(ROOT, [reading(2)])
        proxy.requests.clear()
        await snapshots.save(ROOT, [reading(2)])
        await snapshots.save(ROOT, [reading(1), SourceReading(Source.DEPLOYMENTS)])
        await snapshots.save(ROOT, [])

        assert proxy.requests == []


async def test_nothing_remembered_is_only_slower(azurite: Azurite) -> None:
    """With no memory at all each save reads first."""
    async with clients(azurite.account()) as opened:
        snapshots = BlobSnapshotStore(opened, remembered=0)
        await snapshots.save(ROOT, [reading(1)])
        await snapshots.save(ROOT, [reading(2, Source.DEPLOYMENTS)])

        found = await snapshots.load(ROOT, [Source.ACCOUNT, Source.DEPLOYMENTS])
        assert len(found) == 2


async def test_a_save_that_is_always_overtaken_says_so(
    azurite: Azurite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not tried for ever; whoever saves puts the work back."""
    monkeypatch.setattr("shared.adapters.azure.storage.snapshots.FIRST_WAIT", 0)
    async with (
        faulty(azurite.account(), "blob") as (account, proxy),
        clients(account) as opened,
    ):
        proxy.overtaken = True
        with pytest.raises(PortError, match="others wrote it 12 times meanwhile"):
            await BlobSnapshotStore(opened).save(ROOT, [reading(1)])


GOOD = pack(ROOT, {"account": Part(moment(1), b"x")})


@pytest.mark.parametrize("data", [b"", b"<html>", GOOD[:-1], GOOD], ids=["", "html", "cut", "body"])
async def test_a_damaged_snapshot_is_told_of_and_replaced(
    azurite: Azurite, caplog: pytest.LogCaptureFixture, data: bytes
) -> None:
    """It counts as never stored: whoever looks reads ARM."""
    async with clients(azurite.account()) as opened:
        snapshots = BlobSnapshotStore(opened)
        await snapshots.save(ROOT, [reading(0.5)])
        await opened.blobs.get_blob_client(SNAPSHOTS, blob_name(ROOT)).upload_blob(
            data, overwrite=True
        )
        with caplog.at_level(logging.WARNING, "shared"):
            assert await snapshots.load(ROOT, [Source.ACCOUNT]) == {}
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert ACCOUNT in caplog.text
        await snapshots.save(ROOT, [reading(2)])

        assert await snapshots.load(ROOT, [Source.ACCOUNT]) == {Source.ACCOUNT: reading(2)}


async def test_a_container_that_was_deleted_is_made_again(azurite: Azurite) -> None:
    """What it held is lost, which costs reads of ARM and nothing else."""
    async with clients(azurite.account()) as opened:
        snapshots = BlobSnapshotStore(opened)
        await snapshots.save(ROOT, [reading(1)])
        await opened.blobs.delete_container(SNAPSHOTS)
        assert await snapshots.load(ROOT, [Source.ACCOUNT]) == {}
        await snapshots.save(ROOT, [reading(1)])

        assert len(await snapshots.load(ROOT, [Source.ACCOUNT])) == 1
