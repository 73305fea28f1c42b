"""The Activity Log of a workspace, whose client is made at its first use.

Its library and its TLS context cost a start 40 ms, and the instances that take in events never ask.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from shared.adapters.azure.cloud import Cloud
from shared.ports import ActivityPage, ActivityPosition

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenProvider
    from azure.monitor.query.aio import LogsQueryClient

    from shared.adapters.azure.logs.activity_log import WorkspaceActivityLog


class LateActivityLog:
    """`ActivityLog` on a workspace, named by its workspace id (a GUID).

    Whoever made the credential closes that.
    """

    def __init__(self, cloud: Cloud, credential: "AsyncTokenProvider", workspace: str) -> None:
        self._cloud = cloud
        self._credential = credential
        self._workspace = workspace
        self._client: LogsQueryClient | None = None

    async def rows(
        self,
        subscriptions: Collection[str],
        after: ActivityPosition,
        until: datetime,
        *,
        limit: int,
    ) -> ActivityPage:
        """Return a page of rows in the order in which they were ingested.

        Raises:
            OSError: the cloud's CA file cannot be used.
            PortError: the workspace could not be asked; `NoActivityTableError`: it has no table.
        """
        return await self._log().rows(subscriptions, after, until, limit=limit)

    async def newest(
        self, subscriptions: Collection[str], since: datetime
    ) -> Mapping[str, datetime]:
        """Return when the newest row of each subscription was ingested.

        Raises:
            OSError: the cloud's CA file cannot be used.
            PortError: the workspace could not be asked; `NoActivityTableError`: it has no table.
        """
        return await self._log().newest(subscriptions, since)

    def _log(self) -> "WorkspaceActivityLog":
        from shared.adapters.azure.logs.activity_log import (  # noqa: PLC0415 - see above
            WorkspaceActivityLog,
        )
        from shared.adapters.azure.logs.client import logs_client  # noqa: PLC0415 - see above

        if self._client is None:
            self._client = logs_client(self._cloud, self._credential)
        return WorkspaceActivityLog(self._client, self._workspace)

    async def close(self) -> None:
        """Close the connections, if there are any."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()
