"""When sweeps begin: every hour and every day, and as soon as it is noticed that one was missed."""

from datetime import timedelta

import pytest

from shared.pipeline.schedule import Schedule
from shared.ports import QueueName
from tests.records import ACCOUNT, SUBSCRIPTION
from tests.unit.shared.pipeline.stub_monitors import catalogue, monitor
from tests.worlds import World, resource, world

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def here() -> World:
    """A world with an account."""
    told = world(catalogue=catalogue(monitor("account")))
    told.inventory.put(resource(ACCOUNT))
    return told


def schedule(here: World) -> Schedule:
    """Return the use case, as a new process has it."""
    runtime, ports = here.runtime, here.ports
    return Schedule(runtime.sweeps, ports.ledger, runtime.intake.watch, ports.clock)


async def depths(here: World) -> list[bool]:
    """Return the depths of the sweeps that the ledger knows of, the newest first."""
    return [each.sweep.deep for each in await here.ports.ledger.coverage(SUBSCRIPTION)]


async def test_the_first_sweep_is_begun_by_whichever_timer_comes_first(here: World) -> None:
    """An app that was just deployed need not wait for the hour."""
    (begun,) = await schedule(here).catch_up()

    assert (begun.deep, begun.baseline) == (False, True)
    assert await schedule(here).catch_up() == []


async def test_the_first_deep_sweep_follows_the_first_core_sweep(here: World) -> None:
    """Not while that one is under way, and once."""
    await schedule(here).hourly()
    assert await schedule(here).catch_up() == []
    await here.drain()
    (begun,) = await schedule(here).catch_up()

    assert (begun.deep, begun.baseline) == (True, True)
    assert await schedule(here).catch_up() == []


async def test_every_hour_is_swept_and_every_day_deeply(here: World) -> None:
    """Over two days, whichever timers come, at their times."""
    begun: list[bool] = []
    for _ in range(48):
        begun += [each.deep for each in await schedule(here).hourly()]
        await here.drain()
        for _ in range(11):
            here.clock.advance(5 * MINUTE)
            begun += [each.deep for each in await schedule(here).catch_up()]
            await here.drain()
        here.clock.advance(5 * MINUTE)

    assert begun.count(False) == 48
    assert begun.count(True) == 2


async def test_a_core_sweep_that_was_missed_is_made_up_for(here: World) -> None:
    """The timer of the sweeps failed: another one notices a few minutes later."""
    await schedule(here).hourly()
    await here.drain()
    await schedule(here).catch_up()
    await here.drain()
    here.clock.advance(HOUR)
    assert await schedule(here).catch_up() == []
    here.clock.advance(6 * MINUTE)
    (begun,) = await schedule(here).catch_up()

    assert not begun.deep


async def test_sweeps_under_way_are_gone_on_with_by_their_own_timer_alone(here: World) -> None:
    """Whose messages were lost are queued again, deep ones too."""
    await schedule(here).hourly()
    await here.drain()
    await schedule(here).catch_up()
    while (taken := await here.ports.queue.take(QueueName.SWEEPS)) is not None:
        await here.ports.queue.done(QueueName.SWEEPS, taken)
    here.clock.advance(40 * MINUTE)
    assert await schedule(here).catch_up() == []
    assert await here.ports.queue.next_due(QueueName.SWEEPS) is None
    here.clock.advance(20 * MINUTE)
    await schedule(here).hourly()
    await here.drain()

    coverage = await here.ports.ledger.coverage(SUBSCRIPTION)
    assert {each.sweep.deep for each in coverage} == {True, False}
    assert all(each.ended_at is not None for each in coverage)
