"""Which subscriptions are watched."""

import asyncio
from datetime import datetime, timedelta

import pytest

from shared.domain.root_state import Commit, RootState
from shared.pipeline.watch import Watch
from shared.ports import PortError
from tests.records import ACCOUNT, OTHER_SUBSCRIPTION, SUBSCRIPTION
from tests.worlds import World, resource, watch_of, world


async def test_those_that_are_set_are_watched_and_no_others() -> None:
    """Whatever the estate holds."""
    told = world()
    told.inventory.put(resource(ACCOUNT))

    watch = watch_of(told, OTHER_SUBSCRIPTION)

    assert await watch.subscriptions() == await watch.recently() == {OTHER_SUBSCRIPTION}


async def test_otherwise_those_of_the_estate_and_those_known() -> None:
    """Also when their last resource is gone."""
    told = world()
    told.inventory.put(resource(ACCOUNT))
    elsewhere = ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION).lower()
    await told.ports.findings.commit(Commit(elsewhere, RootState()))

    assert await watch_of(told).subscriptions() == {SUBSCRIPTION, OTHER_SUBSCRIPTION}


async def test_a_look_may_judge_by_what_was_watched_a_minute_ago() -> None:
    """An event is judged by what is watched now."""
    told = world()
    watch = watch_of(told)
    assert await watch.recently() == frozenset()
    told.inventory.put(resource(ACCOUNT))

    assert await watch.recently() == frozenset()
    assert await watch.subscriptions() == {SUBSCRIPTION}
    told.inventory.put(resource(ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)))
    told.clock.advance(timedelta(minutes=2))
    assert await watch.recently() == {SUBSCRIPTION, OTHER_SUBSCRIPTION}


class Down:
    """An inventory that may be unable to list subscriptions, and counts how often it is asked."""

    def __init__(self, told: World) -> None:
        self._told = told
        self.asked = 0
        self.down = True

    async def subscriptions(self, *, after: datetime) -> frozenset[str]:
        """Fail, or answer."""
        self.asked += 1
        if self.down:
            raise PortError("503")
        await asyncio.sleep(0)
        return await self._told.inventory.subscriptions(after=after)


async def test_while_nobody_can_say_what_is_watched_the_earlier_answer_holds() -> None:
    """Looks go on, and ask again after a minute; where there is no earlier answer they cannot."""
    told = world()
    told.inventory.put(resource(ACCOUNT))
    inventory = Down(told)
    watch = Watch(inventory, told.ports.findings, told.clock)  # type: ignore[arg-type]
    with pytest.raises(PortError):
        await watch.recently()
    inventory.down = False
    assert await watch.recently() == {SUBSCRIPTION}

    inventory.down, inventory.asked = True, 0
    told.clock.advance(timedelta(minutes=2))
    for _ in range(3):
        assert await watch.recently() == {SUBSCRIPTION}
    assert inventory.asked == 1
    with pytest.raises(PortError):
        await watch.subscriptions()


async def test_an_event_of_a_new_subscription_is_not_refused_while_nobody_can_say() -> None:
    """An earlier answer says nothing of it: the event must come again."""
    told = world()
    told.inventory.put(resource(ACCOUNT))
    inventory = Down(told)
    inventory.down = False
    watch = Watch(inventory, told.ports.findings, told.clock)  # type: ignore[arg-type]
    await watch.recently()
    inventory.down = True
    told.clock.advance(timedelta(minutes=2))

    assert await watch.watches(SUBSCRIPTION, told.clock.now())
    for _ in range(2):
        with pytest.raises(PortError):
            await watch.watches(OTHER_SUBSCRIPTION, told.clock.now())
        told.clock.advance(timedelta(minutes=2))


async def test_many_looks_at_once_ask_once() -> None:
    """The others wait for the answer."""
    told = world()
    told.inventory.put(resource(ACCOUNT))
    inventory = Down(told)
    inventory.down = False
    watch = Watch(inventory, told.ports.findings, told.clock)  # type: ignore[arg-type]

    answers = await asyncio.gather(*(watch.recently() for _ in range(9)))

    assert answers == [frozenset({SUBSCRIPTION})] * 9
    assert inventory.asked == 1


async def test_an_event_of_a_new_subscription_is_asked_about_once() -> None:
    """A batch of events asks anew when one is of a subscription that was not watched before."""
    told = world()
    told.inventory.put(resource(ACCOUNT))
    inventory = Down(told)
    inventory.down = False
    watch = Watch(inventory, told.ports.findings, told.clock)  # type: ignore[arg-type]
    await watch.recently()
    told.inventory.put(resource(ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)))

    now = told.clock.now()
    assert await watch.watches(OTHER_SUBSCRIPTION, now)
    for _ in range(5):
        assert not await watch.watches("33333333-3333-3333-3333-333333333333", now)

    assert inventory.asked == 2
    chosen = watch_of(told, SUBSCRIPTION)
    assert not await chosen.watches(OTHER_SUBSCRIPTION, told.clock.now())
