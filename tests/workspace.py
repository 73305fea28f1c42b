"""A Log Analytics workspace behind the local Azure, and the Activity Log read from it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

from shared.adapters.azure.cloud import custom_cloud
from shared.adapters.azure.credential import credential_of
from shared.adapters.azure.logs.activity_log import WorkspaceActivityLog
from shared.adapters.azure.logs.client import logs_client
from tests.fakes import BEGINNING
from tests.local_azure.log_analytics import LogAnalytics
from tests.local_azure.server import LOGS_AUDIENCE, LocalAzure

WORKSPACE = "0e000000-0000-0000-0000-000000000001"


@dataclass
class Workspace:
    """A workspace, the server in front of it, and the adapter with the real client on it."""

    azure: LocalAzure
    logs: LogAnalytics
    activity: WorkspaceActivityLog

    def ingest(self, *rows: dict[str, object], at: datetime = BEGINNING) -> None:
        """Let rows come in at a time."""
        self.logs.ingest(rows, at)


@asynccontextmanager
async def running_workspace() -> AsyncIterator[Workspace]:
    """Run an empty workspace, and sign in with the local managed identity."""
    logs = LogAnalytics(WORKSPACE, LOGS_AUDIENCE)
    async with AsyncExitStack() as stack:
        stack.callback(logs.close)
        azure = await stack.enter_async_context(LocalAzure(services=[logs]))
        told = azure.environment
        stack.enter_context(mock.patch.dict("os.environ", told))
        endpoint = told["COMPLIANCE_LOGS_ENDPOINT"]
        cloud = replace(
            custom_cloud(
                endpoint, logs_endpoint=endpoint, ca_file=Path(told["COMPLIANCE_CA_FILE"])
            ),
            logs_audience=LOGS_AUDIENCE,
        )
        credential = credential_of(cloud)
        stack.push_async_callback(credential.close)
        client = logs_client(cloud, credential, backoff=timedelta(milliseconds=1))
        stack.push_async_callback(client.close)
        yield Workspace(azure, logs, WorkspaceActivityLog(client, WORKSPACE))
