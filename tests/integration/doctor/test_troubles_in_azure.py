"""Each trouble of a monitor in Azure is found by itself, with why it matters and what mends it."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.names import DEAD_LETTERS
from shared.adapters.sinks.log_tables import stream_declarations
from shared.domain.canary import Arrival
from shared.domain.sweep import RootOutcome, Sweep
from shared.pipeline import canary
from shared.ports import SetAside
from shared.runtime.app import AppPorts
from tests.arm import ACCOUNT_ID, SUBSCRIPTION
from tests.azurite_server import Azurite
from tests.integration.doctor.healthy_monitor import (
    EVENTS,
    TOPIC,
    Monitor,
    events,
    export,
    healthy,
)
from tests.integration.functions_host.azure_world import Cloud, World, running_cloud
from tests.local_azure.log_ingestion import LogIngestionService
from tests.records import commit, transition

DEPLOYMENTS = "Microsoft.CognitiveServices/accounts/deployments/read"
ACCOUNTS = "microsoft.cognitiveservices/accounts"


@pytest.fixture(scope="module")
def cloud(keyless_azurite: Azurite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An Azure with a data collection rule."""
    rule = LogIngestionService(stream_declarations())
    with running_cloud(keyless_azurite, tmp_path_factory.mktemp("cloud"), rule) as running:
        yield running


@pytest.fixture
def monitor(cloud: Cloud, tmp_path: Path) -> Monitor:
    """A monitor in good health."""
    return healthy(cloud, tmp_path)


def _revoke(cloud: Cloud) -> None:
    cloud.azure.permissions.revoke(DEPLOYMENTS)


def _no_version(cloud: Cloud) -> None:
    cloud.azure.own.versions[ACCOUNTS] = ["2020-01-01", "2020-06-01-preview"]


def _old_version(cloud: Cloud) -> None:
    cloud.azure.own.versions[ACCOUNTS] = ["2025-12-01", "2026-01-15-preview"]


def _unregistered(cloud: Cloud) -> None:
    cloud.azure.own.unregistered.add("microsoft.security")


def _no_topic(cloud: Cloud) -> None:
    cloud.azure.estate.delete(TOPIC)


def _no_events(cloud: Cloud) -> None:
    cloud.azure.estate.delete(EVENTS)


def _failed_events(cloud: Cloud) -> None:
    cloud.azure.seed([events(provisioningState="Failed")])


def _narrow_events(cloud: Cloud) -> None:
    cloud.azure.seed([events(filter={"includedEventTypes": ["Microsoft.Resources.Other"]})])


def _no_place(cloud: Cloud) -> None:
    cloud.azure.seed([events(deadLetterDestination=None)])


def _no_export(cloud: Cloud) -> None:
    cloud.azure.seed([export(enabled=False)])


def _unseen(cloud: Cloud) -> None:
    cloud.azure.permissions.revoke("Microsoft.EventGrid/systemTopics/read")


@pytest.mark.parametrize(
    ("breaks", "name", "status", "said", "command"),
    [
        (_revoke, "permissions", "fault", f"{DEPLOYMENTS} is not allowed", "--role Reader"),
        (_no_version, "api_versions", "fault", "cannot be read", '": "2020-01-01"}'),
        (_old_version, "api_versions", "warn", "read with 2025-12-01", "az provider show"),
        (_unregistered, "api_versions", "warn", "not registered", "--namespace Microsoft.Security"),
        (_no_topic, "event_subscription", "fault", "no system topic", "azd provision"),
        (_no_events, "event_subscription", "fault", "resource_changed", "azd provision"),
        (_failed_events, "event_subscription", "fault", "state Failed", "azd provision"),
        (_narrow_events, "event_subscription", "fault", "filtered away", "--name to-monitor"),
        (_no_place, "event_subscription", "warn", "nowhere", "azd provision"),
        (_no_export, "activity_log_export", "fault", "not exported", "--workspace"),
        (_unseen, "event_subscription", "warn", "Microsoft.EventGrid/systemTopics/read", "Reader"),
    ],
    ids=lambda each: each.__name__ if callable(each) else "",
)
def test_what_is_wrong_around_it_is_found(  # noqa: PLR0913, PLR0917 - a row of the table
    monitor: Monitor,
    breaks: Callable[[Cloud], None],
    name: str,
    status: str,
    said: str,
    command: str,
) -> None:
    """By the check of that name, and by no other; only a fault ends with 1."""
    breaks(monitor.cloud)

    ended = monitor.doctor("--format", "json")

    wrong = [each for each in ended.result["checks"] if each["status"] != "ok"]
    assert {each["check"] for each in wrong} == {f"{name}.{SUBSCRIPTION}"}
    assert wrong[0]["status"] == status
    assert said in wrong[0]["message"]
    assert command in wrong[0]["command"]
    assert all(each["why"] and each["remedy"] for each in wrong)
    assert ended.status == (1 if status == "fault" else 0)


async def _poison(_: AppPorts, clients: StorageClients) -> None:
    queue = clients.queues.get_queue_client("looks-poison")
    await queue.create_queue()
    await queue.send_message("bad")


async def _dead_letter(_: AppPorts, clients: StorageClients) -> None:
    await clients.blobs.get_container_client(DEAD_LETTERS).upload_blob("X/2026.json", b"[]")


async def _lost_place(_: AppPorts, clients: StorageClients) -> None:
    await clients.blobs.delete_container(DEAD_LETTERS)


async def _put_aside(app: AppPorts, _: StorageClients) -> None:
    await app.ports.aside.keep([SetAside(datetime.now(UTC), "no JSON", "{", 1)])


async def _parked(app: AppPorts, _: StorageClients) -> None:
    await app.ports.findings.commit(commit(transition(1)))
    await app.ports.findings.park("log_analytics", transition(1), datetime.now(UTC), "refused")


async def _canary_lost(app: AppPorts, _: StorageClients) -> None:
    moment = datetime.now(UTC) - timedelta(hours=2)
    arrival = canary._ARRIVAL.dump_json(Arrival(moment, moment, moment))  # noqa: SLF001 - as it is written
    await app.bookmarks.save(canary.ARRIVED, arrival.decode())


async def _refused(app: AppPorts, _: StorageClients) -> None:
    now, ledger, root = datetime.now(UTC), app.ports.ledger, ACCOUNT_ID.lower()
    sweep = Sweep("again", SUBSCRIPTION, deep=False, baseline=False, started_at=now, roots=0)
    await ledger.begin(sweep)
    await ledger.add(sweep.id, [root], listed=True)
    await ledger.close_list(sweep.id, [])
    await ledger.swept(sweep.id, root, RootOutcome(denied=(DEPLOYMENTS,)))
    await ledger.finish(sweep.id, now)


@pytest.mark.parametrize(
    ("breaks", "name", "status", "command"),
    [
        (_poison, "poison", "fault", "az monitor log-analytics query"),
        (_dead_letter, "dead_letters", "fault", "--container-name dead-letters"),
        (_lost_place, "storage.dead_letters", "warn", "az storage container create"),
        (_put_aside, "set_aside", "warn", "--container-name aside"),
        (_parked, "parked", "fault", "parked"),
        (_canary_lost, "canary", "fault", "az monitor log-analytics query"),
        (_refused, f"refused.{SUBSCRIPTION}", "fault", "--role Reader"),
    ],
    ids=lambda each: each.__name__ if callable(each) else "",
)
def test_what_its_memory_tells_is_found(
    monitor: Monitor,
    breaks: Callable[[AppPorts, StorageClients], object],
    name: str,
    status: str,
    command: str,
) -> None:
    """What was lost on its way, or not told, is a fault; what people should read is a warning."""
    monitor.store(breaks)  # type: ignore[arg-type] # pytest knows no type of a table

    wrong = monitor.wrong()

    assert {each: found["status"] for each, found in wrong.items()} == {name: status}
    assert command in wrong[name]["command"]
    assert wrong[name]["why"]


@pytest.mark.parametrize(
    ("env", "name", "status", "said"),
    [
        (
            {"COMPLIANCE_SINKS__LOG_ANALYTICS__RULE_ID": "dcr-other"},
            "ingestion",
            "fault",
            "dcr-other",
        ),
        ({"COMPLIANCE_ESCALATE_TO": "pager"}, "sinks", "fault", "COMPLIANCE_ESCALATE_TO"),
        ({"COMPLIANCE_RETENTION_DAYS": "0"}, "settings", "fault", "COMPLIANCE_RETENTION_DAYS"),
        (
            {"COMPLIANCE_SINKS__TEAMS__URL": "@Microsoft.KeyVault(SecretUri=x)"},
            "settings.sinks",
            "fault",
            "COMPLIANCE_SINKS__TEAMS__URL",
        ),
        (
            {"COMPLIANCE_IDENTITY_CLIENT_ID": "c11e0000-0000-0000-0000-00000000000f"},
            "identity",
            "warn",
            "not the monitor's identity",
        ),
    ],
)
def test_what_is_set_wrong_is_found(
    monitor: Monitor, env: dict[str, str], name: str, status: str, said: str
) -> None:
    """By the name of what is set, and never by its value."""
    found = monitor.wrong(**env)[name]

    assert found["status"] == status
    assert said in found["message"]
    assert found["command"]


def test_a_monitor_that_never_ran_is_told(monitor: Monitor) -> None:
    """Nothing is written: only tables that are asked for are made, empty, as by any reader."""
    fresh = Monitor(World(monitor.cloud, monitor.world.stderr))

    wrong = fresh.wrong()

    assert {each: found["status"] for each, found in wrong.items()} == {
        "storage.dead_letters": "warn",
        "redrive": "warn",
        "looks": "warn",
        "core_sweeps": "warn",
        "deep_sweeps": "warn",
        "activity_log": "warn",
        "canary": "warn",
    }
    assert fresh.store(_made) == ["findings", "received", "sweeps"]


async def _made(_: AppPorts, clients: StorageClients) -> list[str]:
    """Return what there is in the account."""
    return [
        *[each.name async for each in clients.blobs.list_containers()],
        *[each.name async for each in clients.queues.list_queues()],
        *[each.name async for each in clients.tables.list_tables()],
    ]


def test_a_service_that_is_away_hides_no_other(monitor: Monitor) -> None:
    """Blobs are found to be away; queues and tables, and all that is not in storage, are told."""
    wrong = monitor.wrong(COMPLIANCE_BACKEND__BLOB_ENDPOINT="https://127.0.0.1:1/test")

    assert wrong["storage.blobs"]["status"] == "fault"
    assert "Storage Blob Data Contributor" in wrong["storage.blobs"]["command"]
    assert not {"storage.queues", "storage.tables", "identity"} & wrong.keys()
    assert not {each for each in wrong if each.startswith(("permissions", "event_subscription"))}


def test_what_hangs_takes_no_longer_than_its_time(monitor: Monitor) -> None:
    """Ten seconds, the others meanwhile; it is a fault that it does not answer."""
    monitor.cloud.azure.fault("Microsoft.EventGrid", kind="hang", seconds=30)
    began = time.monotonic()
    wrong = monitor.wrong()
    took = time.monotonic() - began
    monitor.cloud.azure.faults.clear(None)

    assert took < 25
    assert {each: found["status"] for each, found in wrong.items()} == {
        f"event_subscription.{SUBSCRIPTION}": "fault"
    }
    assert "no answer in 10 s" in wrong[f"event_subscription.{SUBSCRIPTION}"]["message"]


def test_without_a_sign_in_one_check_says_so(monitor: Monitor) -> None:
    """What needs a token is said not to be checked; the rest is."""
    monitor.cloud.azure.fault("/msi/token", status=400, body='{"message": "no identity"}')
    ended = monitor.doctor()
    wrong = monitor.wrong()
    monitor.cloud.azure.faults.clear(None)

    assert ended.status == 1
    assert wrong.keys() == {"identity", "azure"}
    assert wrong["identity"]["command"] == "az login"
    words = " ".join(ended.out.split())
    assert "Why it matters: Without a token for Azure nothing is read" in words
    assert "What to do: Sign in" in words
    assert max(map(len, ended.lines)) <= 80


def test_a_subscription_that_is_not_there_is_found(monitor: Monitor) -> None:
    """By every check that reads it."""
    other = "33333333-3333-3333-3333-333333333333"
    wrong = monitor.wrong(COMPLIANCE_WATCHED_SUBSCRIPTIONS=f"{SUBSCRIPTION},{other}")

    assert {f"permissions.{other}", f"activity_log_rows.{other}"} <= wrong.keys()
    assert not {each for each in wrong if each.endswith(SUBSCRIPTION)}
    assert "does not exist" in wrong[f"permissions.{other}"]["message"]
