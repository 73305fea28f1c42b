"""Poison: what crashed the code comes back a few times, later each time, and is then set aside."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.work_queue import SqliteWorkQueue
from shared.domain.health import Health
from shared.pipeline.health_report import Signs
from shared.pipeline.messages import LookMessage, Trigger, decode
from shared.pipeline.poison import LONGEST_RUN, WAITS, DrovePoison, PoisonRun
from shared.pipeline.pokes import POKE
from shared.pipeline.remedies import AZURE, Remedies
from shared.pipeline.signs_of_work import Poison
from shared.pipeline.work import MOST_DELIVERIES
from shared.ports import PortError, QueueName, SetAside
from tests.records import ACCOUNT, SUBSCRIPTION, moment
from tests.worlds import World, resource, world

MESSAGE = LookMessage(ACCOUNT, moment(0), Trigger.CHANGE, put_backs=4)
LOOKS, SWEEPS = QueueName.LOOKS, QueueName.SWEEPS


@pytest.fixture
def here() -> World:
    """A world with an account."""
    told = world()
    told.inventory.put(resource(ACCOUNT))
    return told


@pytest.fixture
def poison(here: World) -> SqliteWorkQueue:
    """The queues beside the queues."""
    return SqliteWorkQueue(Database(Path(":memory:")), here.clock)


@pytest.fixture
def run(here: World, poison: SqliteWorkQueue) -> PoisonRun:
    """The use case."""
    ports, sweeps = here.ports, here.runtime.sweeps
    return PoisonRun(poison, ports.queue, ports.aside, ports.clock, sweeps.give_up)


async def kept(here: World) -> Sequence[SetAside]:
    """Return what is set aside."""
    return await here.ports.aside.kept(10)


async def test_it_comes_back_later_each_time_and_is_set_aside_at_last(
    here: World, poison: SqliteWorkQueue, run: PoisonRun
) -> None:
    """A minute, an hour and half a day later; then it is kept with its reason."""
    text, waits = MESSAGE.encode(), []
    for _ in WAITS:
        await poison.put(LOOKS, [text])
        began = here.clock.now()
        assert await run.run() == DrovePoison(redriven=1)
        due = await here.ports.queue.next_due(LOOKS)
        assert due is not None
        waits.append(round((due - began).total_seconds()))
        here.clock.advance(WAITS[-1])
        taken = await here.ports.queue.take(LOOKS)
        assert taken is not None
        await here.ports.queue.done(LOOKS, taken)
        text = taken.text
    await poison.put(LOOKS, [text])
    last = await run.run()

    assert waits == [60, 3600, 43200]
    assert decode(text) == replace(MESSAGE, redrives=3, put_backs=0)
    assert last == DrovePoison(given_up=1)
    assert [each.reason for each in await kept(here)] == [
        "crashed 5 times in a row; the log has its tracebacks, again after 3 redrives"
    ]
    assert await here.ports.queue.next_due(LOOKS) is None
    assert await run.run() == DrovePoison()


async def test_a_sweep_ends_without_the_root_whose_look_crashes(
    here: World, poison: SqliteWorkQueue, run: PoisonRun
) -> None:
    """Its coverage says that it was given up; the next sweep tries again."""
    await here.runtime.sweeps.begin(deep=False)
    while (taken := await here.ports.queue.take(SWEEPS)) is not None:
        await poison.put(SWEEPS, [taken.text])
        await here.ports.queue.done(SWEEPS, taken)
    report = await run.run()
    (coverage,) = await here.ports.ledger.coverage(SUBSCRIPTION)

    assert report == DrovePoison(struck_off=2)
    assert coverage.ended_at is not None
    assert coverage.given_up == 2
    assert len(await kept(here)) == 2
    assert await here.ports.queue.next_due(SWEEPS) is None


async def test_what_is_no_message_is_set_aside(
    here: World, poison: SqliteWorkQueue, run: PoisonRun
) -> None:
    """With its reason."""
    await poison.put(LOOKS, ["no JSON"])

    assert await run.run() == DrovePoison(given_up=1)
    assert (await kept(here))[0].reason.startswith("not a look message")


async def test_an_outage_loses_nothing(
    here: World, poison: SqliteWorkQueue, run: PoisonRun
) -> None:
    """What was taken is visible again, and driven by a later run."""

    class Down:
        async def put(self, *_given: object, **_more: object) -> None:
            raise PortError("down")

    await poison.put(LOOKS, [MESSAGE.encode()])
    with pytest.raises(PortError):
        await replace(run, queue=Down()).run()  # type: ignore[arg-type] # only puts
    here.clock.advance(timedelta(minutes=1))

    assert await run.run() == DrovePoison(redriven=1)


async def test_a_message_that_crashes_the_redrive_delays_no_other(
    here: World, poison: SqliteWorkQueue, run: PoisonRun
) -> None:
    """It is tried as often as any, and then set aside."""

    async def crash(_message: LookMessage) -> None:
        raise ZeroDivisionError

    swept = LookMessage(ACCOUNT, moment(0), Trigger.SWEEP, sweep="s")
    await poison.put(SWEEPS, [swept.encode(), "no JSON"])
    reports = []
    for _ in range(MOST_DELIVERIES):
        reports.append(await replace(run, give_up=crash).run())
        here.clock.advance(timedelta(minutes=1))

    assert [each.given_up for each in reports] == [1, 0, 0, 0, 1]
    assert (await kept(here))[0].reason == "crashes its redrive: ZeroDivisionError()"


async def test_pokes_go_with_a_count_and_a_line_in_the_log(
    here: World, poison: SqliteWorkQueue, run: PoisonRun, caplog: pytest.LogCaptureFixture
) -> None:
    """They say nothing that the next one does not: neither put back nor set aside."""
    await poison.put(QueueName.ALERTS, [POKE, POKE, "no JSON"])
    await poison.put(LOOKS, [MESSAGE.encode()])
    with caplog.at_level(logging.WARNING):
        report = await run.run()

    assert report == DrovePoison(redriven=1, pokes=3)
    assert "3 pokes, whose deliveries failed time and again, go" in caplog.text
    assert (await poison.backlog(QueueName.ALERTS)).messages == 0
    assert await here.ports.queue.next_due(QueueName.ALERTS) is None
    assert await kept(here) == []


async def test_poison_of_every_queue_is_counted(poison: SqliteWorkQueue) -> None:
    """Pokes by themselves: they are no work that is lost."""
    await poison.put(LOOKS, ["a"])
    await poison.put(SWEEPS, ["b"])
    none = Signs()
    await Poison(poison).take(moment(0), none)
    await poison.put(QueueName.ALERTS, [POKE, POKE])

    await Poison(poison).take(moment(0), some := Signs())

    assert none.measures == {"poison": 2, "poison_alerts": 0}
    assert [each.health for each in none.checks] == [Health.WARN, Health.OK]
    assert some.measures == {"poison": 2, "poison_alerts": 2}
    told = Remedies(AZURE, defaultdict(str)).diagnosis(some.checks[1])
    assert (told.name, told.health) == ("poison.alerts", Health.WARN)
    assert told.message == "2 pokes failed five times in a row: those who deliver could not."


async def test_after_its_time_a_run_takes_no_further_message(
    here: World, poison: SqliteWorkQueue, run: PoisonRun
) -> None:
    """What is left comes in the next."""

    class Slow:
        async def put(self, *given: object, **more: object) -> None:
            here.clock.advance(LONGEST_RUN / 2)
            await here.ports.queue.put(*given, **more)  # type: ignore[arg-type] # as it was given

    await poison.put(LOOKS, [MESSAGE.encode()] * 3)
    slow = replace(run, queue=Slow())  # type: ignore[arg-type] # only puts

    assert await slow.run() == DrovePoison(redriven=2)
    assert await slow.run() == DrovePoison(redriven=1)
