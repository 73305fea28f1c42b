"""The dead man's switch in Azure: the canary flies, the record is written, and both can fail to."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.sinks.log_tables import ALERTS, EVALUATIONS, HEALTH
from shared.domain.canary import CANARY
from shared.domain.root_state import Posture
from shared.pipeline.canary import SENT
from shared.pipeline.messages import Trigger, decode
from shared.pipeline.pokes import POKE
from shared.ports import QueueName, TransitionQuery
from shared.runtime.app import AppPorts
from tests.arm import account, deployment
from tests.azurite_server import Azurite
from tests.integration.functions_host.azure_world import Cloud, World, done, running_cloud
from tests.integration.functions_host.host import FunctionsHost
from tests.integration.functions_host.local_world import ON_TIME

LOOKS, ALERT_POKES = QueueName.LOOKS, QueueName.ALERTS


@pytest.fixture(scope="module")
def cloud(keyless_azurite: Azurite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An Azure with a data collection rule."""
    with running_cloud(keyless_azurite, tmp_path_factory.mktemp("cloud")) as running:
        running.azure.seed([account(), deployment()])
        yield running


@pytest.fixture
def world(cloud: Cloud, tmp_path: Path) -> World:
    """A storage account of its own; nothing was written to the tables yet."""
    cloud.ingestion.rows.clear()
    made = World(cloud, tmp_path / "stderr")
    made.with_log_tables()
    return made


@pytest.fixture
def host(world: World) -> Iterator[FunctionsHost]:
    """The app, running."""
    with world.host() as running:
        yield running


def take_all(world: World, queue: QueueName) -> list[str]:
    """Take what is visible on a queue, as the host does."""

    async def taken(app: AppPorts) -> list[str]:
        texts = []
        while (message := await app.ports.queue.take(queue)) is not None:
            texts.append(message.text)
            await app.ports.queue.done(queue, message)
        return texts

    return world.see(taken)


def half_an_hour_later(world: World) -> None:
    """Let the last canary have been sent half an hour ago."""

    async def turn_back(app: AppPorts) -> None:
        earlier = datetime.now(UTC) - timedelta(minutes=30)
        await app.bookmarks.save(SENT, json.dumps(earlier.isoformat()))

    world.see(turn_back)


def record_of(world: World) -> dict[str, object]:
    """Return the last health record in the table."""
    return world.cloud.ingestion.rows[HEALTH.stream][-1]


def test_the_canary_flies_from_the_queue_to_the_table(host: FunctionsHost, world: World) -> None:
    """Through the functions as a real change; the next record tells how long it took."""
    done(host.invoke("redrive", ON_TIME))
    first = record_of(world)
    (message,) = take_all(world, LOOKS)
    assert decode(message).trigger is Trigger.CANARY
    asked = len(world.cloud.azure.log.reads)
    done(host.invoke("look", message))
    assert len(world.cloud.azure.log.reads) == asked
    assert take_all(world, ALERT_POKES) == [POKE]
    done(host.invoke("deliver", POKE))
    done(host.invoke("redrive", ON_TIME))

    (row,) = world.cloud.ingestion.rows[ALERTS.stream]
    assert (row["AlertKind"], row["RootId"], row["FindingId"]) == ("canary", CANARY.key, None)
    record = record_of(world)
    assert (first["CanarySentAt"], first["CanarySeconds"]) == (None, None)
    assert record["CanarySentAt"] == row["OccurredAt"]
    assert 0 < float(str(record["CanarySeconds"])) < 60
    measures = record["Measures"]
    assert isinstance(measures, dict)
    assert measures["poison"] == measures["dead_letters"] == measures["parked"] == 0
    assert abs(measures["clock_ahead_seconds"]) < 30
    assert measures["undelivered"] == 0
    # Half an hour has not passed.
    assert take_all(world, LOOKS) == []


def test_the_canary_counts_nowhere(host: FunctionsHost, world: World) -> None:
    """Not among alerts, nor in the posture, nor as a subscription to be swept."""
    done(host.invoke("redrive", ON_TIME))
    (message,) = take_all(world, LOOKS)
    done(host.invoke("look", message))
    done(host.invoke("deliver", POKE))
    done(host.invoke("sweep", ON_TIME))

    async def seen(app: AppPorts) -> tuple[Posture, int, frozenset[str]]:
        store = app.ports.findings
        listed = await store.transitions(TransitionQuery(alerts_only=False))
        return await store.posture(), len(listed), await store.subscriptions()

    begun = host.outcomes()[-1]
    swept = [decode(each).root for each in take_all(world, QueueName.SWEEPS)]
    assert begun["subscriptions"] == 1
    assert not any(CANARY.subscription in each for each in swept)
    assert world.see(seen) == (Posture(), 0, frozenset())


def test_a_canary_that_is_lost_shows(host: FunctionsHost, world: World) -> None:
    """Nothing tries again: the message is gone, and no record and no row says otherwise."""
    done(host.invoke("redrive", ON_TIME))
    assert len(take_all(world, LOOKS)) == 1
    for _ in range(2):
        done(host.invoke("redrive", ON_TIME))
        done(host.invoke("deliver", POKE))

    assert take_all(world, LOOKS) == []
    assert world.cloud.ingestion.rows[ALERTS.stream] == []
    assert record_of(world)["CanarySentAt"] is None

    half_an_hour_later(world)
    done(host.invoke("redrive", ON_TIME))
    assert [decode(each).trigger for each in take_all(world, LOOKS)] == [Trigger.CANARY]


def test_the_record_is_in_the_log_though_the_tables_are_down(
    host: FunctionsHost, world: World
) -> None:
    """The rest of the redrive is done, and the invocation fails: the host counts it."""
    world.cloud.azure.fault("/dataCollectionRules/", status=503, times=5)
    answer = host.invoke("redrive", ON_TIME)
    world.cloud.azure.faults.clear()

    assert answer.failure is not None
    assert "health: failed: Log Analytics answered 503" in answer.failure
    (line,) = [each.message for each in host.logs if each.logger == "compliance.health"]
    assert json.loads(line)["measures"]["controls"] > 40
    assert len(take_all(world, LOOKS)) == 1


def test_what_a_look_came_to_is_in_the_table(host: FunctionsHost, world: World) -> None:
    """A little later: here with the redrive of the same worker."""
    done(host.invoke("sweep", ON_TIME))
    for message in take_all(world, QueueName.SWEEPS):
        done(host.invoke("sweep_look", message))
    done(host.invoke("redrive", ON_TIME))

    rows = world.cloud.ingestion.rows[EVALUATIONS.stream]
    roots = {str(each["RootId"]) for each in rows}
    assert account().id.key in roots
    assert CANARY.key not in roots
    assert {each["Verdict"] for each in rows} >= {"pass", "fail"}
