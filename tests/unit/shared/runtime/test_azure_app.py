"""What the settings make of the app in Azure, before anything is asked of it."""

import pytest

from monitors import load_catalogue
from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.queues import StorageWorkQueue
from shared.runtime.app import App
from shared.runtime.code import fingerprint_of_code
from shared.runtime.instance import instance_for
from shared.settings import AzureBackend, CloudName, Settings


def clients_of(app: App) -> StorageClients:
    """Return the clients of the storage account."""
    queue = app.runtime.ports.queue
    assert isinstance(queue, StorageWorkQueue)
    return queue._clients  # noqa: SLF001 - where it goes is seen nowhere else


@pytest.mark.parametrize(
    ("cloud", "suffix"),
    [
        (CloudName.PUBLIC, "core.windows.net"),
        (CloudName.US_GOVERNMENT, "core.usgovcloudapi.net"),
        (CloudName.CHINA, "core.chinacloudapi.cn"),
    ],
)
async def test_an_account_is_where_its_cloud_has_it(cloud: CloudName, suffix: str) -> None:
    """By its name alone."""
    backend = AzureBackend(kind="azure", storage_account="stmonitor")
    app = instance_for(Settings(cloud=cloud, backend=backend)).complete(load_catalogue())
    account = clients_of(app).account
    await app.close()

    assert (account.blob, account.queue, account.table) == (
        f"https://stmonitor.blob.{suffix}",
        f"https://stmonitor.queue.{suffix}",
        f"https://stmonitor.table.{suffix}",
    )


async def test_without_a_workspace_nothing_is_listened_to() -> None:
    """The rest is there."""
    backend = AzureBackend(kind="azure", storage_account="stmonitor")
    app = instance_for(Settings(backend=backend)).complete(load_catalogue())

    assert await app.activity.run() is None
    # How it is, before it is changed; then what lost its way.
    assert list(app.upkeep.tasks)[:4] == ["health", "dead_letters", "poison", "set_aside"]
    assert {"sweeps", "forgotten"} < app.upkeep.tasks.keys()
    await app.close()


def test_the_name_of_the_code_changes_with_what_is_watched() -> None:
    """And is the same in every process of the same code."""
    watched = frozenset({"a", "b"})

    assert fingerprint_of_code(watched) == fingerprint_of_code(frozenset({"b", "a"}))
    assert fingerprint_of_code(watched) != fingerprint_of_code(None)
