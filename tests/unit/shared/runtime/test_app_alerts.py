"""The alerts of the app: a look pokes, a poke tells, and what was lost is made up for."""

from datetime import timedelta

import pytest

from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.listening import SqliteBookmarks, SqliteReceivedEvents
from shared.adapters.local.retention import SqliteRetention
from shared.pipeline.pokes import POKE
from shared.pipeline.work import WorkReport
from shared.ports import PortError, QueueName
from shared.runtime.alerts import AppSinks
from shared.runtime.app import App, AppPorts, assemble_app
from shared.runtime.app_sinks import app_sinks
from shared.runtime.sink_settings import SinkSettings
from tests.fakes import MemorySink
from tests.worlds import CATALOGUE, SUBSCRIPTION, World, resource, world, write_event

ACCOUNT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
    "/Microsoft.CognitiveServices/accounts/open"
)


def app_on(told: World, *sinks: MemorySink) -> App:
    """Return the app of a world with these sinks."""
    assert isinstance(told.ports.findings, SqliteFindingStore)
    database = told.ports.findings.database
    bookmarks, received = SqliteBookmarks(database), SqliteReceivedEvents(database)
    ports = AppPorts(told.ports, bookmarks, received, SqliteRetention(database))
    keep = timedelta(days=400)
    return assemble_app(ports, CATALOGUE, frozenset({SUBSCRIPTION}), keep, AppSinks(sinks))


async def change(told: World, app: App) -> None:
    """Let an account appear that fails controls, and look at it."""
    account = resource(ACCOUNT, kind="OpenAI", properties={})
    told.inventory.put(account)
    await app.intake.accept([write_event(account.id)])
    await app.runtime.worker.drain(WorkReport())


async def test_a_look_that_alerts_pokes_and_the_poke_tells_every_sink() -> None:
    """State first, then telling; what is told leaves nothing to make up for."""
    told, sinks = world(), [MemorySink("one"), MemorySink("two")]
    app = app_on(told, *sinks)
    await change(told, app)
    taken = await told.ports.queue.take(QueueName.ALERTS)
    assert taken is not None
    assert taken.text == POKE

    done = await app.alerts.run()

    alerts = [each.id for each in await told.history() if each.alerts]
    assert alerts
    assert [[each.id for each in sink.told] for sink in sinks] == [alerts, alerts]
    assert (done.told, done.parked, done.next_at) == (2 * len(alerts), 0, None)
    assert await app.alerts.make_up() == 0


async def test_a_poke_that_was_lost_is_made_up_for_by_the_redrive() -> None:
    """One poke, whatever the number of alerts and sinks."""
    told, sink = world(), MemorySink()
    await change(told, app_on(told))
    app = app_on(told, sink)
    assert await told.ports.queue.next_due(QueueName.ALERTS) is None

    counts = await app.upkeep.run()

    assert counts["alerts"] == 1
    assert await told.ports.queue.take(QueueName.ALERTS) is not None
    await app.alerts.run()
    assert (await app.upkeep.run())["alerts"] == 0


async def test_without_sinks_nobody_is_poked() -> None:
    """Alerts wait for the first sink that is set."""
    told = world()
    app = app_on(told)
    await change(told, app)

    assert (await app.upkeep.run())["alerts"] == 0
    assert await told.ports.queue.next_due(QueueName.ALERTS) is None


async def test_a_sink_that_is_down_is_poked_for_when_it_is_due() -> None:
    """Before, nobody touches it; the look and the other sink do not notice."""
    told, down, up = world(), MemorySink("down"), MemorySink("up")
    down.down = True
    app = app_on(told, down, up)
    await change(told, app)
    poke = await told.ports.queue.take(QueueName.ALERTS)
    assert poke is not None
    done = await app.alerts.run()
    await told.ports.queue.done(QueueName.ALERTS, poke)
    assert up.told
    assert done.sinks["down"].failed
    assert await told.ports.queue.take(QueueName.ALERTS) is None

    down.down = False
    told.clock.advance(timedelta(seconds=3))
    assert await told.ports.queue.take(QueueName.ALERTS) is not None
    await app.alerts.run()

    assert [each.id for each in down.told] == [each.id for each in up.told]


async def test_a_queue_that_is_down_does_not_fail_the_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its commit stands, and the redrive pokes later."""
    told = world()
    app = app_on(told, MemorySink())
    put = type(told.ports.queue).put

    async def fail(queue, name, texts, **options) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001, ANN003 - as of the queue
        if name is QueueName.ALERTS:
            raise PortError("the queue is down")
        await put(queue, name, texts, **options)

    monkeypatch.setattr(type(told.ports.queue), "put", fail)
    await change(told, app)
    assert [each for each in await told.history() if each.alerts]
    with pytest.raises(PortError):
        await app.upkeep.run()
    monkeypatch.undo()

    assert (await app.upkeep.run())["alerts"] == 1


async def test_the_sinks_that_are_set_are_opened_with_their_rules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By name, so that the outbox knows when all were told."""
    monkeypatch.setenv("COMPLIANCE_SINKS__TEAMS__URL", "https://teams.example.com/s3cret")
    monkeypatch.setenv("COMPLIANCE_SINKS__WEBHOOK__URL", "http://127.0.0.1:9/hook")
    monkeypatch.setenv("COMPLIANCE_DIGEST_SECONDS", "30")
    settings = SinkSettings()
    told, parts = app_sinks(settings, CATALOGUE, world().clock, None, escalate_to="webhook")
    async with parts.closing:
        assert {each.name for each in told.sinks} == settings.sinks.names == {"teams", "webhook"}
        assert told.rules.window == timedelta(seconds=30)
        assert told.rules.escalation == {"webhook"}
