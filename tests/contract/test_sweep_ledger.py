"""`SweepLedger`: how far the sweeps have come, and how much they saw."""

from dataclasses import replace

import pytest

from shared.domain.sweep import GIVEN_UP, RootOutcome, Sweep, SweepCoverage
from tests.contract.backends import Stores
from tests.records import OTHER_SUBSCRIPTION, SUBSCRIPTION, moment

pytestmark = pytest.mark.contract

ITSELF = f"/subscriptions/{SUBSCRIPTION}"
ROOTS = [f"{ITSELF}/a", f"{ITSELF}/b"]
WHOLE = RootOutcome()
DENIED = RootOutcome(
    unreadable=("deployments: 403", "account: 503, später"),
    denied=("Microsoft.X/read",),
    overdue=True,
    unproven=True,
    resource_id=ROOTS[0].upper(),
)


def sweep(name: str = "1", *, subscription: str = SUBSCRIPTION, at: float = 0.5) -> Sweep:
    """Return a deep sweep that has just begun."""
    return Sweep(f"{subscription} {name}", subscription, True, True, moment(at), 0)  # noqa: FBT003 - deep, baseline


async def listed(stores: Stores, begun: Sweep, *reasons: str) -> None:
    """Record a sweep with two roots, listed whole."""
    await stores.ledger.begin(begun)
    await stores.ledger.add(begun.id, ROOTS, listed=True)
    assert await stores.ledger.close_list(begun.id, reasons) is None


async def coverage(stores: Stores) -> SweepCoverage:
    """Return the coverage of the only sweep."""
    (found,) = await stores.ledger.coverage(SUBSCRIPTION)
    return found


async def test_a_sweep_is_over_when_its_last_root_was_looked_at(
    stores: Stores, others: Stores
) -> None:
    """Whichever worker looked at the last one is told, with the sweep as it was begun."""
    begun = sweep()
    await listed(stores, begun)

    assert await stores.ledger.swept(begun.id, ROOTS[0], WHOLE) is None
    assert await others.ledger.swept(begun.id, ROOTS[1], WHOLE) == replace(begun, roots=2)


async def test_a_root_that_is_swept_twice_counts_once(stores: Stores) -> None:
    """A message that comes again closes nothing."""
    await listed(stores, sweep())

    assert await stores.ledger.swept(sweep().id, ROOTS[0], WHOLE) is None
    assert await stores.ledger.swept(sweep().id, ROOTS[0], WHOLE) is None
    assert (await coverage(stores)).evaluated == 1


async def test_a_sweep_with_nothing_left_is_returned_until_it_is_finished(stores: Stores) -> None:
    """A worker that died before it had told of the end is followed by one that can."""
    await listed(stores, sweep())
    await stores.ledger.swept(sweep().id, ROOTS[0], WHOLE)
    for _ in range(3):
        found = await stores.ledger.swept(sweep().id, ROOTS[1], WHOLE)
        assert found == replace(sweep(), roots=2)

    await stores.ledger.finish(sweep().id, moment(9))
    await stores.ledger.finish(sweep().id, moment(10))

    assert await stores.ledger.swept(sweep().id, ROOTS[1], WHOLE) is None
    assert (await coverage(stores)).ended_at == moment(9)


async def test_an_unknown_root_or_sweep_closes_nothing(stores: Stores) -> None:
    """What was never begun is never over."""
    await listed(stores, sweep())

    assert await stores.ledger.swept(sweep().id, f"{ITSELF}/unknown", WHOLE) is None
    assert await stores.ledger.swept("unknown", ROOTS[0], WHOLE) is None
    await stores.ledger.finish("unknown", moment(9))
    assert (await coverage(stores)).left == 2
    assert await stores.ledger.coverage(OTHER_SUBSCRIPTION) == []


async def test_a_sweep_is_not_over_while_its_list_is_open(stores: Stores) -> None:
    """More may come; the list closes a sweep of which nothing is left."""
    begun = sweep()
    await stores.ledger.begin(begun)
    await stores.ledger.add(begun.id, ROOTS[:1], listed=True)
    assert await stores.ledger.swept(begun.id, ROOTS[0], WHOLE) is None
    assert not (await coverage(stores)).is_listed

    assert await stores.ledger.close_list(begun.id, []) == replace(begun, roots=1)


async def test_roots_that_are_added_again_stay_as_they_are(stores: Stores) -> None:
    """Whoever lists again learns which are still to be looked at."""
    begun = sweep()
    await stores.ledger.begin(begun)
    assert await stores.ledger.add(begun.id, ROOTS, listed=True) == {*ROOTS}
    await stores.ledger.swept(begun.id, ROOTS[0], WHOLE)

    assert await stores.ledger.add(begun.id, ROOTS, listed=False) == {ROOTS[1]}
    assert await stores.ledger.left(begun.id) == ROOTS[1:]
    assert await stores.ledger.add(begun.id, [], listed=False) == frozenset()


async def test_many_roots_are_added_at_once(stores: Stores) -> None:
    """A batch of a sweep."""
    many = [f"{ITSELF}/r{number:04}" for number in range(500)]
    await stores.ledger.begin(sweep())

    assert await stores.ledger.add(sweep().id, many, listed=True) == {*many}
    assert await stores.ledger.left(sweep().id) == many


async def test_the_subscription_itself_is_looked_at_and_not_counted(stores: Stores) -> None:
    """It holds what is counted."""
    begun = sweep()
    await stores.ledger.begin(begun)
    await stores.ledger.add(begun.id, [ITSELF, *ROOTS], listed=True)
    await stores.ledger.close_list(begun.id, [])
    found = [await stores.ledger.swept(begun.id, root, DENIED) for root in (ITSELF, *ROOTS)]

    assert found == [None, None, replace(begun, roots=2)]
    told = await coverage(stores)
    assert (told.sweep.roots, told.evaluated, told.unknown, told.left) == (2, 2, 2, 0)


@pytest.mark.parametrize("finished", [False, True])
async def test_what_became_of_the_roots_is_remembered(
    stores: Stores,
    others: Stores,
    finished: bool,  # noqa: FBT001 - a parameter
) -> None:
    """While the sweep goes on and when it is over, the same for every worker."""
    begun = sweep()
    await stores.ledger.begin(begun)
    await stores.ledger.add(begun.id, ROOTS[:1], listed=False)
    await stores.ledger.add(begun.id, ROOTS[1:], listed=True)
    await stores.ledger.close_list(begun.id, ["the list: 403 für alle"])
    await stores.ledger.swept(begun.id, ROOTS[0], DENIED)
    await stores.ledger.swept(begun.id, ROOTS[1], GIVEN_UP)
    if finished:
        await stores.ledger.finish(begun.id, moment(9))

    assert await coverage(others) == SweepCoverage(
        replace(begun, roots=2),
        is_listed=True,
        reasons=("the list: 403 für alle",),
        ended_at=moment(9) if finished else None,
        left=0,
        evaluated=1,
        unknown=1,
        given_up=1,
        overdue=1,
        unproven=1,
        denied=((ROOTS[0].upper(), "Microsoft.X/read"),),
        details=(
            (ROOTS[0].upper(), "deployments: 403"),
            (ROOTS[0].upper(), "account: 503, später"),
        ),
    )


async def test_the_last_sweep_of_each_depth_is_remembered(stores: Stores) -> None:
    """The newest first, over or not; the one before goes when a younger one is over."""
    old, deep = sweep("old", at=1), sweep("deep", at=2)
    core = replace(sweep("core", at=3), deep=False)
    for each in (old, deep, core):
        await stores.ledger.begin(each)
        await stores.ledger.close_list(each.id, [])
    assert [each.sweep for each in await stores.ledger.coverage(SUBSCRIPTION)] == [core, deep]

    for each in (deep, old, core):
        await stores.ledger.finish(each.id, moment(9))

    found = await stores.ledger.coverage(SUBSCRIPTION)
    assert [(each.sweep, each.complete) for each in found] == [(core, True), (deep, True)]


async def test_sweeps_of_one_subscription_go_on_side_by_side(stores: Stores) -> None:
    """Each has roots of its own to look at."""
    one, two = sweep("1"), replace(sweep("2"), baseline=False, deep=False)
    await listed(stores, one)
    await listed(stores, two)
    await stores.ledger.swept(one.id, ROOTS[0], WHOLE)

    assert await stores.ledger.swept(two.id, ROOTS[1], WHOLE) is None
    assert await stores.ledger.swept(two.id, ROOTS[0], WHOLE) == replace(two, roots=2)
    assert await stores.ledger.swept(one.id, ROOTS[1], WHOLE) == replace(one, roots=2)


async def test_nothing_is_left_of_a_sweep_that_was_finished_early(stores: Stores) -> None:
    """It was given up: nobody is to look at its roots for it any more."""
    begun = sweep()
    await listed(stores, begun)

    await stores.ledger.finish(begun.id, moment(9))

    assert list(await stores.ledger.left(begun.id)) == []
