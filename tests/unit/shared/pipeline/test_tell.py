"""Telling one sink: what it refuses, when it is tried again, and when it is given up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.domain.finding import Transition, TransitionKind
from shared.pipeline.backoff import LONGEST
from shared.pipeline.deliver import LEASE, Delivered, Delivery
from shared.pipeline.standing import GIVEN_UP_AT_ONCE
from shared.pipeline.tell import TAKEN
from shared.pipeline.told import Rules
from shared.ports import BusyError, RefusedError, Sink
from tests.fakes import FakeClock, MemoryChannel, MemorySink
from tests.records import commit, transition

DAY = timedelta(days=1)


class Picky(MemorySink):
    """A sink that refuses some alerts, by their sequence, or (None) all."""

    def __init__(self, refuses: frozenset[int] | None) -> None:
        super().__init__("picky")
        self.refuses = refuses
        self.sizes: list[int] = []

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Refuse all that holds one."""
        self.sizes.append(len(alerts))
        if self.refuses is None or not self.refuses.isdisjoint(each.sequence for each in alerts):
            raise RefusedError("it answered 400")
        await super().send(alerts)


class Busy(MemorySink):
    """A sink that takes nothing for now, and perhaps says for how long."""

    def __init__(self, wait: timedelta | None = None) -> None:
        super().__init__("busy")
        self.busy = True
        self.wait = wait
        self.tried = 0
        self.sizes: list[int] = []

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Be busy."""
        self.tried += 1
        self.sizes.append(len(alerts))
        if self.busy:
            raise BusyError("it answered 503", self.wait)
        await super().send(alerts)


@pytest.fixture
def clock() -> FakeClock:
    """The clock of the store and of those who deliver."""
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> SqliteFindingStore:
    """An empty store."""
    return SqliteFindingStore(Database(Path(":memory:")), clock)


async def record(store: SqliteFindingStore, first: int, last: int) -> None:
    """Record transitions of one root."""
    found = [transition(n) for n in range(first, last + 1)]
    await store.commit(commit(*found, version=(await store.state(found[0].root)).version))


async def tell(store: SqliteFindingStore, sink: Sink, rules: Rules | None = None) -> Delivered:
    """Deliver once, as a function does."""
    return await one(store, sink, rules).deliver()


def one(store: SqliteFindingStore, sink: Sink, rules: Rules | None = None) -> Delivery:
    """Return the delivery of one worker, who waits for nobody."""
    return Delivery(store, [sink], store.clock, "one", rules or Rules(), timedelta(0))


def told(sink: MemorySink) -> list[int]:
    """Return the numbers of the alerts that a sink was told of."""
    return [each.sequence for each in sink.told]


async def parked(store: SqliteFindingStore) -> list[int]:
    """Return the numbers of the alerts that are parked, in order."""
    return sorted(each.alert.sequence for each in await store.parked(10_000))


# --- refused ---


@pytest.mark.parametrize("bad", [{1}, {64}, {100}, {7, 8}, {1, 50, 51, 100}, set()])
async def test_what_is_refused_is_found_among_the_others_and_parked(
    store: SqliteFindingStore, bad: set[int]
) -> None:
    """The others are told, in order and once; the reason is kept."""
    await record(store, 1, 100)
    sink = Picky(frozenset(bad))

    done = await tell(store, sink)

    assert told(sink) == [n for n in range(1, 101) if n not in bad]
    assert (done.told, done.parked, done.next_at) == (100 - len(bad), len(bad), None)
    assert await parked(store) == sorted(bad)
    assert {each.reason for each in await store.parked(9)} <= {"it answered 400"}
    assert len(sink.sizes) < 60


async def test_what_was_parked_is_told_when_it_is_put_back(store: SqliteFindingStore) -> None:
    """With the same id."""
    await record(store, 1, 3)
    sink = Picky(frozenset({2}))
    await tell(store, sink)
    sink.refuses = frozenset()

    await store.redeliver("picky", [transition(2).id])
    await tell(store, sink)

    assert told(sink) == [1, 3, 2]
    assert await parked(store) == []


@pytest.mark.parametrize("one_by_one", [False, True])
async def test_a_sink_that_refuses_everything_is_in_trouble_and_nothing_is_lost(
    store: SqliteFindingStore,
    clock: FakeClock,
    one_by_one: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Five different alerts refused, whether together or as they come: all of them go back."""
    sink = Picky(None)
    for number in range(1, 6):
        await record(store, number, number)
        if one_by_one:
            await tell(store, sink)
            clock.advance(2 * LONGEST)
    await record(store, 6, 6)
    done = await tell(store, sink)

    assert (done.told, done.next_at is None) == (0, False)
    assert "it refuses everything: it answered 400" in (done.sinks["picky"].why or "")
    assert await parked(store) == []
    for _ in range(3):
        clock.advance(2 * LONGEST)
        await tell(store, sink)
        assert await parked(store) == []

    sink.refuses = frozenset({1, 2})
    clock.advance(2 * LONGEST)
    assert (await tell(store, sink)).next_at is None

    assert told(sink) == [3, 4, 5, 6]
    assert await parked(store) == [1, 2]


async def test_refusals_count_only_as_long_as_nothing_is_taken(store: SqliteFindingStore) -> None:
    """Each bad alert by itself is the alert's own fault."""
    sink = Picky(frozenset(range(1, 20, 2)))
    for number in range(1, 21):
        await record(store, number, number)
        await tell(store, sink)

    assert told(sink) == list(range(2, 21, 2))
    assert await parked(store) == list(range(1, 20, 2))


class Overtaken(Picky):
    """A sink that takes so long that its lease is over; another process is waiting for that."""

    def __init__(self, store: SqliteFindingStore, clock: FakeClock, seconds: float) -> None:
        super().__init__(None)
        self._store, self._clock, self._seconds = store, clock, seconds

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Refuse late, or crash where another process tells the sink at the same time."""
        if await self._store.lease("sink picky", "two", LEASE):
            await self._store.release("sink picky", "two")
            pytest.fail("another process could tell it, too")
        self._clock.advance(timedelta(seconds=self._seconds))
        await super().send(alerts)


async def test_the_lease_is_prolonged_before_the_halves_of_what_was_refused(
    store: SqliteFindingStore, clock: FakeClock
) -> None:
    """Nobody else tells them, however slowly the sink refuses."""
    await record(store, 1, 8)
    sink = Overtaken(store, clock, 20)

    await tell(store, sink)

    assert sink.sizes[:4] == [8, 4, 2, 1]


async def test_the_lease_is_prolonged_between_the_posts_of_a_probe(
    store: SqliteFindingStore, clock: FakeClock
) -> None:
    """Each of them may be refused as slowly."""
    await record(store, 1, 6)
    sink = Overtaken(store, clock, 20)
    await tell(store, sink)
    sink.sizes.clear()
    clock.advance(2 * LONGEST)

    assert "it refuses everything" in ((await tell(store, sink)).sinks["picky"].why or "")
    assert sink.sizes == [1] * 5


async def test_a_lease_that_is_lost_while_a_sink_refuses_ends_the_telling(
    store: SqliteFindingStore, clock: FakeClock
) -> None:
    """Whoever has it by now tells the halves."""
    await record(store, 1, 8)

    class Lost(Picky):
        """A sink so slow that another process gets its lease."""

        async def send(self, alerts: Sequence[Transition]) -> None:
            """Refuse, too late."""
            clock.advance(LEASE)
            assert await store.lease("sink picky", "two", LEASE)
            await super().send(alerts)

    sink = Lost(None)
    done = await tell(store, sink)

    assert sink.sizes == [8]
    assert done.sinks["picky"].why == TAKEN


async def test_a_slow_sink_that_refuses_some_ends_in_time_and_comes_to_the_end(
    store: SqliteFindingStore, clock: FakeClock
) -> None:
    """Each turn gets something done, and none takes much longer than it may."""
    await record(store, 1, 16)

    class Slow(Picky):
        """A sink that takes its time."""

        async def send(self, alerts: Sequence[Transition]) -> None:
            """Refuse every other alert, late."""
            clock.advance(timedelta(seconds=20))
            await super().send(alerts)

    sink = Slow(frozenset(range(1, 17, 2)))
    turns = 0
    while True:
        began, turns = clock.now(), turns + 1
        done = await one(store, sink).deliver(timedelta(seconds=60))
        # From sixteen down to one it is five posts.
        assert clock.now() - began < timedelta(seconds=60 + 5 * 20)
        if done.next_at is None:
            break

    assert told(sink) == list(range(2, 17, 2))
    assert await parked(store) == list(range(1, 17, 2))
    assert turns > 1


async def test_a_slow_channel_is_told_of_many_baselines_in_several_turns(
    store: SqliteFindingStore, clock: FakeClock
) -> None:
    """Each of them is a post of its own, and no turn takes much longer than it may."""
    alerts = [replace(transition(n), kind=TransitionKind.BASELINE) for n in range(1, 9)]
    await store.commit(commit(*alerts))

    class Slow(MemoryChannel):
        """A channel that takes its time."""

        async def send(self, alerts: Sequence[Transition]) -> None:
            """Tell, late."""
            clock.advance(timedelta(seconds=20))
            await super().send(alerts)

    channel = Slow(clock)
    clock.advance(timedelta(minutes=5))
    counts = []
    while len(told(channel)) < 8:
        began = clock.now()
        counts.append((await one(store, channel).deliver(timedelta(seconds=60))).told)
        assert clock.now() - began < timedelta(seconds=60 + 20)
        clock.advance(timedelta(minutes=2))

    assert told(channel) == list(range(1, 9))
    assert counts == [3, 3, 2]


# --- busy ---


async def test_a_sink_that_is_busy_is_left_alone_longer_each_time(
    store: SqliteFindingStore, clock: FakeClock
) -> None:
    """From about a second to five minutes; before its time it is not touched."""
    await record(store, 1, 3)
    sink = Busy()
    waits = []
    for tried in range(1, 16):
        done = await tell(store, sink)
        assert done.next_at is not None
        waits.append(done.next_at - clock.now())
        assert (await tell(store, sink)).next_at == done.next_at
        assert sink.tried == tried
        clock.advance(done.next_at - clock.now())

    assert waits[0] <= timedelta(seconds=2)
    assert max(waits) <= LONGEST
    assert max(waits[9:]) > timedelta(minutes=1)
    assert await parked(store) == []
    sink.busy = False
    assert (await tell(store, sink)).told == 3
    state = await store.sink_state("busy")
    assert (state.failures, state.next_attempt_at, state.last_error) == (0, None, None)


@pytest.mark.parametrize("wait", [timedelta(seconds=90), timedelta(days=3)])
async def test_how_long_a_sink_asks_for_holds_whatever_its_length(
    store: SqliteFindingStore, clock: FakeClock, wait: timedelta
) -> None:
    """It is not tried a moment before."""
    await record(store, 1, 1)
    sink = Busy(wait)
    done = await tell(store, sink)
    assert done.next_at is not None

    assert wait <= done.next_at - clock.now() + timedelta(milliseconds=1)
    clock.advance(wait - timedelta(seconds=1))
    await tell(store, sink)
    assert sink.tried == 1
    clock.advance(timedelta(seconds=2))
    await tell(store, sink)
    assert sink.tried == 2


async def test_after_failures_it_is_tried_with_fewer_at_once(
    store: SqliteFindingStore, clock: FakeClock
) -> None:
    """They may have been too many to be taken in time."""
    await record(store, 1, 300)
    sink = Busy(timedelta(seconds=1))
    for _ in range(8):
        await tell(store, sink)
        clock.advance(2 * LONGEST)
    sink.busy = False
    await tell(store, sink)

    assert sink.sizes == [100, 50, 25, 12, 6, 3, 1, 1, 1, 100, 100, 99]
    assert told(sink) == list(range(1, 301))


async def test_a_sink_down_for_a_week_is_given_up_alert_by_alert(
    store: SqliteFindingStore, clock: FakeClock
) -> None:
    """What it was not told of for a week is parked; what is younger waits on."""
    await record(store, 1, 2)
    sink = Busy()
    await tell(store, sink)
    clock.advance(6.9 * DAY)
    assert (await tell(store, sink)).parked == 0
    young = transition(3, at=clock.now())
    await store.commit(commit(young, version=1))
    clock.advance(0.2 * DAY)

    done = await tell(store, sink)

    assert (done.parked, done.next_at is None) == (2, False)
    (first, *_) = await store.parked(1)
    assert first.reason == "not taken for 7 days; the last time: it answered 503"
    sink.busy = False
    clock.advance(LONGEST)
    await tell(store, sink)
    assert told(sink) == [3]


async def test_a_long_list_is_given_up_in_parts(
    store: SqliteFindingStore, clock: FakeClock
) -> None:
    """To park thousands would take longer than the lease."""
    await record(store, 1, GIVEN_UP_AT_ONCE + 1)
    sink = Busy()
    await tell(store, sink)
    clock.advance(8 * DAY)

    assert (await tell(store, sink)).parked == GIVEN_UP_AT_ONCE
    clock.advance(LONGEST)
    assert (await tell(store, sink)).parked == 1


async def test_old_alerts_of_a_sink_that_fails_for_the_first_time_are_not_given_up(
    store: SqliteFindingStore, clock: FakeClock
) -> None:
    """A new sink is told of everything, also of what is older than anybody would wait."""
    await record(store, 1, 2)
    clock.advance(30 * DAY)
    sink = Busy()
    await tell(store, sink)
    assert await parked(store) == []
    sink.busy = False
    clock.advance(LONGEST)
    await tell(store, sink)

    assert told(sink) == [1, 2]


async def test_what_a_clock_ahead_of_ours_wrote_holds_nothing_up(
    store: SqliteFindingStore,
) -> None:
    """The next worker with the right time tries at once."""
    await record(store, 1, 1)
    ahead = FakeClock()
    ahead.advance(timedelta(hours=2))
    sink = Busy(timedelta(minutes=1))
    await tell(SqliteFindingStore(store.database, ahead), sink)
    sink.busy = False

    assert (await tell(store, sink)).told == 1


# --- who is told ---


async def test_a_sink_of_escalations_is_told_only_of_what_names_it(
    store: SqliteFindingStore,
) -> None:
    """The rest counts as told: nothing of it comes later."""
    named = {1, 4, 7}
    alerts = [replace(transition(n), also_to=("pager",) if n in named else ()) for n in range(1, 8)]
    await store.commit(commit(*alerts))
    pager, other = MemorySink("pager"), MemorySink("other")
    rules = Rules(escalation=frozenset({"pager"}))

    await tell(store, pager, rules)
    await tell(store, other, rules)

    assert told(pager) == [1, 4, 7]
    assert told(other) == list(range(1, 8))
    assert list(await store.undelivered("pager", 10)) == []
