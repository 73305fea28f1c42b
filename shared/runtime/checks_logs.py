"""What `doctor` examines around Log Analytics: the Activity Log, the health records, ingestion."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial

from shared.adapters.azure.checks import activity_log_export, workspace
from shared.adapters.azure.checks import ingestion as ingesting
from shared.adapters.azure.checks.ingestion import Ingestion
from shared.adapters.azure.logs.client import logs_client
from shared.adapters.sinks.log_analytics import AUDIENCES
from shared.adapters.sinks.log_tables import ALERTS
from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health
from shared.pipeline.examine import Examination
from shared.runtime.checks_world import World, of_each


def workspace_checks(
    world: World, watched: Sequence[str], now: datetime, stack: AsyncExitStack
) -> list[Examination]:
    """Return the examinations of the export of the Activity Log, and of the health records."""
    place = world.names["workspace"]
    export = activity_log_export.ActivityLogExport(world.arm, place)
    name, why = activity_log_export.NAME, activity_log_export.WHY
    found = of_each(name, why, watched, export.ask)
    show = f"az monitor log-analytics workspace list --query \"[?customerId=='{place}']\""
    if world.app.activity is None:
        said = "COMPLIANCE_WORKSPACE_ID is not set: the Activity Log is not read."
        remedy = "Set it to the workspace id of the workspace that it is exported to."
        missing = [Diagnosis(workspace.ROWS, Health.WARN, said, why, remedy, show)]
        return [*found, Examination(workspace.ROWS, partial(_known, missing), why, show)]
    rows = workspace.ActivityLogRows(world.app.activity, place)
    found.append(Examination(workspace.ROWS, partial(rows.ask, watched, now), why, show))
    if world.told.tables is not None:
        client = logs_client(world.cloud, world.tokens)
        stack.push_async_callback(client.close)
        restart = "az functionapp restart --name {app} --resource-group {group}"
        record = workspace.LastRecord(client, place, restart.format_map(world.names))
        asked = partial(record.ask, now)
        found.append(Examination(workspace.RECORD, asked, workspace.RECORD_WHY, show))
    return found


def ingestion_checks(world: World) -> list[Examination]:
    """Return the examination of the data collection rule, where one is set."""
    logs = world.sinks.sinks.log_analytics
    if logs is None:
        said = "Log Analytics is not set: there is no canary, no health record and no history."
        remedy = "Set COMPLIANCE_SINKS__LOG_ANALYTICS__ENDPOINT and …__RULE_ID."
        missing = [
            Diagnosis(ingesting.NAME, Health.WARN, said, ingesting.WHY, remedy, "azd provision")
        ]
        return [
            Examination(ingesting.NAME, partial(_known, missing), ingesting.WHY, "azd provision")
        ]
    audience = logs.audience or AUDIENCES.get(world.cloud.name, AUDIENCES["public"])
    asked = Ingestion(
        world.cloud,
        world.tokens,
        logs.endpoint.rstrip("/"),
        logs.rule_id,
        ALERTS.stream,
        audience,
        world.names["assignee"],
    )
    command = f"curl --head {logs.endpoint}"
    return [Examination(ingesting.NAME, asked.ask, ingesting.WHY, command)]


async def _known(found: Sequence[Diagnosis]) -> Sequence[Diagnosis]:
    """Return what is known without asking."""
    return found
