"""A monitor in good health in a small Azure: what `doctor` is to find in order, and tests break."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

from typer.testing import CliRunner

from cli import app
from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.names import DEAD_LETTERS
from shared.adapters.system_clock import SystemClock
from shared.domain.canary import Arrival
from shared.domain.root_state import Commit, RootState
from shared.domain.sweep import RootOutcome, Sweep
from shared.domain.topology import Source
from shared.pipeline import activity_bookmark, canary, listen
from shared.pipeline.upkeep_rounds import UpkeepRounds
from shared.runtime.app import AppPorts
from shared.runtime.azure_app import app_ports_on
from tests.activity_rows import row
from tests.arm import ACCOUNT_ID, SUBSCRIPTION, account
from tests.e2e.command_line import Ended
from tests.fakes import FakeClock, MemoryInventory
from tests.integration.functions_host.azure_world import Cloud, World
from tests.local_azure.log_ingestion import RULE

GROUP: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-watch"
TOPIC: Final = f"{GROUP}/providers/Microsoft.EventGrid/systemTopics/watch"
APP: Final = f"{GROUP}/providers/Microsoft.Web/sites/app"
EVENTS: Final = f"{TOPIC}/eventSubscriptions/to-monitor"
EXPORT: Final = (
    f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Insights/diagnosticSettings/export"
)
PROVIDERS: Final = [
    "/providers/Microsoft.CognitiveServices/",
    "/providers/Microsoft.MachineLearningServices/",
]
T = TypeVar("T")


def topic() -> dict[str, object]:
    """Return the system topic of the subscription."""
    properties = {
        "provisioningState": "Succeeded",
        "source": f"/subscriptions/{SUBSCRIPTION}",
        "topicType": "Microsoft.Resources.Subscriptions",
    }
    return {"id": TOPIC, "name": "watch", "type": "Microsoft.EventGrid/systemTopics"} | {
        "properties": properties
    }


def events(**changed: object) -> dict[str, object]:
    """Return the event subscription as it is deployed, some of its properties changed."""
    properties: dict[str, object] = {
        "provisioningState": "Succeeded",
        "destination": {
            "endpointType": "AzureFunction",
            "properties": {"resourceId": f"{APP}/functions/resource_changed"},
        },
        "filter": {
            "includedEventTypes": [
                f"Microsoft.Resources.Resource{each}Success"
                for each in ("Write", "Delete", "Action")
            ],
            "advancedFilters": [
                {"operatorType": "StringContains", "key": "subject", "values": PROVIDERS}
            ],
        },
        "deadLetterDestination": {"endpointType": "StorageBlob", "properties": {}},
    }
    return {"id": EVENTS, "name": "to-monitor", "properties": {**properties, **changed}}


def export(*, enabled: bool = True) -> dict[str, object]:
    """Return the diagnostic setting of the subscription."""
    logs = [{"category": "Administrative", "enabled": enabled}]
    return {"id": EXPORT, "name": "export", "properties": {"workspaceId": "/ws", "logs": logs}}


@dataclass
class Monitor:
    """A monitor with a storage account of its own; `sinks` are further settings."""

    world: World

    @property
    def cloud(self) -> Cloud:
        """The Azure that it is in."""
        return self.world.cloud

    @property
    def settings(self) -> dict[str, str]:
        """The settings that `doctor` is run with."""
        return {
            **self.world.settings,
            "COLUMNS": "80",
            "COMPLIANCE_WATCHED_SUBSCRIPTIONS": SUBSCRIPTION,
            "COMPLIANCE_SINKS__LOG_ANALYTICS__ENDPOINT": self.cloud.azure.arm.endpoint,
            "COMPLIANCE_SINKS__LOG_ANALYTICS__RULE_ID": RULE,
        }

    def doctor(self, *arguments: str, **env: str | None) -> Ended:
        """Run the command in this process."""
        given = {**self.settings, **env}
        result = CliRunner(env=given).invoke(app, ["doctor", *arguments])
        return Ended(result.exit_code, result.stdout, result.stderr)

    def checks(self, **env: str | None) -> list[dict[str, Any]]:
        """Return what it finds, as programs read it."""
        found: list[dict[str, Any]] = self.doctor("--format", "json", **env).result["checks"]
        return found

    def wrong(self, **env: str | None) -> dict[str, dict[str, Any]]:
        """Return what is not in order, by name."""
        return {each["check"]: each for each in self.checks(**env) if each["status"] != "ok"}

    def store(self, act: Callable[[AppPorts, StorageClients], Awaitable[T]]) -> T:
        """Do something with what the monitor has stored."""

        async def done() -> T:
            async with self.world.clients() as clients:
                app = app_ports_on(clients, MemoryInventory(FakeClock()), SystemClock())
                return await act(app, clients)

        return asyncio.run(done())


def healthy(cloud: Cloud, folder: Path) -> Monitor:
    """Return a monitor that has done its work a moment ago."""
    now = datetime.now(UTC)
    azure = cloud.azure
    azure.faults.clear(None)
    azure.permissions.grant()
    azure.own.unregistered.clear()
    azure.own.versions.clear()
    azure.seed([account(), topic(), events(), export()])
    cloud.logs.ingest([row(at=now) | {"SubscriptionId": SUBSCRIPTION}], now)
    record = {"TimeGenerated": now.isoformat(), "RecordedAt": now.isoformat(), "Health": "ok"}
    cloud.logs.ingest([record], now, "ComplianceHealth_CL")
    monitor = Monitor(World(cloud, folder / "stderr"))
    monitor.store(lambda app, clients: _has_worked(app, clients, now))
    return monitor


async def _has_worked(app: AppPorts, clients: StorageClients, now: datetime) -> None:
    """Store what a monitor has stored that works."""
    ports, moment = app.ports, now - timedelta(minutes=5)
    await clients.blobs.create_container(DEAD_LETTERS)
    state = RootState(read_at={Source.ACCOUNT: moment})
    await ports.findings.commit(Commit(ACCOUNT_ID.lower(), state))
    for deep in (False, True):
        sweep = Sweep(f"s{deep}", SUBSCRIPTION, deep, baseline=False, started_at=moment, roots=0)
        await ports.ledger.begin(sweep)
        await ports.ledger.add(sweep.id, [ACCOUNT_ID.lower()], listed=True)
        await ports.ledger.close_list(sweep.id, [])
        await ports.ledger.swept(sweep.id, ACCOUNT_ID.lower(), RootOutcome())
        await ports.ledger.finish(sweep.id, now)
    await app.received.record(SUBSCRIPTION, ["c1"], moment)
    read = activity_bookmark.ActivityBookmark(moment)
    await activity_bookmark.save(app.bookmarks, listen.BOOKMARK, read)
    await app.bookmarks.save(canary.SENT, canary._TIME.dump_json(moment).decode())  # noqa: SLF001 - as it is written
    await UpkeepRounds(app.bookmarks, SystemClock()).remember({})
    arrival = Arrival(moment, moment, moment)
    await app.bookmarks.save(canary.ARRIVED, canary._ARRIVAL.dump_json(arrival).decode())  # noqa: SLF001 - the same
