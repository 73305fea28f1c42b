"""`Outbox`: what was parked for a sink, what was put back, and how each sink is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.root_state import RootState
from shared.domain.sink_state import Posts, SinkState
from shared.ports import ConflictError, FindingStore
from tests.contract.backends import Stores
from tests.records import ACCOUNT, OTHER_ACCOUNT, OTHER_ROOT, ROOT, commit, moment, transition

pytestmark = pytest.mark.contract

STATE = SinkState(
    failures=3,
    failing_since=moment(1),
    failed_at=moment(2),
    next_attempt_at=moment(3),
    last_error="teams answered 503",
    refused=("one", "two"),
    posts=(Posts(1.5, 7), Posts(2.25)),
    window_began_at=moment(4),
    poked_for=moment(5),
)


@pytest.fixture
def store(stores: Stores) -> FindingStore:
    """The store as one worker sees it."""
    return stores.findings


@pytest.fixture
def other(others: Stores) -> FindingStore:
    """The store as another worker sees it."""
    return others.findings


@pytest.fixture
async def filled(store: FindingStore) -> FindingStore:
    """Three alerts of one root, recorded together and apart, and then one of another."""
    await store.commit(commit(transition(1), transition(2)))
    await store.commit(commit(transition(3), state=RootState(version=1, sequence=3)))
    elsewhere = transition(1, resource_id=OTHER_ACCOUNT)
    await store.commit(commit(elsewhere, root=OTHER_ROOT))
    return store


async def waiting(store: FindingStore, sink: str) -> list[str]:
    """Return the ids of what a sink must still be told of."""
    return [each.id for each in await store.undelivered(sink, 100)]


# --- how a sink is ---


async def test_a_sink_never_saved_is_as_by_default(store: FindingStore) -> None:
    """Its version is 0."""
    assert await store.sink_state("sink") == SinkState()


async def test_the_state_of_a_sink_is_seen_by_every_worker(
    store: FindingStore, other: FindingStore
) -> None:
    """Whole, and each sink's by itself; the version counts."""
    saved = await store.save_sink_state("teams:ops / äöü", STATE)
    assert saved == replace(STATE, version=1)
    assert await other.sink_state("teams:ops / äöü") == saved

    again = await other.save_sink_state("teams:ops / äöü", replace(saved, failures=0))

    assert (
        await store.sink_state("teams:ops / äöü") == again == replace(saved, version=2, failures=0)
    )
    assert await store.sink_state("teams") == SinkState()


@pytest.mark.parametrize("version", [0, 1, 7])
async def test_a_state_that_is_not_of_the_stored_version_is_refused(
    store: FindingStore, other: FindingStore, version: int
) -> None:
    """Another worker has told the sink meanwhile: what was counted here is out of date."""
    saved = await store.save_sink_state("sink", STATE)
    newest = await other.save_sink_state("sink", replace(saved, failures=9))

    with pytest.raises(ConflictError):
        await store.save_sink_state("sink", replace(STATE, version=version))

    assert await store.sink_state("sink") == newest


async def test_a_state_of_a_thousand_posts_can_be_saved(store: FindingStore) -> None:
    """However compact it is kept, nothing depends on it."""
    many = SinkState(posts=tuple(Posts(1_800_000_000 + n / 7) for n in range(2_000)))

    saved = await store.save_sink_state("sink", many)

    assert await store.sink_state("sink") == saved


# --- what is parked ---


async def test_what_is_parked_is_kept_with_its_reason_and_told_to_nobody(
    filled: FindingStore, other: FindingStore
) -> None:
    """For this sink alone; later alerts go on."""
    await filled.park("sink", transition(1), moment(60), "400: it does not take it")

    assert await waiting(other, "sink") == [f"{ROOT}#2", f"{ROOT}#3", f"{OTHER_ROOT}#1"]
    assert len(await waiting(other, "another")) == 4
    (kept,) = await other.parked(10)
    assert (kept.sink, kept.alert, kept.at) == ("sink", transition(1), moment(60))
    assert kept.reason == "400: it does not take it"


async def test_what_was_parked_last_is_shown_first(filled: FindingStore) -> None:
    """And no more than is asked for; the same one of two sinks is two."""
    for number, sink in ((1, "one"), (2, "one"), (1, "two")):
        at = moment(60 + number + 10 * (sink == "two"))
        await filled.park(sink, transition(number), at, "refused")

    found = [(each.sink, each.alert.sequence) for each in await filled.parked(10)]

    assert found == [("two", 1), ("one", 2), ("one", 1)]
    assert len(await filled.parked(2)) == 2


async def test_parking_twice_is_parking_once(filled: FindingStore) -> None:
    """After a crash it is not known whether it was."""
    for _ in range(2):
        await filled.park("sink", transition(1), moment(60), "refused")

    assert len(await filled.parked(10)) == 1
    assert await waiting(filled, "sink") == [f"{ROOT}#2", f"{ROOT}#3", f"{OTHER_ROOT}#1"]


async def test_what_is_put_back_is_told_where_it_stood(
    filled: FindingStore, other: FindingStore
) -> None:
    """Before what is younger of its root, also when that waits already; and once."""
    for number in (1, 2):
        await filled.park("sink", transition(number), moment(60), "refused")

    assert await other.redeliver("sink", [f"{ROOT}#2", f"{ROOT}#1", "unknown"]) == 2
    assert await other.redeliver("sink", [f"{ROOT}#1"]) == 0

    told = await waiting(filled, "sink")
    assert sorted(told[:2]) == [f"{ROOT}#1", f"{ROOT}#2"]
    assert told[2:] == [f"{ROOT}#3", f"{OTHER_ROOT}#1"]
    assert list(await filled.parked(10)) == []
    await filled.delivered("sink", told[:1])
    assert await waiting(other, "sink") == told[1:]
    await filled.delivered("sink", told[1:])
    assert await waiting(other, "sink") == []


async def test_what_is_put_back_is_so_for_its_sink_alone(filled: FindingStore) -> None:
    """Others were told of it, or have it before them still."""
    await filled.delivered("told", [f"{ROOT}#3", f"{OTHER_ROOT}#1"])
    everything = await waiting(filled, "untold")
    await filled.park("sink", transition(1), moment(60), "refused")
    await filled.redeliver("sink", [f"{ROOT}#1"])

    assert await waiting(filled, "told") == []
    assert await waiting(filled, "untold") == everything
    assert await filled.redeliver("told", [f"{ROOT}#1"]) == 0


async def test_telling_of_what_was_put_back_leaves_what_is_older_of_its_root(
    filled: FindingStore,
) -> None:
    """Nothing is taken for told that was not."""
    await filled.park("sink", transition(1), moment(60), "refused")
    await filled.redeliver("sink", [f"{ROOT}#1"])
    await filled.undelivered("sink", 1)
    await filled.delivered("sink", [f"{ROOT}#1"])

    assert await waiting(filled, "sink") == [f"{ROOT}#2", f"{ROOT}#3", f"{OTHER_ROOT}#1"]


async def test_what_was_put_back_can_be_parked_again(filled: FindingStore) -> None:
    """The newer reason counts."""
    await filled.park("sink", transition(1), moment(60), "refused")
    await filled.redeliver("sink", [f"{ROOT}#1"])
    await filled.park("sink", transition(1), moment(90), "refused again")

    assert [each.reason for each in await filled.parked(10)] == ["refused again"]
    assert await waiting(filled, "sink") == [f"{ROOT}#2", f"{ROOT}#3", f"{OTHER_ROOT}#1"]
    assert await filled.redeliver("sink", [f"{ROOT}#1"]) == 1


# --- what retention leaves ---


async def test_what_was_put_back_is_kept_until_it_is_told(stores: Stores) -> None:
    """However old it is; what is parked goes with its history."""
    store = stores.findings
    await store.commit(commit(transition(1)))
    await store.commit(commit(transition(1, resource_id=f"{ACCOUNT}2"), root=f"{ROOT}2"))
    long_after = moment(0) + timedelta(days=1000)
    for account in (ACCOUNT, f"{ACCOUNT}2"):
        await store.park("sink", transition(1, resource_id=account), moment(60), "refused")
    await store.redeliver("sink", [f"{ROOT}#1"])

    assert await stores.retention.purge(long_after, 100) == 1

    assert await waiting(store, "sink") == [f"{ROOT}#1"]
    assert list(await store.parked(10)) == []
    await store.delivered("sink", [f"{ROOT}#1"])
    assert await stores.retention.purge(long_after, 100) == 1
