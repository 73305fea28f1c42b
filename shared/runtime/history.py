"""The alerts in a Log Analytics workspace, for a command that shows them."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from shared.adapters.azure.credential import TokenError, Tokens, credential_of
from shared.adapters.azure.logs.alerts_history import WorkspaceHistory
from shared.adapters.azure.logs.client import logs_client
from shared.adapters.system_clock import SystemClock
from shared.adapters.terminal.notes import note
from shared.ports import AlertHistory, PortError
from shared.runtime.azure import SIGN_IN, cloud_of
from shared.settings import AzureSettings

T = TypeVar("T")


async def ask_workspace(
    settings: AzureSettings, workspace: str, show: Callable[[AlertHistory], Awaitable[T]]
) -> T:
    """Show what is in a workspace, as whoever is signed in.

    Raises:
        PortError: nobody is signed in, or the workspace cannot be asked.
        SettingsError: an address is none.
    """
    cloud = cloud_of(settings)
    async with AsyncExitStack() as stack:
        credential = credential_of(cloud, settings.identity_client_id)
        tokens = await stack.enter_async_context(Tokens(credential, SystemClock(), longest=SIGN_IN))
        client = logs_client(cloud, tokens)
        stack.push_async_callback(client.close)
        try:
            await tokens.get_token(f"{cloud.logs_audience}/.default")
        except TokenError as error:
            raise PortError(f"cannot sign in to Azure: {error}; run `az login`") from error
        return await show(WorkspaceHistory(client, workspace, note))
