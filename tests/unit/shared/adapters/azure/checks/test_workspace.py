"""What a workspace tells of the monitor: its last record, and Activity Logs that do not arrive."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest

from shared.adapters.azure.checks.workspace import ActivityLogRows, LastRecord
from shared.adapters.azure.cloud import custom_cloud
from shared.adapters.azure.credential import credential_of
from shared.adapters.azure.logs.client import logs_client
from shared.domain.health import Health
from tests.activity_rows import row
from tests.fakes import BEGINNING
from tests.records import SUBSCRIPTION
from tests.workspace import WORKSPACE, Workspace, running_workspace

NOW = BEGINNING + timedelta(hours=1)
TABLE = "ComplianceHealth_CL"


@asynccontextmanager
async def last_record(workspace: Workspace) -> AsyncIterator[LastRecord]:
    """Open the check on a workspace."""
    said = workspace.azure.environment
    cloud = custom_cloud(
        said["COMPLIANCE_ARM_ENDPOINT"],
        logs_endpoint=said["COMPLIANCE_LOGS_ENDPOINT"],
        ca_file=Path(said["COMPLIANCE_CA_FILE"]),
    )
    async with AsyncExitStack() as stack:
        with mock.patch.dict("os.environ", said):
            credential = await stack.enter_async_context(credential_of(cloud))
        client = logs_client(cloud, credential)
        stack.push_async_callback(client.close)
        yield LastRecord(client, WORKSPACE, "az functionapp restart")


@pytest.mark.parametrize(("minutes", "health"), [(3, Health.OK), (25, Health.FAULT)])
async def test_the_last_record_may_not_be_old(minutes: int, health: Health) -> None:
    """The newest counts, whatever the order in which they came."""
    async with running_workspace() as workspace, last_record(workspace) as check:
        for age in (minutes + 5, minutes, minutes + 10):
            at = (NOW - timedelta(minutes=age)).isoformat()
            record = {"TimeGenerated": at, "RecordedAt": at, "Health": "warn"}
            workspace.logs.ingest([record], NOW, TABLE)

        (found,) = await check.ask(NOW)

    assert found.health is health
    assert f"{minutes} min old, and says warn" in found.message
    assert found.command == (None if health is Health.OK else "az functionapp restart")


async def test_no_record_at_all_is_a_fault() -> None:
    """Whether the table is empty, or was never written to."""
    async with running_workspace() as workspace, last_record(workspace) as check:
        (empty,) = await check.ask(NOW)
        workspace.logs.drop(TABLE)
        (missing,) = await check.ask(NOW)

    assert (empty.health, missing.health) == (Health.FAULT, Health.FAULT)


async def test_a_subscription_without_rows_is_told_with_the_command_that_exports_it() -> None:
    """Those with rows are not."""
    other = "33333333-3333-3333-3333-333333333333"
    async with running_workspace() as workspace:
        workspace.ingest(row(at=NOW) | {"SubscriptionId": SUBSCRIPTION}, at=NOW)
        check = ActivityLogRows(workspace.activity, WORKSPACE)
        (good,) = await check.ask([SUBSCRIPTION], NOW)
        (bad,) = await check.ask([SUBSCRIPTION, other], NOW)

    assert good.health is Health.OK
    assert (bad.name, bad.health) == (f"activity_log_rows.{other}", Health.FAULT)
    assert f"--subscription {other}" in str(bad.command)
    assert WORKSPACE in str(bad.command)
