"""`FindingStore`: the leases, by which only one worker looks at a root at a time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.ports import Clock, ConflictError, FindingStore
from tests.contract.backends import Stores
from tests.records import ACCOUNT, OTHER_ROOT, ROOT, commit, finding

pytestmark = pytest.mark.contract

LONG = timedelta(seconds=2)
MANY = [finding(f"{ACCOUNT}/deployments/{number}") for number in range(120)]
"""More rows than one transaction of tables takes."""


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


async def test_a_commit_gives_back_the_lease_that_it_ends(
    store: FindingStore, other: FindingStore
) -> None:
    """Of this root and this worker, whatever else it writes; the others keep theirs."""
    for number, findings in enumerate(([], [finding()], MANY)):
        await store.lease(ROOT, "one", LONG)
        await store.lease(OTHER_ROOT, "one", LONG)
        made = commit(version=number, findings=findings)
        await store.commit(replace(made, ends_lease_of="one"))

        assert (await other.state(ROOT)).version == number + 1
        assert await other.lease(ROOT, "two", LONG)
        assert not await other.lease(OTHER_ROOT, "two", LONG)
        await other.release(ROOT, "two")


async def test_a_commit_holds_though_its_lease_is_in_other_hands(
    store: FindingStore, other: FindingStore, clock: Clock
) -> None:
    """A lost lease costs a second look; the lease of the other one stays."""
    await store.lease(ROOT, "one", LONG)
    await clock.sleep(LONG * 2)
    assert await other.lease(ROOT, "two", timedelta(seconds=30))
    await store.commit(replace(commit(findings=[finding()]), ends_lease_of="one"))

    assert (await other.state(ROOT)).version == 1
    assert not await store.lease(ROOT, "three", LONG)


async def test_a_commit_ends_a_lease_that_its_process_did_not_take(
    store: FindingStore, other: FindingStore
) -> None:
    """Whoever holds a lease is known by name."""
    await other.lease(ROOT, "one", LONG)
    await store.commit(replace(commit(), ends_lease_of="one"))

    assert await other.lease(ROOT, "two", LONG)


async def test_a_commit_that_finds_a_conflict_keeps_its_lease(
    store: FindingStore, other: FindingStore
) -> None:
    """The look begins again under it, and its commit ends it then."""
    await store.lease(ROOT, "one", LONG)
    await other.commit(commit())
    with pytest.raises(ConflictError):
        await store.commit(replace(commit(), ends_lease_of="one"))

    assert not await other.lease(ROOT, "two", LONG)
    await store.commit(replace(commit(version=1), ends_lease_of="one"))
    assert await other.lease(ROOT, "two", LONG)
