"""The alerts in a Log Analytics workspace, for a command that shows them."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from shared.adapters.azure.logs.alerts_history import WorkspaceHistory
from shared.adapters.azure.logs.client import logs_client
from shared.adapters.terminal.notes import note
from shared.ports import AlertHistory
from shared.runtime.azure import signed_in
from shared.runtime.azure_place import cloud_of
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
    async with (
        signed_in(cloud, settings.identity_client_id, cloud.logs_audience) as tokens,
        AsyncExitStack() as stack,
    ):
        client = logs_client(cloud, tokens)
        stack.push_async_callback(client.close)
        return await show(WorkspaceHistory(client, workspace, note))
