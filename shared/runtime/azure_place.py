"""Where the function app stands in Azure: its cloud, its identity and its storage account.

What takes in an event needs no more than this, and starts with it.
"""

from dataclasses import dataclass
from typing import Self

from shared.adapters.azure.cloud import Cloud, cloud_named, custom_cloud
from shared.adapters.azure.credential import Tokens, credential_of
from shared.adapters.azure.storage.clients import StorageAccount, StorageClients
from shared.adapters.azure.storage.service_clock import ServiceClock
from shared.adapters.system_clock import SystemClock
from shared.settings import AzureBackend, AzureSettings, CloudName, Settings, SettingsError


@dataclass(frozen=True, slots=True)
class AzurePlace:
    """A cloud, the identity in it, a storage account, and the clock of the account."""

    cloud: Cloud
    clock: ServiceClock
    tokens: Tokens
    clients: StorageClients

    @classmethod
    def open(cls, settings: Settings, backend: AzureBackend) -> Self:
        """Put it together, inside the event loop that it serves; nothing is asked of Azure yet.

        Raises:
            SettingsError: an address is none.
        """
        # The times of workers are compared, and they share the clock of the service.
        clock, cloud = ServiceClock(SystemClock()), cloud_of(settings)
        tokens = Tokens(credential_of(cloud, settings.identity_client_id), clock)
        return cls(
            cloud, clock, tokens, StorageClients(account_of(backend, cloud), tokens, cloud, clock)
        )


def cloud_of(settings: AzureSettings) -> Cloud:
    """Return the cloud that is set.

    Raises:
        SettingsError: an address is none.
    """
    if settings.cloud is not CloudName.CUSTOM:
        return cloud_named(settings.cloud)
    try:
        return custom_cloud(
            settings.arm_endpoint or "",
            settings.arm_audience,
            settings.logs_endpoint,
            settings.ca_file,
            logs_audience=settings.logs_audience,
        )
    except ValueError as error:
        raise SettingsError(f"the settings cannot be used: {error}") from error


def account_of(backend: AzureBackend, cloud: Cloud) -> StorageAccount:
    """Return where the services of the account are."""
    blob, queue, table = backend.endpoints
    if blob is not None and queue is not None and table is not None:
        return StorageAccount(blob, queue, table)
    return account_named(str(backend.storage_account), cloud)


def letters_of(backend: AzureBackend, cloud: Cloud) -> StorageAccount:
    """Return where the services of the account are in which Event Grid leaves dead letters."""
    if backend.dead_letter_account is None:
        return account_of(backend, cloud)
    return account_named(backend.dead_letter_account, cloud)


def account_named(account: str, cloud: Cloud) -> StorageAccount:
    """Return where the services of an account are that is known by its name."""
    suffix = cloud.storage_suffix
    return StorageAccount(
        *(f"https://{account}.{service}.{suffix}" for service in ("blob", "queue", "table"))
    )
