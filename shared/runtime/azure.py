"""Azure for a command: as its estate, and as whoever is signed in."""

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from shared.adapters.azure.cloud import Cloud
from shared.adapters.azure.credential import TokenError, Tokens, credential_of
from shared.adapters.azure.estate import AzureEstate, Reader
from shared.adapters.local.database import Database
from shared.adapters.system_clock import SystemClock
from shared.domain.control import Catalogue
from shared.ports import PortError
from shared.runtime.assembly import Runtime, assemble
from shared.runtime.azure_place import cloud_of
from shared.runtime.local import kept_in, local_stores
from shared.settings import AzureSettings

SIGN_IN = timedelta(seconds=60)
"""How long a person's sign-in may take: that of the Azure CLI starts a process of its own."""
AT_ONCE = 32
"""Looks that a command has under way in Azure at once."""
GARBAGE = 50_000, 20, 50
"""How seldom garbage is collected: a sweep makes millions of objects, and hardly a cycle of them.

Looking for cycles at Python's own pace costs a sweep a twentieth of its time.
"""


@contextmanager
def azure_run(
    settings: AzureSettings,
    subscriptions: frozenset[str],
    store: Path | None,
    catalogue: Catalogue,
    version: str,
) -> Iterator[Runtime]:
    """Open Azure as the estate for one run of a command.

    Without a store what it remembers is forgotten at its end.

    Raises:
        PortError: the store cannot be used.
        SettingsError: an address is none.
    """
    gc.set_threshold(*GARBAGE)
    clock = SystemClock()
    reader = Reader(
        client_id=settings.identity_client_id,
        instances=settings.instances,
        api_versions=settings.api_versions,
        version=version,
        token=SIGN_IN,
    )
    azure = AzureEstate.open(cloud_of(settings), clock, reader)
    with ExitStack() as stack:
        database = stack.enter_context(closing(Database(kept_in(stack, store))))
        ports = local_stores(database, azure.inventory, clock)
        yield replace(
            assemble(ports, catalogue, subscriptions),
            at_once=AT_ONCE,
            opening=azure.sign_in,
            closing=azure.close,
        )


@asynccontextmanager
async def signed_in(cloud: Cloud, client_id: str | None, audience: str) -> AsyncIterator[Tokens]:
    """Sign in as whoever azure-identity finds, with a first token for this audience.

    Raises:
        PortError: nobody is signed in.
    """
    credential = credential_of(cloud, client_id)
    async with Tokens(credential, SystemClock(), longest=SIGN_IN) as tokens:
        try:
            await tokens.get_token(f"{audience}/.default")
        except TokenError as error:
            raise PortError(f"cannot sign in to Azure: {error}; run `az login`") from error
        yield tokens
