"""Which subscriptions are watched."""

from datetime import timedelta

from shared.domain.root_state import Commit, RootState
from tests.records import ACCOUNT, OTHER_SUBSCRIPTION, SUBSCRIPTION
from tests.worlds import resource, watch_of, world


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
