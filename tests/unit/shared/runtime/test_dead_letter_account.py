"""Dead letters are read where the deployment lets Event Grid leave them."""

import pytest

from shared.adapters.azure.storage.clients import StorageClients
from shared.runtime import azure_app
from shared.settings import AzureBackend, Settings, SettingsError, read_settings


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the storage account of the app."""
    monkeypatch.setenv("COMPLIANCE_BACKEND__KIND", "azure")
    monkeypatch.setenv("COMPLIANCE_BACKEND__STORAGE_ACCOUNT", "stmain")


async def read_from(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> str:
    """Return the address that dead letters are read from."""
    opened: list[str] = []

    def store(clients: StorageClients) -> None:
        opened.append(clients.account.blob)

    monkeypatch.setattr(azure_app, "BlobDeadLetterStore", store)
    assert isinstance(settings.backend, AzureBackend)
    ports = azure_app.azure_app_ports(settings, settings.backend)
    assert ports.closing is not None
    await ports.closing()
    return opened[-1]


@pytest.mark.usefixtures("account")
async def test_without_an_account_of_their_own_they_are_in_the_app_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One account is enough where Event Grid can write into it."""
    assert await read_from(monkeypatch, read_settings()) == "https://stmain.blob.core.windows.net"


@pytest.mark.usefixtures("account")
async def test_an_account_of_their_own_is_read_in_the_same_cloud(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Event Grid needs an account with keys, where nothing else is kept."""
    monkeypatch.setenv("COMPLIANCE_BACKEND__DEAD_LETTER_ACCOUNT", "stdead")
    monkeypatch.setenv("COMPLIANCE_CLOUD", "usgov")

    found = await read_from(monkeypatch, read_settings())

    assert found == "https://stdead.blob.core.usgovcloudapi.net"


def test_a_name_means_nothing_in_a_custom_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where addresses do not follow from names, an account cannot be named."""
    for name, value in {
        "CLOUD": "custom",
        "ARM_ENDPOINT": "https://arm.local",
        "ARM_AUDIENCE": "https://arm.local",
        "BACKEND__KIND": "azure",
        "BACKEND__BLOB_ENDPOINT": "https://blob.local",
        "BACKEND__QUEUE_ENDPOINT": "https://queue.local",
        "BACKEND__TABLE_ENDPOINT": "https://table.local",
        "BACKEND__DEAD_LETTER_ACCOUNT": "stdead",
    }.items():
        monkeypatch.setenv(f"COMPLIANCE_{name}", value)

    with pytest.raises(SettingsError, match="knows no other account by its name"):
        read_settings()
