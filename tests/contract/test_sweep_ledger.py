"""`SweepLedger`: how far the sweeps have come."""

from dataclasses import replace

import pytest

from shared.ports import Sweep
from tests.contract.backends import Stores
from tests.records import OTHER_SUBSCRIPTION, SUBSCRIPTION, moment

pytestmark = pytest.mark.contract

ROOTS = ["/subscriptions/s/a", "/subscriptions/s/b"]


def sweep(
    name: str = "1", *, subscription: str = SUBSCRIPTION, baseline: bool = True, roots: int = 2
) -> Sweep:
    """Return a deep sweep."""
    return Sweep(f"{subscription} {name}", subscription, True, baseline, moment(0.5), roots)  # noqa: FBT003


async def test_a_sweep_is_over_when_its_last_root_was_looked_at(
    stores: Stores, others: Stores
) -> None:
    """Whichever worker looked at the last one is told, with the sweep as it was begun."""
    begun = sweep()
    await stores.ledger.begin(begun, ROOTS)

    assert await stores.ledger.swept(begun.id, ROOTS[0]) is None
    assert await others.ledger.swept(begun.id, ROOTS[1]) == begun


async def test_a_root_that_is_swept_twice_counts_once(stores: Stores) -> None:
    """A message that comes again closes nothing."""
    await stores.ledger.begin(sweep(), ROOTS)

    assert await stores.ledger.swept(sweep().id, ROOTS[0]) is None
    assert await stores.ledger.swept(sweep().id, ROOTS[0]) is None


async def test_a_sweep_that_is_over_is_returned_each_time(stores: Stores) -> None:
    """A worker that died before it had closed the sweep is followed by one that can."""
    await stores.ledger.begin(sweep(), ROOTS)
    await stores.ledger.swept(sweep().id, ROOTS[0])

    for _ in range(3):
        assert await stores.ledger.swept(sweep().id, ROOTS[1]) == sweep()


async def test_an_unknown_root_or_sweep_closes_nothing(stores: Stores) -> None:
    """What was never begun is never over."""
    await stores.ledger.begin(sweep(), ROOTS)

    assert await stores.ledger.swept(sweep().id, "/subscriptions/s/unknown") is None
    assert await stores.ledger.swept("unknown", ROOTS[0]) is None
    assert not await stores.ledger.is_baselined(SUBSCRIPTION, deep=False)


async def test_a_subscription_is_baselined_by_its_first_complete_sweep(stores: Stores) -> None:
    """Not by one that has only begun, and not by another subscription's."""
    await stores.ledger.begin(sweep(), ROOTS)
    await stores.ledger.begin(sweep(subscription=OTHER_SUBSCRIPTION, roots=1), ROOTS[:1])
    await stores.ledger.swept(sweep().id, ROOTS[0])
    assert not await stores.ledger.is_baselined(SUBSCRIPTION, deep=False)

    await stores.ledger.swept(sweep().id, ROOTS[1])

    assert await stores.ledger.is_baselined(SUBSCRIPTION, deep=False)
    assert not await stores.ledger.is_baselined(OTHER_SUBSCRIPTION, deep=False)


async def test_a_sweep_without_roots_is_over_at_once(stores: Stores) -> None:
    """An empty subscription is baselined when its sweep has begun."""
    await stores.ledger.begin(sweep(roots=0), [])

    assert await stores.ledger.is_baselined(SUBSCRIPTION, deep=False)


async def test_sweeps_of_one_subscription_go_on_side_by_side(stores: Stores) -> None:
    """Each has roots of its own to look at."""
    one, two = sweep("1"), sweep("2", baseline=False)
    await stores.ledger.begin(one, ROOTS)
    await stores.ledger.begin(two, ROOTS)
    await stores.ledger.swept(one.id, ROOTS[0])

    assert await stores.ledger.swept(two.id, ROOTS[1]) is None
    assert await stores.ledger.swept(two.id, ROOTS[0]) == two
    assert await stores.ledger.swept(one.id, ROOTS[1]) == one


async def test_a_core_sweep_does_not_baseline_what_deep_sweeps_find(stores: Stores) -> None:
    """A deep one baselines both."""
    core, deep = sweep(), replace(sweep("deep"), deep=True)
    await stores.ledger.begin(replace(core, deep=False), [])
    assert await stores.ledger.is_baselined(SUBSCRIPTION, deep=False)
    assert not await stores.ledger.is_baselined(SUBSCRIPTION, deep=True)

    await stores.ledger.begin(deep, [])

    assert await stores.ledger.is_baselined(SUBSCRIPTION, deep=True)
