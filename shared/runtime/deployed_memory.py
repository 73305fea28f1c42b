"""What the deployed monitor remembers, opened for a person by their own sign-in.

It is the table that the function app writes, named by the same settings. What changes it here does
so on the same conditions as the app, so neither loses what the other records.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from shared.adapters.azure.credential import TokenError
from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.failures import TABLE_ROLE, error_code, port_errors
from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.on_demand import is_missing
from shared.adapters.azure.storage.service_clock import ServiceClock
from shared.adapters.azure.storage.table_keys import PARTITIONS
from shared.adapters.azure.storage.tables import Table
from shared.adapters.azure.token_owner import owner_of
from shared.adapters.error_text import short
from shared.adapters.system_clock import SystemClock
from shared.ports import PortError, StoreUnusableError
from shared.runtime.azure import signed_in
from shared.runtime.azure_place import account_of, cloud_of
from shared.runtime.deployed_names import deployed_names
from shared.runtime.memory import Memory
from shared.settings import AzureBackend, Settings, SettingsError, read_settings

READ_ROLE: Final = "Storage Table Data Reader"
PAGE: Final = "docs/alerts.md"
"""Has a section on this, with the commands."""
_NOWHERE: Final = "nowhere"
"""A key that no row has: those of ours begin with one letter."""
_OF_THE_NETWORK: Final = "AuthorizationFailure"
"""The code with which the account's firewall refuses; a missing role has another."""


@asynccontextmanager
async def deployed_memory(*, writes: bool) -> AsyncIterator[Memory]:
    """Open the deployed memory; `writes`: what is done with it changes it.

    Raises:
        PortError: nobody is signed in, or it cannot be used; the message says what to do.
        SettingsError: a setting is missing or wrong.
    """
    settings, backend = _settings()
    cloud = cloud_of(settings)
    clock = ServiceClock(SystemClock())
    name = f"the storage account {deployed_names(settings, backend, os.environ)['account']}"
    role = TABLE_ROLE if writes else READ_ROLE
    async with signed_in(cloud, settings.identity_client_id, cloud.storage_audience) as tokens:
        found = await tokens.get_token(f"{cloud.storage_audience}/.default")
        user = owner_of(found.token)
        async with StorageClients(account_of(backend, cloud), tokens, cloud, clock) as clients:
            try:
                await _see_that_it_is_there(clients, name, role)
                table = Table(clients, FINDINGS_TABLE)
                if writes:
                    # Nothing stands there: it says beforehand, and once, whether this is allowed.
                    await table.delete(PARTITIONS[0], _NOWHERE)
                # Without the names of the sinks: a shell need not have those whose addresses are
                # secrets, and what the others alone were told of must stay in the outbox.
                yield Memory(TableFindingStore(table, clock), clock, name, "--deployed", user)
            except PortError as error:
                if said := _for_people(error, name, user, role):
                    raise PortError(said) from error
                raise


def _settings() -> tuple[Settings, AzureBackend]:
    """Read the settings of the function app.

    Raises:
        SettingsError: one is missing or wrong, or they are those of a SQLite file.
    """
    try:
        settings = read_settings()
    except SettingsError as error:
        raise SettingsError(
            f"{error}\n  --deployed goes by the settings of the function app, which {PAGE} says"
            " how to take over"
        ) from error
    backend = settings.backend
    if not isinstance(backend, AzureBackend):
        raise SettingsError(
            "--deployed wants COMPLIANCE_BACKEND__KIND=azure and the storage account of the"
            f" monitor; what is set is a SQLite file, which --store {backend.store} works on"
        )
    return settings, backend


async def _see_that_it_is_there(clients: StorageClients, name: str, role: str) -> None:
    """Read a row: before anything is done, and without making a table where there is none.

    Raises:
        StoreUnusableError: no monitor has written to this account.
        PortError: it cannot be read.
    """
    table = clients.tables.get_table_client(FINDINGS_TABLE)
    with port_errors(f"reading the table {FINDINGS_TABLE}", role):
        try:
            async for _ in table.list_entities(results_per_page=1, select=["RowKey"]):
                break
        except HttpResponseError as error:
            if not is_missing(error):
                raise
            raise StoreUnusableError(
                f"{name} has no table {FINDINGS_TABLE}: no monitor has remembered anything there;"
                " see that COMPLIANCE_BACKEND__STORAGE_ACCOUNT names the account of the app"
            ) from error


def _for_people(error: PortError, name: str, user: str | None, role: str) -> str | None:
    """Say what a person is to do about a failure; None: it says so itself.

    The errors of storage advise on the identity of the monitor, which nobody is here.
    """
    cause = _cause(error)
    if isinstance(cause, TokenError):
        return f"cannot sign in to Azure: {cause}; run `az login`"
    if isinstance(cause, ServiceRequestError | ServiceResponseError):
        return (
            f"{name} cannot be reached ({_first_line(cause)}): see that its name is right; where"
            f" it has a private network, run this from within it ({PAGE})"
        )
    if isinstance(cause, HttpResponseError) and (
        why := _refusal(cause, user or "whoever is signed in", role)
    ):
        return f"{name} refused ({cause.status_code} {error_code(cause)}): {why}"
    return None


def _refusal(cause: HttpResponseError, who: str, role: str) -> str | None:
    """Say what lets somebody in; None: it is no refusal of that kind."""
    if cause.status_code == HTTPStatus.UNAUTHORIZED:
        return f"it takes no token of {who}; run `az login --tenant` with its tenant"
    if cause.status_code != HTTPStatus.FORBIDDEN:
        return None
    if error_code(cause) == _OF_THE_NETWORK:
        return (
            "its firewall or private network keeps this machine out; run this from within, or have"
            f" this address let in. {who} needs the role {role} as well ({PAGE})"
        )
    return (
        f"{who} needs the role {role} on it; {PAGE} has the command that gives it, and it takes"
        " some minutes to work"
    )


def _cause(error: BaseException) -> AzureError | None:
    """Return the error of the SDK that one of ours goes back to."""
    below: BaseException | None = error
    while below is not None and not isinstance(below, AzureError):
        below = below.__cause__
    return below


def _first_line(error: AzureError) -> str:
    return short(str(error).strip().partition("\n")[0])
