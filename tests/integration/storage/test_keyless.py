"""Storage as in Azure: https, and tokens of the monitor's identity in place of keys."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.azure.cloud import CLOUDS
from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.queues import StorageWorkQueue
from shared.adapters.azure.storage.set_aside import BlobSetAsideStore
from shared.adapters.azure.storage.snapshots import BlobSnapshotStore
from shared.adapters.system_clock import SystemClock
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.ports import PortError, QueueName, SetAside
from tests.azurite_server import AUDIENCE, Azurite, BearerTokens
from tests.records import ACCOUNT, moment

ROOT = ResourceId.parse(ACCOUNT)
LOOKS = QueueName.LOOKS


@pytest.fixture
def tokens() -> BearerTokens:
    """The identity of the monitor."""
    return BearerTokens()


@pytest.fixture
async def opened(keyless_azurite: Azurite, tokens: BearerTokens) -> AsyncIterator[StorageClients]:
    """Clients that have no key."""
    trusting = replace(CLOUDS["public"], ca_file=keyless_azurite.ca_file)
    async with StorageClients(keyless_azurite.account(), tokens, trusting) as made:
        yield made


async def test_blobs_need_no_key(opened: StorageClients) -> None:
    """Snapshots and what was set aside are written and read with a token."""
    reading = SourceReading(Source.ACCOUNT, (), moment(1))
    snapshots, aside = BlobSnapshotStore(opened), BlobSetAsideStore(opened)
    await snapshots.save(ROOT, [reading])
    await aside.keep([SetAside(moment(1), "r", "t", 1)])

    assert await snapshots.load(ROOT, [Source.ACCOUNT]) == {Source.ACCOUNT: reading}
    assert await aside.kept(2) == [SetAside(moment(1), "r", "t", 1)]


async def test_queues_need_no_key(opened: StorageClients) -> None:
    """A message goes all its way."""
    queue = StorageWorkQueue(opened, SystemClock())
    await queue.put(LOOKS, ["a"])
    taken = await queue.take(LOOKS)
    assert taken is not None
    await queue.put_back(LOOKS, taken, delay=timedelta(0))
    again = await queue.take(LOOKS)
    assert again is not None
    await queue.done(LOOKS, again)

    assert await queue.next_due(LOOKS) is None


async def test_tables_need_no_key(opened: StorageClients) -> None:
    """An entity is written and read with a token."""
    table = await opened.tables.create_table("things")
    await table.create_entity({"PartitionKey": "p", "RowKey": "r", "word": "w"})

    assert (await table.get_entity("p", "r"))["word"] == "w"


async def test_all_clients_ask_for_the_one_audience_of_storage(
    opened: StorageClients, tokens: BearerTokens
) -> None:
    """It is the same in every cloud."""
    await BlobSetAsideStore(opened).kept(1)
    await StorageWorkQueue(opened, SystemClock()).take(LOOKS)
    await opened.tables.create_table("things")

    assert {scope.removesuffix("/.default") for scope in tokens.asked} == {AUDIENCE}


async def test_a_token_for_something_else_is_refused_in_words_that_help(
    opened: StorageClients, tokens: BearerTokens
) -> None:
    """The role that the identity needs is named."""
    tokens.audience = "https://management.azure.com"

    with pytest.raises(PortError, match=r"refused .*Storage Queue Data Contributor"):
        await StorageWorkQueue(opened, SystemClock()).put(LOOKS, ["a"])
    with pytest.raises(PortError, match=r"refused .*Storage Blob Data Contributor"):
        await BlobSetAsideStore(opened).kept(1)


async def test_a_certificate_that_nobody_known_has_signed_is_refused(
    keyless_azurite: Azurite, tokens: BearerTokens
) -> None:
    """No token is sent to whoever merely answers."""
    async with StorageClients(keyless_azurite.account(), tokens, CLOUDS["public"]) as opened:
        with pytest.raises(PortError, match=r"could not be reached .*certificate"):
            await StorageWorkQueue(opened, SystemClock()).take(LOOKS)
