"""What the blobs of inputs that were set aside must bear."""

import logging
from collections.abc import AsyncIterator

import pytest

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.names import ASIDE
from shared.adapters.azure.storage.set_aside import BlobSetAsideStore
from shared.ports import SetAside
from tests.azurite_server import Azurite, clients
from tests.records import moment


@pytest.fixture
async def opened(azurite: Azurite) -> AsyncIterator[StorageClients]:
    """Clients of an account of the test's own."""
    async with clients(azurite.account()) as made:
        yield made


@pytest.fixture
def aside(opened: StorageClients) -> BlobSetAsideStore:
    """The store on that account."""
    return BlobSetAsideStore(opened)


def item(text: str, seconds: float = 1) -> SetAside:
    """Return an input that was set aside at a time."""
    return SetAside(moment(seconds), "reason", text, len(text))


async def test_a_text_that_is_no_unicode_is_kept_all_the_same(aside: BlobSetAsideStore) -> None:
    """JSON may hold half of a surrogate pair, which is one way of being malformed."""
    await aside.keep([item("half: \ud800")])

    assert await aside.kept(1) == [item("half: \ud800")]


async def test_of_one_instant_the_last_is_the_newest(aside: BlobSetAsideStore) -> None:
    """Inputs that come together are set aside at one time; their order is kept."""
    items = [item(str(number)) for number in range(40)]
    await aside.keep([item("older", 0.999999)])
    await aside.keep(items)
    await aside.keep([item("younger", 1.000001)])

    kept = await aside.kept(100)

    assert kept == [item("younger", 1.000001), *reversed(items), item("older", 0.999999)]
    assert await aside.kept(3) == kept[:3]
    assert await aside.kept(0) == []


async def test_a_blob_that_is_none_of_ours_is_told_of_and_left_out(
    aside: BlobSetAsideStore, opened: StorageClients, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody can put anything into a storage account."""
    await aside.keep([item("a")])
    container = opened.blobs.get_container_client(ASIDE)
    await container.upload_blob("000-novel", b"{")
    await container.upload_blob("000-other", b"[]")

    with caplog.at_level(logging.WARNING, "shared"):
        assert await aside.kept(9) == [item("a")]

    assert "000-novel in the container aside is no input set aside" in caplog.text
    assert len(caplog.records) == 2
