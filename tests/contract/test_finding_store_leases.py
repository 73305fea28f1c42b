"""`FindingStore`: the leases, by which only one worker looks at a root at a time."""

from datetime import timedelta

import pytest

from shared.ports import Clock, FindingStore
from tests.contract.backends import Stores
from tests.records import OTHER_ROOT, ROOT, commit

pytestmark = pytest.mark.contract

LONG = timedelta(seconds=2)


@pytest.fixture
def store(stores: Stores) -> FindingStore:
    """The store as one worker sees it."""
    return stores.findings


@pytest.fixture
def other(others: Stores) -> FindingStore:
    """The store as another worker sees it."""
    return others.findings


async def test_a_lease_shuts_out_other_workers(store: FindingStore, other: FindingStore) -> None:
    """Of one root; the others are free."""
    assert await store.lease(ROOT, "one", LONG)

    assert not await other.lease(ROOT, "two", LONG)
    assert await other.lease(OTHER_ROOT, "two", LONG)


async def test_a_lease_that_was_given_back_is_free(
    store: FindingStore, other: FindingStore
) -> None:
    """At once, not when its time would have been over."""
    await store.lease(ROOT, "one", LONG)
    await store.release(ROOT, "one")

    assert await other.lease(ROOT, "two", LONG)


async def test_a_lease_is_over_after_its_time(
    store: FindingStore, other: FindingStore, clock: Clock
) -> None:
    """A worker that dies keeps a root only so long."""
    await store.lease(ROOT, "one", LONG)
    await clock.sleep(LONG / 2)
    assert not await other.lease(ROOT, "two", LONG)

    await clock.sleep(LONG)

    assert await other.lease(ROOT, "two", LONG)


async def test_a_lease_can_be_prolonged_by_its_holder(
    store: FindingStore, other: FindingStore, clock: Clock
) -> None:
    """It then ends by its new time."""
    await store.lease(ROOT, "one", LONG)
    await clock.sleep(LONG * 3 / 4)
    assert await store.lease(ROOT, "one", LONG)
    await clock.sleep(LONG * 3 / 4)
    assert not await other.lease(ROOT, "two", LONG)

    await clock.sleep(LONG)

    assert await other.lease(ROOT, "two", LONG)


async def test_a_lease_that_is_another_s_by_now_is_neither_prolonged_nor_given_back(
    store: FindingStore, other: FindingStore, clock: Clock
) -> None:
    """A worker that overran its time cannot take a root from its successor."""
    await store.lease(ROOT, "one", LONG)
    await clock.sleep(LONG * 1.5)
    assert await other.lease(ROOT, "two", LONG)

    assert not await store.lease(ROOT, "one", LONG)
    await store.release(ROOT, "one")

    assert not await store.lease(ROOT, "three", LONG)


async def test_releasing_what_was_never_leased_is_nothing(store: FindingStore) -> None:
    """A worker may clear up twice."""
    await store.release(ROOT, "one")

    assert await store.lease(ROOT, "two", LONG)


async def test_a_lease_is_no_condition_of_a_commit(store: FindingStore) -> None:
    """The version is: a lost lease costs a second look, never a wrong verdict."""
    await store.lease(ROOT, "one", LONG)
    await store.commit(commit())

    assert (await store.state(ROOT)).version == 1
