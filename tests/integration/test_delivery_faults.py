"""What goes wrong between the delivery and its sinks, with real ones on loopback.

Nothing is lost, limits and the order of each root are kept, and a repeat carries the same id.
"""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.sinks.teams.options import CardOptions
from shared.adapters.sinks.teams_webhook import RATES, TRACKING, TeamsWebhook
from shared.adapters.sinks.webhook import Webhook
from shared.pipeline.deliver import Delivered, Delivery
from shared.pipeline.told import Rules
from shared.ports import Sink
from tests.fakes import FakeClock
from tests.local_azure.faults import Fault, Kind
from tests.records import ACCOUNT, commit, transition
from tests.sink_worlds import HookWorld, running_hooks

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
ROOTS = [f"{ACCOUNT}{number}" for number in range(4)]


@pytest.fixture
def clock() -> FakeClock:
    """The clock of the store and of those who deliver."""
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> SqliteFindingStore:
    """An empty store."""
    return SqliteFindingStore(Database(Path(":memory:")), clock)


@pytest.fixture
async def here() -> AsyncIterator[HookWorld]:
    """A receiver of webhooks."""
    async with running_hooks() as world:
        yield world


def hook(here: HookWorld, name: str = "hook", longest: float = 10) -> Webhook:
    """Return a webhook that posts to `/<name>`."""
    return Webhook(here.endpoint(f"/{name}", longest), "secret", here.clock, name=name)


def teams(here: HookWorld) -> TeamsWebhook:
    """Return a channel that is posted to at `/teams`."""
    return TeamsWebhook(here.endpoint("/teams"), CardOptions())


async def record(store: SqliteFindingStore, number: int) -> None:
    """Record the n-th alert of each of four roots, now."""
    for account in ROOTS:
        alert = transition(number, resource_id=account, at=store.clock.now())
        await store.commit(commit(alert, root=account.lower(), version=number - 1))


async def tell(
    store: SqliteFindingStore, *sinks: Sink, clock: FakeClock | None = None
) -> Delivered:
    """Deliver once, as a function does."""
    at = clock or store.clock
    return await Delivery(store, sinks, at, "one", Rules(), timedelta(0)).deliver()


def told(here: HookWorld, name: str = "hook") -> list[str]:
    """Return the ids that were posted to a webhook, repeats included."""
    contents = [each.content for each in here.hooks.posts if each.path == f"/{name}"]
    return [one["id"] for each in contents for one in (each if isinstance(each, list) else [each])]


def in_order(ids: list[str]) -> bool:
    """Whether the alerts of each root came in their order, repeats left aside."""
    first = list(dict.fromkeys(ids))
    parts = [[each for each in first if each.startswith(f"{root.lower()}#")] for root in ROOTS]
    numbers = [[int(each.rpartition("#")[2]) for each in part] for part in parts]
    return all(each == sorted(each) for each in numbers)


async def test_a_sink_that_is_down_for_hours_is_told_of_everything_and_delays_no_other(
    here: HookWorld, store: SqliteFindingStore, clock: FakeClock
) -> None:
    """It is tried some times in an hour, not a thousand times."""
    sinks: list[Sink] = [hook(here, "down"), hook(here, "up"), teams(here)]
    here.hooks.faults.add(Fault("/(down|teams)", status=503))
    for number in range(1, 61):
        await record(store, number)
        await tell(store, *sinks)
        assert len(told(here, "up")) == 4 * number
        clock.advance(timedelta(minutes=6))
    assert here.hooks.tried < 60 + 2 * 61
    here.hooks.faults.clear()

    assert (await tell(store, *sinks)).next_at is None

    assert sorted(told(here, "down")) == sorted(told(here, "up"))
    assert in_order(told(here, "down"))
    assert len([each for each in here.hooks.posts if each.path == "/teams"]) == 1


async def test_retry_after_is_honoured(
    here: HookWorld, store: SqliteFindingStore, clock: FakeClock
) -> None:
    """To the second, whatever pokes come."""
    await record(store, 1)
    headers = {"Retry-After": "120"}
    here.hooks.faults.add(Fault("/hook", status=429, headers=headers, times=1))
    sink = hook(here)
    for _ in range(119):
        await tell(store, sink)
        clock.advance(SECOND)
    assert here.hooks.tried == 1
    clock.advance(SECOND)
    await tell(store, sink)

    assert len(told(here)) == len(ROOTS)


async def test_what_is_too_large_is_told_in_parts_and_one_too_large_alone_is_parked(
    here: HookWorld, store: SqliteFindingStore
) -> None:
    """The others go on."""
    for number in range(1, 11):
        await record(store, number)
    size = 4_000
    here.hooks.largest = 3 * size
    assert (await tell(store, hook(here))).told == 40
    assert in_order(told(here))
    assert max(len(each.body) for each in here.hooks.posts) <= 3 * size

    await record(store, 11)
    here.hooks.largest = 10
    done = await tell(store, hook(here))

    assert (done.told, done.parked) == (0, 4)
    assert {each.reason.rpartition(": ")[2] for each in await store.parked(9)} == {
        "it is too large"
    }


async def test_an_alert_that_is_refused_is_parked_and_the_others_go_on(
    here: HookWorld, store: SqliteFindingStore
) -> None:
    """It is found in halves: four, two, one."""
    await record(store, 1)
    here.hooks.faults.add(Fault("/hook", status=400, times=3))

    done = await tell(store, hook(here))

    assert (done.told, done.parked, done.next_at) == (3, 1, None)
    (kept,) = await store.parked(9)
    assert kept.alert.id not in told(here)
    assert "answered 400" in kept.reason
    assert "/hook" not in kept.reason


@pytest.mark.parametrize("kind", [Kind.HANG, Kind.RESET])
async def test_what_was_taken_without_an_answer_comes_again_with_the_same_id(
    here: HookWorld, store: SqliteFindingStore, clock: FakeClock, kind: Kind
) -> None:
    """An answer after a minute, or a connection that is reset after the post was accepted."""
    await record(store, 1)
    here.hooks.faults.add(Fault("/", kind, times=4, seconds=60))
    sinks: list[Sink] = [
        hook(here, "hook", longest=0.15),
        TeamsWebhook(here.endpoint("/teams", 0.15), CardOptions()),
    ]
    for _ in range(9):
        await tell(store, *sinks)
        clock.advance(timedelta(minutes=6))

    ids = told(here)
    assert len(ids) > len(set(ids)) == len(ROOTS)
    assert in_order(ids)
    cards = [each.headers[TRACKING] for each in here.hooks.posts if each.path == "/teams"]
    assert len(cards) > len(set(cards))
    for name in ("hook", "teams"):
        assert list(await store.undelivered(name, 9)) == []


async def test_five_thousand_alerts_in_a_minute_are_few_cards_and_no_limit_is_passed(
    here: HookWorld, store: SqliteFindingStore, clock: FakeClock
) -> None:
    """Teams sees a handful of posts; the webhook every alert."""
    sinks: list[Sink] = [hook(here), teams(here)]
    for number in range(1, 1_251):
        await record(store, number)
        if number % 25 == 0:
            await tell(store, *sinks)
            clock.advance(SECOND)
    clock.advance(timedelta(minutes=2))
    assert (await tell(store, *sinks)).next_at is None

    assert len(told(here)) == len(set(told(here))) == 5_000
    assert in_order(told(here))
    cards = [each for each in here.hooks.posts if each.path == "/teams"]
    assert 2 <= len(cards) <= 6
    assert all(len(each.body) < 20_000 for each in cards)


async def test_clocks_that_disagree_lose_nothing_and_pass_no_limit_by_much(
    here: HookWorld, store: SqliteFindingStore, clock: FakeClock
) -> None:
    """Two workers an hour apart, in turns; each keeps the limits by its own clock."""
    ahead = FakeClock()
    ahead.advance(HOUR)
    other = SqliteFindingStore(store.database, ahead)
    sinks: list[Sink] = [hook(here), teams(here)]
    here.hooks.faults.add(Fault("/", status=503, times=6))
    for number in range(1, 121):
        await record(store if number % 3 else other, number)
        turn = store if number % 2 else other
        await tell(turn, *sinks)
        for each in (clock, ahead):
            each.advance(timedelta(seconds=20))
    for _ in range(5):
        for each in (clock, ahead):
            each.advance(2 * HOUR)
        await tell(store, *sinks)

    for name in ("hook", "teams"):
        assert list(await store.undelivered(name, 9)) == []
    assert len(set(told(here))) == 480
    assert in_order(told(here))
    cards = [each for each in here.hooks.posts if each.path == "/teams"]
    assert len(cards) <= RATES[2].posts + 10
