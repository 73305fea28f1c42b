"""The function app in Azure: the real runtime, storage with tokens alone, and the local Azure."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.azure.storage.names import DEAD_LETTERS
from shared.domain.finding import TransitionKind
from shared.domain.resource_id import ResourceId
from shared.pipeline.messages import LookMessage, Trigger, decode
from shared.pipeline.work import MOST_DELIVERIES
from shared.ports import QueueName, TransitionQuery
from shared.runtime.app import AppPorts
from tests.activity_rows import row
from tests.arm import account, deployment
from tests.azurite_server import Azurite
from tests.integration.functions_host.azure_world import Cloud, World, done, running_cloud
from tests.integration.functions_host.host import ROOT as ROOT_FOLDER
from tests.integration.functions_host.host import FunctionsHost
from tests.worlds import write_event

ACCOUNT = account()
ROOT = ACCOUNT.id
SUBSCRIPTION = f"/subscriptions/{ROOT.subscription}"
OPEN_TO_KEYS = f"identity.local_auth_disabled {ROOT.key}"
LOOKS, SWEEPS = QueueName.LOOKS, QueueName.SWEEPS


@pytest.fixture(scope="module")
def cloud(keyless_azurite: Azurite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An Azure with an account that can be reached with keys."""
    with running_cloud(keyless_azurite, tmp_path_factory.mktemp("cloud")) as running:
        running.azure.seed([ACCOUNT, deployment()])
        yield running


@pytest.fixture
def world(cloud: Cloud, tmp_path: Path) -> World:
    """A storage account of its own."""
    return World(cloud, tmp_path / "stderr")


@pytest.fixture
def host(world: World) -> Iterator[FunctionsHost]:
    """The app, running."""
    with world.host() as running:
        yield running


def looks_asked_for(host: FunctionsHost, resource_id: ResourceId = ROOT) -> list[str]:
    """Let an event arrive, and return what the host would put on the queue `looks`."""
    event = json.dumps(write_event(resource_id, correlationId="c1"))
    return list(done(host.invoke("resource_changed", event)).outputs["looks"])


def take_all(world: World, queue: QueueName) -> list[str]:
    """Take what is visible on a queue, as the host does."""

    async def taken(app: AppPorts) -> list[str]:
        texts = []
        while (message := await app.ports.queue.take(queue)) is not None:
            texts.append(message.text)
            await app.ports.queue.done(queue, message)
        return texts

    return world.see(taken)


def hidden(world: World, queue: QueueName) -> bool:
    """Whether a queue holds messages whose time has not come."""

    async def look(app: AppPorts) -> bool:
        due = await app.ports.queue.next_due(queue)
        return due is not None and due > datetime.now(UTC) + timedelta(seconds=1)

    return world.see(look)


def test_an_event_becomes_a_finding_and_an_alert(host: FunctionsHost, world: World) -> None:
    """The finding is in the table and the alert in the outbox; a second look waits for its time."""
    (message,) = looks_asked_for(host)
    done(host.invoke("look", message))
    _ready, told = host.outcomes()
    dependents = take_all(world, LOOKS)

    async def stored(app: AppPorts) -> tuple[set[str], set[str]]:
        findings = await app.ports.findings.findings(ROOT.key)
        alerts = await app.ports.findings.undelivered("teams", 100)
        return set(findings), {str(each.control) for each in alerts}

    findings, alerts = world.see(stored)
    assert (told["status"], told["root"], told["unread"]) == ("looked", ROOT.key, 0)
    assert OPEN_TO_KEYS in findings
    assert "identity.local_auth_disabled" in alerts
    assert [decode(each).trigger for each in dependents] == [Trigger.RELATED]
    assert hidden(world, LOOKS)


def test_a_change_that_no_event_told_is_found_in_the_activity_log(
    host: FunctionsHost, world: World
) -> None:
    """A sweep has seen its effect; the row, which comes later, tells who made it."""
    done(host.invoke("sweep", "{}"))
    for message in take_all(world, SWEEPS):
        done(host.invoke("sweep_look", message))
    now = datetime.now(UTC)
    world.cloud.logs.ingest(
        [row(ROOT, at=now, SubscriptionId=ROOT.subscription)], now - timedelta(seconds=1)
    )
    done(host.invoke("activity_log", "{}"))
    (heard,) = host.outcomes()
    (message,) = [each for each in take_all(world, LOOKS) if decode(each).root == ROOT.key]
    done(host.invoke("look", message))

    async def actors(app: AppPorts) -> set[str | None]:
        told = await app.ports.findings.transitions(TransitionQuery(alerts_only=False))
        return {
            each.attribution.actor for each in told if each.root == ROOT.key and each.attribution
        }

    assert (heard["rows"], heard["changes"], heard["caught_up"]) == (1, 1, True)
    assert world.see(actors) == {"ann@example.com"}
    done(host.invoke("activity_log", "{}"))
    assert host.outcomes()[-1]["changes"] == 0


def test_the_first_deep_sweep_follows_the_first_core_sweep(
    host: FunctionsHost, world: World
) -> None:
    """Together they are the baseline; each ends with one digest."""
    depths = []
    for timer in ("sweep", "redrive"):
        done(host.invoke(timer, "{}"))
        messages = take_all(world, SWEEPS)
        depths.append({bool(decode(each).sources) for each in messages})
        for message in messages:
            done(host.invoke("sweep_look", message))
    done(host.invoke("redrive", "{}"))

    async def alerts(app: AppPorts) -> list[TransitionKind]:
        return [each.kind for each in await app.ports.findings.transitions(TransitionQuery())]

    assert depths == [{False}, {True}]
    assert host.outcomes()[-1]["sweeps"] == 0
    assert set(world.see(alerts)) == {TransitionKind.BASELINE}


def test_dead_letters_go_through_the_pipeline_again(host: FunctionsHost, world: World) -> None:
    """Both schemas, whatever is bad among them set aside, and the blob removed."""
    fixtures = ROOT_FOLDER / "tests/fixtures/events"
    dead = [
        json.loads((fixtures / f"dead-letter.{each}.json").read_text("utf-8"))
        for each in ("eventgrid", "cloudevents")
    ]
    ours = write_event(ROOT) | {"deadLetterReason": "MaxDeliveryAttemptsExceeded"}

    async def leave(_app: AppPorts) -> None:
        async with world.clients() as clients:
            container = await clients.blobs.create_container(DEAD_LETTERS)
            for number, content in enumerate(([ours, *dead, {"id": "bad"}], [ours] * 120)):
                name = f"TO-THE-MONITOR/2026/11/20/8/{number}.json"
                await container.upload_blob(name, json.dumps(content).encode())

    world.see(leave)
    done(host.invoke("redrive", "{}"))
    told = host.outcomes()[-1]["dead_letters"]
    done(host.invoke("redrive", "{}"))

    # What is not of this estate's subscription is set aside too.
    assert told == {"batches": 2, "events": 124, "changes": 121, "malformed": 3}
    assert host.outcomes()[-1]["dead_letters"] == {}
    assert {decode(each).root for each in take_all(world, LOOKS)} == {ROOT.text}


def test_poison_comes_back_later_and_a_sweep_ends_without_it(
    host: FunctionsHost, world: World
) -> None:
    """A message of an event waits again on its queue; a sweep's root is struck off."""
    done(host.invoke("sweep", "{}"))
    swept = take_all(world, SWEEPS)
    once = LookMessage(ROOT.text, datetime.now(UTC), Trigger.CHANGE).encode()
    often = LookMessage(ROOT.text, datetime.now(UTC), Trigger.CHANGE, redrives=3).encode()

    async def poison(app: AppPorts) -> None:
        assert app.poison is not None
        beside = app.poison
        await beside.put(LOOKS, [once, often, "no JSON"])  # type: ignore[attr-defined] # as the host
        await beside.put(SWEEPS, swept)  # type: ignore[attr-defined] # as the host

    world.see(poison)
    done(host.invoke("redrive", "{}"))
    told = host.outcomes()[-1]

    async def kept(app: AppPorts) -> list[str]:
        reasons = [each.reason for each in await app.ports.aside.kept(100)]
        # "," is before ";".
        return sorted(reasons)

    async def ended(app: AppPorts) -> list[int]:
        coverage = await app.ports.ledger.coverage(ROOT.subscription)
        return [each.given_up for each in coverage if each.ended_at is not None]

    crashed = f"crashed {MOST_DELIVERIES} times in a row; the log has its tracebacks"
    assert told["poison"] == {"redriven": 1, "struck_off": 2, "given_up": 2}
    assert hidden(world, LOOKS)
    assert world.see(kept)[:3] == [
        f"{crashed}, again after 3 redrives",
        *[f"{crashed}; the next sweep looks again"] * 2,
    ]
    assert world.see(ended) == [2]
