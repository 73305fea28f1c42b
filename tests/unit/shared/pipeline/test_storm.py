"""A sink that people read: the first alert at once, a storm as digests, its rates always kept."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.work_queue import SqliteWorkQueue
from shared.domain.finding import TransitionKind
from shared.pipeline.deliver import Delivered, Delivery
from shared.pipeline.pokes import Pokes
from shared.pipeline.storm import LARGEST_DIGEST, WINDOW
from shared.pipeline.told import Rules
from shared.ports import QueueName, RefusedError
from tests.fakes import FakeClock, MemoryChannel
from tests.records import SUBSCRIPTION, commit, transition

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> FakeClock:
    """The clock of the store and of those who deliver."""
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> SqliteFindingStore:
    """An empty store."""
    return SqliteFindingStore(Database(Path(":memory:")), clock)


@pytest.fixture
def channel(clock: FakeClock) -> MemoryChannel:
    """A channel."""
    return MemoryChannel(clock)


async def record(store: SqliteFindingStore, *numbers: int) -> None:
    """Record alerts of one root, now."""
    found = [transition(n, at=store.clock.now()) for n in numbers]
    await store.commit(commit(*found, version=(await store.state(found[0].root)).version))


async def tell(
    store: SqliteFindingStore, channel: MemoryChannel, pokes: Pokes | None = None
) -> Delivered:
    """Deliver once, as a function does."""
    return await Delivery(
        store, [channel], store.clock, "one", Rules(), timedelta(0), pokes
    ).deliver()


def posts(channel: MemoryChannel) -> list[list[int]]:
    """Return what the posts told of."""
    return [each for _, each in channel.posts]


async def test_the_first_alert_of_a_quiet_channel_goes_at_once(
    store: SqliteFindingStore, channel: MemoryChannel, clock: FakeClock
) -> None:
    """Also when others wait already; those follow in one digest when the window ends."""
    await record(store, 1, 2, 3)
    done = await tell(store, channel)
    assert posts(channel) == [[1]]
    assert done.next_at is not None
    assert done.next_at - clock.now() <= WINDOW

    await record(store, 4)
    clock.advance(WINDOW / 2)
    await tell(store, channel)
    assert posts(channel) == [[1]]
    clock.advance(WINDOW / 2)
    assert (await tell(store, channel)).next_at is None

    assert posts(channel) == [[1], [2, 3, 4]]


async def test_what_comes_alone_in_a_window_is_sent_as_itself(
    store: SqliteFindingStore, channel: MemoryChannel, clock: FakeClock
) -> None:
    """At its end; after a quiet window the next one goes at once again."""
    await record(store, 1)
    await tell(store, channel)
    await record(store, 2)
    await tell(store, channel)
    clock.advance(WINDOW)
    await tell(store, channel)
    assert posts(channel) == [[1], [2]]
    clock.advance(WINDOW + SECOND)
    await record(store, 3, 4)
    await tell(store, channel)

    assert posts(channel) == [[1], [2], [3]]


async def test_a_storm_of_ten_minutes_is_a_card_a_minute(
    store: SqliteFindingStore, channel: MemoryChannel, clock: FakeClock
) -> None:
    """However often somebody pokes; every alert is told once and in order."""
    for number in range(1, 601):
        await record(store, number)
        await tell(store, channel)
        clock.advance(SECOND)
    clock.advance(WINDOW)
    await tell(store, channel)

    assert [each.sequence for each in channel.told] == list(range(1, 601))
    assert len(channel.posts) == 11
    assert posts(channel)[0] == [1]


async def test_five_thousand_alerts_in_a_minute_are_a_few_cards(
    store: SqliteFindingStore, channel: MemoryChannel, clock: FakeClock
) -> None:
    """A digest holds so many at most; a full one does not wait for the end of the window."""
    for start in range(1, 5_001, 100):
        await record(store, *range(start, start + 100))
        await tell(store, channel)
        clock.advance(SECOND)
    clock.advance(WINDOW)
    await tell(store, channel)

    assert [len(each) for each in posts(channel)] == [1, LARGEST_DIGEST, LARGEST_DIGEST, 999]
    assert [each.sequence for each in channel.told] == list(range(1, 5_001))


async def test_the_digest_of_a_baseline_has_a_card_of_its_own(
    store: SqliteFindingStore, channel: MemoryChannel, clock: FakeClock
) -> None:
    """It is a digest already; those of twelve subscriptions are twelve cards, at their pace."""
    await record(store, 1, 2, 3)
    for number in range(12):
        subscription = f"/subscriptions/{SUBSCRIPTION[:-2]}{number:02}"
        kind = TransitionKind.BASELINE
        digest = transition(90, resource_id=subscription, kind=kind, control=None, at=clock.now())
        await store.commit(commit(digest, root=subscription))
    await tell(store, channel)
    clock.advance(WINDOW)
    assert (await tell(store, channel)).next_at is None

    assert posts(channel) == [[1], [2, 3], *([[90]] * 12)]


async def test_after_an_hour_s_worth_of_posts_it_waits_until_the_hour_is_over(
    store: SqliteFindingStore, channel: MemoryChannel, clock: FakeClock
) -> None:
    """What comes meanwhile is one digest then; nothing is lost."""
    state = await store.sink_state("channel")
    for _ in range(100):
        state = state.with_post(clock.now(), channel.rates)
    await store.save_sink_state("channel", state)
    await record(store, 1, 2)
    clock.advance(WINDOW)

    done = await tell(store, channel)

    assert done.next_at is not None
    assert done.next_at - clock.now() > timedelta(minutes=50)
    assert done.sinks["channel"].why == "it was told as often as it may be"
    assert posts(channel) == []
    clock.advance(done.next_at - clock.now())
    await tell(store, channel)
    assert posts(channel) == [[1, 2]]


async def test_after_an_outage_what_has_waited_is_one_digest(
    store: SqliteFindingStore, channel: MemoryChannel, clock: FakeClock
) -> None:
    """A failed first alert is tried again after a second, not after the window."""
    await record(store, 1)
    channel.down = True
    done = await tell(store, channel)
    assert done.next_at is not None
    assert done.next_at - clock.now() <= 2 * SECOND
    for number in range(2, 6):
        clock.advance(timedelta(minutes=10))
        await record(store, number)
        await tell(store, channel)
    channel.down = False
    clock.advance(timedelta(minutes=10))
    assert (await tell(store, channel)).next_at is None

    assert [each.sequence for each in channel.told] == [1, 2, 3, 4, 5]
    assert posts(channel)[-1] == [1, 2, 3, 4, 5]


async def test_a_digest_that_is_refused_is_told_without_the_alert_that_spoils_it(
    store: SqliteFindingStore, clock: FakeClock
) -> None:
    """That is parked, the others go on."""

    class Picky(MemoryChannel):
        """A channel that does not take alert 5."""

        async def send_digest(self, alerts, window):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - as above it
            """Refuse it."""
            if any(each.sequence == 5 for each in alerts):
                raise RefusedError("it answered 400")
            await super().send_digest(alerts, window)

    channel = Picky(clock)
    await record(store, *range(1, 10))
    await tell(store, channel)
    clock.advance(WINDOW)
    await tell(store, channel)

    assert [each.sequence for each in channel.told] == [1, 2, 3, 4, 6, 7, 8, 9]
    assert [each.alert.sequence for each in await store.parked(10)] == [5]


# --- pokes ---


async def pending(queue: SqliteWorkQueue) -> int:
    """Return how many pokes wait."""
    return len(queue.database.rows("SELECT 1 FROM messages WHERE queue = ?", QueueName.ALERTS))


async def test_what_is_due_later_is_poked_for_once(
    store: SqliteFindingStore, channel: MemoryChannel, clock: FakeClock
) -> None:
    """However many alerts a window collects, one poke comes at its end."""
    queue = SqliteWorkQueue(store.database, clock)
    pokes = Pokes(queue, clock)
    for number in range(1, 30):
        await record(store, number)
        await tell(store, channel, pokes)
        clock.advance(SECOND)

    assert await pending(queue) == 1
    assert await queue.take(QueueName.ALERTS) is None
    clock.advance(WINDOW)
    assert await queue.take(QueueName.ALERTS) is not None
    assert (await tell(store, channel, pokes)).next_at is None


async def test_a_clock_that_is_set_back_keeps_no_poke_from_coming(
    store: SqliteFindingStore, clock: FakeClock
) -> None:
    """Nobody waits until it is as late as it was."""
    queue = SqliteWorkQueue(store.database, clock)
    pokes = Pokes(queue, clock)
    await pokes.poke()
    clock.advance(timedelta(minutes=-5))

    await pokes.poke()

    assert await pending(queue) == 2


async def test_many_commits_are_few_pokes(store: SqliteFindingStore, clock: FakeClock) -> None:
    """One at once and one a second later, which comes after the last of them."""
    queue = SqliteWorkQueue(store.database, clock)
    pokes = Pokes(queue, clock)
    for _ in range(100):
        await pokes.poke()
        clock.advance(SECOND / 50)
    assert await pending(queue) in {3, 4}
    clock.advance(5 * SECOND)
    await pokes.poke()

    assert await pending(queue) in {4, 5}
