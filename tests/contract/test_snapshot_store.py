"""`SnapshotStore`: the last reading of every source, as it was read."""

from datetime import datetime

import pytest

from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem, SourceReading
from shared.domain.topology import Source
from shared.domain.verdict import Cause
from shared.ports import SnapshotStore
from tests.contract.backends import Stores
from tests.records import ACCOUNT, OTHER_ACCOUNT, moment

pytestmark = pytest.mark.contract

ROOT = ResourceId.parse(ACCOUNT)
ACCOUNTS, DEPLOYMENTS = Source.ACCOUNT, Source.DEPLOYMENTS


@pytest.fixture
def store(stores: Stores) -> SnapshotStore:
    """The store as one worker sees it."""
    return stores.snapshots


@pytest.fixture
def other(others: Stores) -> SnapshotStore:
    """The store as another worker sees it."""
    return others.snapshots


def reading(at: datetime, word: str = "", source: Source = ACCOUNTS) -> SourceReading:
    """Return a reading of the account that holds a word."""
    return SourceReading(source, (Resource(ROOT, {"id": ACCOUNT, "word": word}),), at)


def word(found: SourceReading) -> object:
    """Return the word that a reading holds."""
    return found.items[0].body["word"]


async def test_what_was_never_stored_is_left_out(store: SnapshotStore) -> None:
    """An unknown root, an unknown source, no source at all."""
    await store.save(ROOT, [reading(moment(1))])

    assert await store.load(ResourceId.parse(OTHER_ACCOUNT), [ACCOUNTS]) == {}
    assert await store.load(ROOT, [DEPLOYMENTS]) == {}
    assert await store.load(ROOT, []) == {}


async def test_what_this_process_stored_last_serves_where_recent_will_do(
    store: SnapshotStore, other: SnapshotStore
) -> None:
    """Or what another has stored since; but never nothing, and never anything older."""
    await other.save(ROOT, [reading(moment(1), "a")])
    assert word((await store.load(ROOT, [ACCOUNTS], recent=True))[ACCOUNTS]) == "a"

    await store.save(ROOT, [reading(moment(2), "b")])
    await other.save(ROOT, [reading(moment(3), "c")])

    assert word((await store.load(ROOT, [ACCOUNTS], recent=True))[ACCOUNTS]) in {"b", "c"}
    assert word((await store.load(ROOT, [ACCOUNTS]))[ACCOUNTS]) == "c"


async def test_only_the_sources_asked_for_are_returned(store: SnapshotStore) -> None:
    """Each under its own name."""
    await store.save(ROOT, [reading(moment(1), "a"), reading(moment(2), "b", DEPLOYMENTS)])

    found = await store.load(ROOT, [DEPLOYMENTS, Source.MANAGED_NETWORKS])

    assert {source: word(each) for source, each in found.items()} == {DEPLOYMENTS: "b"}


async def test_a_reading_comes_back_as_it_was_read(
    store: SnapshotStore, other: SnapshotStore
) -> None:
    """Ids in their spelling, bodies, API versions, the time, the problem, and what it proves."""
    body: dict[str, object] = {
        "id": f"{ACCOUNT}/Deployments/D",
        "text": "Straße \N{PILE OF POO}\n\x00",
        "numbers": [0, -1, 2**53, 1.5, 1e300],
        "nested": {"": [None, True, False, {}, []]},
        "properties": {"a.b": "dots", "$c": None},
    }
    items = (
        Resource(ResourceId.parse(f"{ACCOUNT}/Deployments/D"), body, "2026-07-01-preview"),
        Resource(ResourceId.parse(f"{ACCOUNT}/deployments/e"), {}, None),
    )
    problem = Problem(Cause.UNREADABLE, "403 für den Rest", "Microsoft.X/accounts/read")
    kept = SourceReading(DEPLOYMENTS, items, moment(1.000001), problem, complete=False)
    await store.save(ROOT, [kept, SourceReading(ACCOUNTS, (), moment(2))])

    found = await other.load(ROOT, [DEPLOYMENTS, ACCOUNTS])

    back = found[DEPLOYMENTS]
    assert (back.source, back.read_at, back.problem, back.complete) == (
        DEPLOYMENTS,
        moment(1.000001),
        problem,
        False,
    )
    assert [(each.id.text, each.body, each.api_version) for each in back.items] == [
        (each.id.text, each.body, each.api_version) for each in items
    ]
    assert found[ACCOUNTS] == SourceReading(ACCOUNTS, (), moment(2))


async def test_a_younger_reading_replaces_an_older_one(store: SnapshotStore) -> None:
    """Of its own source only."""
    await store.save(ROOT, [reading(moment(1), "old"), reading(moment(1), "b", DEPLOYMENTS)])
    await store.save(ROOT, [reading(moment(1.000001), "new")])

    found = await store.load(ROOT, [ACCOUNTS, DEPLOYMENTS])

    assert {source: word(each) for source, each in found.items()} == {
        ACCOUNTS: "new",
        DEPLOYMENTS: "b",
    }


async def test_an_older_reading_never_replaces_a_younger_one(
    store: SnapshotStore, other: SnapshotStore
) -> None:
    """A slow worker does not undo what a quick one has read; its other sources are stored."""
    await store.save(ROOT, [reading(moment(2), "young")])
    await other.save(ROOT, [reading(moment(1), "old"), reading(moment(1), "b", DEPLOYMENTS)])

    found = await store.load(ROOT, [ACCOUNTS, DEPLOYMENTS])

    assert {source: word(each) for source, each in found.items()} == {
        ACCOUNTS: "young",
        DEPLOYMENTS: "b",
    }


async def test_a_reading_whose_problem_is_over_replaces_it(store: SnapshotStore) -> None:
    """Nothing of the earlier reading is left."""
    problem = Problem(Cause.UNREADABLE, "503")
    await store.save(ROOT, [SourceReading(ACCOUNTS, (), moment(1), problem, complete=False)])
    await store.save(ROOT, [reading(moment(2), "new")])

    (found,) = (await store.load(ROOT, [ACCOUNTS])).values()
    assert (found.problem, found.complete, word(found)) == (None, True, "new")


async def test_the_root_is_known_in_any_case(store: SnapshotStore) -> None:
    """Events spell ids in their own way."""
    await store.save(ResourceId.parse(ACCOUNT.upper()), [reading(moment(1), "a")])

    assert list(await store.load(ResourceId.parse(ACCOUNT.lower()), [ACCOUNTS])) == [ACCOUNTS]
