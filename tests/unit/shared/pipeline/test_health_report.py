"""The health record: everything that can be told, and of the rest why not."""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.listening import SqliteBookmarks, SqliteReceivedEvents
from shared.adapters.local.retention import SqliteRetention
from shared.adapters.local.work_queue import SqliteWorkQueue
from shared.domain.health import Health, HealthCheck, HealthRecord
from shared.pipeline import activity_bookmark, health_report
from shared.pipeline.activity_bookmark import ActivityBookmark
from shared.pipeline.evaluated import Evaluated
from shared.pipeline.health_report import HealthReports, Part, Signs, counted, words_of
from shared.pipeline.listen import BOOKMARK
from shared.pipeline.signs_of_sight import Heard
from shared.pipeline.upkeep import UpkeepError
from shared.pipeline.work import WorkReport
from shared.ports import BusyError, PortError, QueueName, SetAside
from shared.runtime.alerts import AppSinks, LogTables
from shared.runtime.app import App, AppPorts, assemble_app
from tests.fakes import FakeClock, MemorySink
from tests.worlds import CATALOGUE, SUBSCRIPTION, World, resource, world, write_event

ACCOUNT = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
    "/Microsoft.CognitiveServices/accounts/open"
)


class Broken:
    """A port that answers nothing."""

    def __getattr__(self, name: str) -> NoReturn:
        raise PortError(f"the storage is down ({name})")


class Tables:
    """The tables, in memory; `down`: they take nothing."""

    def __init__(self) -> None:
        self.health: list[HealthRecord] = []
        self.evaluations: list[Evaluated] = []
        self.down = False

    def opened(self) -> LogTables:
        """Return them as the app has them."""

        async def write_health(records: Sequence[HealthRecord]) -> None:
            self._check()
            self.health += records

        async def write_evaluations(rows: Sequence[Evaluated]) -> None:
            self._check()
            self.evaluations += rows

        return LogTables(write_health, write_evaluations)

    def _check(self) -> None:
        if self.down:
            raise BusyError("Log Analytics answered 503")


class Here:
    """An app on a world, with tables and the sink of canaries."""

    def __init__(self, *, has_logs: bool = True) -> None:
        self.told: World = world()
        self.tables = Tables()
        self.sink = MemorySink("log_analytics")
        self.channel = MemorySink("teams")
        self.app = self._app([self.sink, self.channel] if has_logs else [self.channel], has_logs)

    def _app(self, sinks: list[MemorySink], has_logs: bool) -> App:  # noqa: FBT001 - only here
        ports = self.told.ports
        assert isinstance(ports.findings, SqliteFindingStore)
        database = ports.findings.database
        queue = SqliteWorkQueue(database, ports.clock)
        self.bookmarks = SqliteBookmarks(database)
        self.received = SqliteReceivedEvents(database)
        retention = SqliteRetention(database)
        self.ports = AppPorts(ports, self.bookmarks, self.received, retention, backlogs=queue)
        tables = self.tables.opened() if has_logs else None
        return self.assembled(self.ports, AppSinks(sinks, tables=tables))

    def assembled(self, ports: AppPorts, sinks: AppSinks) -> App:
        """Put an app together."""
        keep = timedelta(days=400)
        return assemble_app(ports, CATALOGUE, frozenset({SUBSCRIPTION}), keep, sinks)

    async def flight(self) -> None:
        """Let a canary fly, whose look comes after 4 s and its delivery after 3 more."""
        await self.app.upkeep.tasks["canary"]()
        self.told.clock.advance(timedelta(seconds=4))
        await self.app.runtime.worker.drain(WorkReport())
        self.told.clock.advance(timedelta(seconds=3))
        await self.app.alerts.run()

    async def record(self, app: App | None = None) -> HealthRecord:
        """Return what is written next."""
        await (app or self.app).upkeep.tasks["health"]()
        return self.tables.health[-1]


@pytest.fixture
def here() -> Here:
    """An app to which nothing has happened."""
    return Here()


def check(record: HealthRecord, name: str) -> HealthCheck:
    """Return a check that must be there, once."""
    (found,) = [each for each in record.checks if each.name == name]
    return found


async def test_what_never_was_is_none_and_not_zero(here: Here) -> None:
    """A new app knows of no event, no look, no sweep and no canary, and says so."""
    record = await here.record()

    measures = record.measures
    assert {name for name, each in measures.items() if each is None} == {
        "clock_ahead_seconds",
        "poison",
        "poison_alerts",
        "redrive_seconds",
        "redrive_failed",
        "dead_letters",
        "set_aside_seconds",
        "event_seconds",
        "look_seconds",
        "core_sweep_seconds",
        "deep_sweep_seconds",
        f"core_sweep_seconds/{SUBSCRIPTION}",
        f"core_sweep_roots/{SUBSCRIPTION}",
        f"deep_sweep_seconds/{SUBSCRIPTION}",
        f"deep_sweep_roots/{SUBSCRIPTION}",
        "activity_log_seconds",
        "queue_looks_seconds",
        "queue_sweeps_seconds",
        "queue_alerts_seconds",
        "undelivered_seconds",
        "undelivered_seconds/log_analytics",
        "undelivered_seconds/teams",
        "canary_age_seconds",
        "canary_recorded_seconds",
        "canary_told_seconds",
    }
    assert (record.canary_sent_at, record.canary_took) == (None, None)
    assert check(record, "poison").message == "Cannot be told: this backend has none."
    assert (measures["controls"], measures["core_sweep_never"]) == (len(CATALOGUE), 1)
    assert record.health is Health.WARN


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=119), "119 s"),
        (timedelta(minutes=2), "2 min"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=48), "2 days"),
    ],
)
def test_an_age_is_told_in_whole_units(age: timedelta, words: str) -> None:
    """In the largest of which there are two."""
    assert words_of(age) == words


def test_what_was_counted_up_to_a_limit_says_so() -> None:
    """There may be more."""
    assert [counted(each, 100) for each in (0, 99, 100)] == ["0", "99", "100 or more"]


async def test_why_something_cannot_be_told_ends_with_one_mark() -> None:
    """That of its reason, where that has one."""

    async def fail(*_: object) -> None:
        raise PortError("the estate holds no files; is it mounted?")

    parts = [Part("sweeps", (), fail)]
    (found,) = (await HealthReports(FakeClock(), "1", "i", parts, print).record()).checks

    assert found.message == "Cannot be told: the estate holds no files; is it mounted?"


@pytest.mark.parametrize("chosen", [None, frozenset[str]()])
async def test_to_watch_nothing_is_a_warning(here: Here, chosen: frozenset[str] | None) -> None:
    """Whether nothing is set, or nothing is to be seen: else all would look well."""
    app = assemble_app(
        here.ports, CATALOGUE, chosen, timedelta(days=400), AppSinks(tables=here.tables.opened())
    )
    record = await here.record(app)

    found = check(record, "watched")
    assert found.health is Health.WARN
    said = "no AI resource can be seen" if chosen is None else "the setting names none"
    assert found.message == f"No subscription is watched, so nothing is judged: {said}."
    assert check(record, "core_sweeps").health is Health.WARN
    assert record.measures["subscriptions"] == 0


async def test_to_tell_nobody_is_a_warning(here: Here) -> None:
    """Nothing is lost, and nobody knows of it; with a sink the check is none."""
    app = here.assembled(here.ports, AppSinks(tables=here.tables.opened()))

    found = check(await here.record(app), "sinks")

    assert found.health is Health.WARN
    assert found.message == "There is no sink: alerts are kept, and nobody is told of them."
    assert "sinks" not in {each.name for each in (await here.record()).checks}


async def test_what_happened_is_measured(here: Here) -> None:
    """Events, looks, sweeps, alerts that wait, what is set aside: each with its age."""
    told = here.told
    told.inventory.put(account := resource(ACCOUNT, kind="OpenAI", properties={}))
    await here.app.schedule.hourly()
    await here.app.runtime.worker.drain(WorkReport())
    told.clock.advance(timedelta(minutes=10))
    changed = resource(ACCOUNT, kind="OpenAI", properties={"publicNetworkAccess": "Disabled"})
    told.inventory.put(changed)
    await here.app.intake.accept([write_event(account.id, correlationId="c1")])
    await here.app.runtime.worker.drain(WorkReport())
    await told.ports.aside.keep([SetAside(told.clock.now(), "no event", "{}", 2)])
    await here.app.intake.accept([write_event(account.id, correlationId="c2")])
    told.clock.advance(timedelta(seconds=20))

    measures = (await here.record()).measures

    assert measures["event_seconds"] == pytest.approx(20, abs=1)
    assert measures["look_seconds"] == pytest.approx(20, abs=2)
    assert measures[f"core_sweep_seconds/{SUBSCRIPTION}"] == pytest.approx(620, abs=2)
    assert measures[f"core_sweep_roots/{SUBSCRIPTION}"] == 1
    assert measures["deep_sweep_never"] == 1
    assert measures["queue_looks"] == measures["set_aside"] == 1
    assert measures["queue_looks_seconds"] == pytest.approx(20, abs=1)
    assert measures["set_aside_seconds"] == pytest.approx(20, abs=1)
    waiting = await told.ports.findings.undelivered("teams", 100)
    assert measures["undelivered/teams"] == len(waiting) > 0
    assert measures["undelivered"] == 2 * len(waiting)
    assert measures["undelivered_seconds"] == pytest.approx(620, abs=2)


async def test_a_canary_is_in_the_next_record_with_its_latency(here: Here) -> None:
    """From the queue to the look, and from there to the sink."""
    await here.flight()
    record = await here.record()

    assert record.canary_took is not None
    assert record.canary_took.total_seconds() == pytest.approx(7, abs=0.1)
    assert record.canary_sent_at is not None
    measures = record.measures
    assert measures["canary_recorded_seconds"] == pytest.approx(4, abs=0.1)
    assert measures["canary_told_seconds"] == pytest.approx(3, abs=0.1)
    assert check(record, "canary").health is Health.OK
    assert here.channel.told == []


@pytest.mark.parametrize("lost_at", ["queue", "look", "sink"])
async def test_a_lost_canary_is_a_fault_wherever_it_was_lost(here: Here, lost_at: str) -> None:
    """None of the next ones arriving either; the last that did is still shown."""
    await here.flight()
    sent_at = (await here.record()).canary_sent_at
    here.sink.down = lost_at == "sink"
    for _ in range(3):
        here.told.clock.advance(timedelta(minutes=30))
        if lost_at != "queue":
            await here.app.upkeep.tasks["canary"]()
        if lost_at == "sink":
            await here.app.runtime.worker.drain(WorkReport())
            await here.app.alerts.run()

    record = await here.record()

    assert record.canary_sent_at == sent_at
    assert check(record, "canary").health is Health.FAULT
    assert record.health is Health.FAULT


async def test_one_that_never_arrived_is_a_fault_in_time(here: Here) -> None:
    """Nobody waits for the first for ever."""
    await here.app.upkeep.tasks["canary"]()
    assert check(await here.record(), "canary").health is Health.WARN
    here.told.clock.advance(timedelta(minutes=76))

    assert check(await here.record(), "canary").health is Health.FAULT


async def test_a_part_that_fails_takes_nothing_from_the_others(here: Here) -> None:
    """With the queues, the history and the sweeps down the rest is told, and these say why."""
    await here.flight()
    stores = replace(here.ports.ports, findings=Broken(), ledger=Broken())
    ports = replace(here.ports, ports=stores, backlogs=Broken(), poison_backlogs=Broken())
    app = here.assembled(ports, AppSinks([here.sink], tables=here.tables.opened()))

    record = await here.record(app)

    down = {each.name for each in record.checks if each.health is Health.FAULT}
    assert down == {"queues", "poison", "looks", "sweeps", "blind_spots", "sinks", "parked"}
    for name in ("queue_looks", "poison", "blind_spots", "undelivered/log_analytics", "parked"):
        assert record.measures[name] is None
    assert check(record, "poison").message == ("Cannot be told: the storage is down (backlog).")
    assert record.measures["set_aside"] == 0
    assert record.canary_took is not None


async def test_a_part_that_hangs_or_crashes_is_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Half of what it found is not told."""
    monkeypatch.setattr(health_report, "LONGEST", timedelta(milliseconds=20))

    async def hang(_: object, signs: Signs) -> None:
        signs.measures["one"] = 1
        await asyncio.Event().wait()

    async def crash(_: object, signs: Signs) -> None:
        raise KeyError(str(signs))

    parts = [Part("slow", ("one", "two"), hang), Part("bad", ("three",), crash)]
    record = await HealthReports(FakeClock(), "1", "i", parts, print).record()

    assert record.measures == {"one": None, "two": None, "three": None}
    assert check(record, "slow").message == "Cannot be told: no answer in 0.02 s."
    assert check(record, "bad").health is Health.FAULT
    assert "bad cannot be told" in caplog.text


async def test_a_record_comes_though_the_redrive_fails(
    here: Here, caplog: pytest.LogCaptureFixture
) -> None:
    """It is the first that the timer does; and its own failure stops none of the others."""
    assert next(iter(here.app.upkeep.tasks)) == "health"

    async def crash() -> int:
        raise KeyError("poison")

    tasks = {**here.app.upkeep.tasks, "poison": crash}
    with pytest.raises(UpkeepError, match="poison: crashed"):
        await replace(here.app.upkeep, tasks=tasks).run()
    assert len(here.tables.health) == 1

    here.tables.down = True
    with caplog.at_level(logging.INFO), pytest.raises(UpkeepError, match="answered 503"):
        await here.app.upkeep.run()

    lines = [each.message for each in caplog.records if each.name == "compliance.health"]
    assert json.loads(lines[-1])["measures"]["controls"] == len(CATALOGUE)


async def test_without_log_analytics_the_line_is_all(caplog: pytest.LogCaptureFixture) -> None:
    """No canary flies; that it does not is said, and is no fault."""
    here = Here(has_logs=False)
    with caplog.at_level(logging.INFO):
        await here.app.upkeep.run()

    (line,) = [each.message for each in caplog.records if each.name == "compliance.health"]
    told = json.loads(line)
    assert "canary" not in here.app.upkeep.tasks
    assert (told["canary_seconds"], told["measures"]["canary_age_seconds"]) == (None, None)
    assert "canary" not in told["wrong"]
    assert await here.told.ports.queue.next_due(QueueName.LOOKS) is None or told["measures"]
    assert here.tables.health == []


async def test_a_sink_that_takes_nothing_for_an_hour_is_a_fault(here: Here) -> None:
    """With what it says, and how much waits since when; the other one is well."""
    await here.flight()
    here.channel.down = True
    here.told.inventory.put(account := resource(ACCOUNT, kind="OpenAI", properties={}))
    await here.app.intake.accept([write_event(account.id)])
    await here.app.runtime.worker.drain(WorkReport())
    await here.app.alerts.run()
    assert check(await here.record(), "sink.teams").health is Health.WARN
    here.told.clock.advance(timedelta(minutes=61))

    record = await here.record()

    assert check(record, "sink.teams").health is Health.FAULT
    assert "the sink is down" in check(record, "sink.teams").message
    assert check(record, "sink.log_analytics").health is Health.OK


async def test_how_far_the_activity_log_was_read_is_told() -> None:
    """None where it never was; a fault when it stands still."""
    clock, bookmarks = FakeClock(), SqliteBookmarks(Database(Path(":memory:")))
    signs = Signs()
    await Heard(bookmarks).take(clock.now(), signs)
    assert signs.measures == {"activity_log_seconds": None}
    await activity_bookmark.save(bookmarks, BOOKMARK, ActivityBookmark(clock.now()))
    clock.advance(timedelta(minutes=61))

    await Heard(bookmarks).take(clock.now(), signs := Signs())

    assert signs.measures["activity_log_seconds"] == pytest.approx(3660, abs=1)
    assert signs.checks[0].health is Health.FAULT
