"""The Activity Log of the app: its client is made when it is first asked, and closed with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from shared.adapters.azure.cloud import custom_cloud
from shared.adapters.azure.credential import credential_of
from shared.adapters.azure.logs.late import LateActivityLog
from shared.ports import ActivityPosition
from tests.activity_rows import row
from tests.fakes import BEGINNING
from tests.local_azure.server import LOGS_AUDIENCE
from tests.records import SUBSCRIPTION
from tests.workspace import WORKSPACE, Workspace, running_workspace

LONG_AGO = BEGINNING - timedelta(days=1)
LATER = BEGINNING + timedelta(hours=1)


@asynccontextmanager
async def late(here: Workspace) -> AsyncIterator[LateActivityLog]:
    """Return the log of a running workspace, not asked yet."""
    told = here.azure.environment
    endpoint, ca_file = told["COMPLIANCE_LOGS_ENDPOINT"], Path(told["COMPLIANCE_CA_FILE"])
    cloud = replace(
        custom_cloud(endpoint, logs_endpoint=endpoint, ca_file=ca_file),
        logs_audience=LOGS_AUDIENCE,
    )
    async with credential_of(cloud) as credential:
        yield LateActivityLog(cloud, credential, WORKSPACE)


async def test_it_answers_as_the_workspace_does() -> None:
    """Both questions; after it was closed, too."""
    async with running_workspace() as here, late(here) as log:
        here.ingest(row())

        page = await log.rows([SUBSCRIPTION], ActivityPosition(LONG_AGO), LATER, limit=5)
        assert len(page.rows) == 1
        await log.close()

        assert await log.newest([SUBSCRIPTION], LONG_AGO) == {SUBSCRIPTION: BEGINNING}
        await log.close()


async def test_one_that_was_never_asked_has_nothing_to_close() -> None:
    """An instance that takes in events alone opens no connection to the workspace."""
    async with running_workspace() as here, late(here) as log:
        await log.close()
        await log.close()
