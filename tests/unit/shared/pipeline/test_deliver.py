"""Telling the sinks: every alert to every sink, in order, and none held up by another."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.domain.finding import Transition
from shared.domain.resource_id import ResourceId
from shared.domain.sink_state import SinkState
from shared.pipeline.deliver import LEASE, Delivery
from shared.ports import PortError, Sink
from tests.fakes import FakeClock, MemorySink
from tests.records import OTHER_ACCOUNT, OTHER_ROOT, commit, moment, transition

BATCH = MemorySink.batch


class WaitingClock(FakeClock):
    """A clock that lets others work while time passes."""

    async def sleep(self, duration: timedelta) -> None:
        """Let the others go on."""
        await super().sleep(duration)
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> WaitingClock:
    """The clock of the store and of those who deliver."""
    return WaitingClock()


@pytest.fixture
def store(clock: WaitingClock) -> SqliteFindingStore:
    """An empty store."""
    return SqliteFindingStore(Database(Path(":memory:")), clock)


def delivery(store: SqliteFindingStore, sinks: Sequence[Sink], worker: str = "one") -> Delivery:
    """Return a delivery as one worker makes it."""
    return Delivery(store, sinks, store.clock, worker)


async def record(store: SqliteFindingStore, first: int, last: int) -> None:
    """Record transitions of one root."""
    found = [transition(n) for n in range(first, last + 1)]
    await store.commit(commit(*found, version=(await store.state(found[0].root)).version))


class Crashing(MemorySink):
    """A sink with a fault in its code."""

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Crash."""
        raise KeyError(f"a fault, at {len(alerts)} alerts")


def told(sink: MemorySink) -> list[int]:
    """Return the numbers of the alerts that a sink was told of."""
    return [each.sequence for each in sink.told]


async def test_every_sink_is_told_of_every_alert_once_in_order(store: SqliteFindingStore) -> None:
    """What was told is remembered by the sink's name."""
    await record(store, 1, 3)
    one, two = MemorySink("one"), MemorySink("two")

    assert (await delivery(store, [one, two]).deliver()).told == 6
    assert (await delivery(store, [one, two]).deliver()).told == 0
    assert told(one) == told(two) == [1, 2, 3]

    await record(store, 4, 4)
    assert (await delivery(store, [one, two]).deliver()).told == 2
    assert told(one) == told(two) == [1, 2, 3, 4]


async def test_without_sinks_nothing_is_told_and_nothing_is_lost(store: SqliteFindingStore) -> None:
    """A sink that comes later is told of everything."""
    await record(store, 1, 2)
    assert (await delivery(store, []).deliver()).told == 0

    sink = MemorySink()
    await delivery(store, [sink]).deliver()

    assert told(sink) == [1, 2]


async def test_what_does_not_alert_is_not_told(store: SqliteFindingStore) -> None:
    """History only: a baseline's findings, changed evidence."""
    await store.commit(commit(transition(1), replace(transition(2), alerts=False), transition(3)))
    sink = MemorySink()

    assert (await delivery(store, [sink]).deliver()).told == 2
    assert told(sink) == [1, 3]


async def test_many_alerts_are_told_in_batches(
    store: SqliteFindingStore, clock: WaitingClock
) -> None:
    """So that what was told before a failure is not told again."""
    await record(store, 1, 2 * BATCH + 1)
    sizes = []

    class Counting(MemorySink):
        """A sink that fails at its third batch."""

        async def send(self, alerts: Sequence[Transition]) -> None:
            """Remember how many came."""
            sizes.append(len(alerts))
            self.down = len(sizes) == 3
            await super().send(alerts)

    sink = Counting()

    assert (await delivery(store, [sink]).deliver()).told == 2 * BATCH
    clock.advance(timedelta(seconds=2))
    assert (await delivery(store, [sink]).deliver()).told == 1
    assert sizes == [BATCH, BATCH, 1, 1]
    assert told(sink) == list(range(1, 2 * BATCH + 2))


async def test_a_sink_that_is_down_delays_no_other(
    store: SqliteFindingStore, clock: WaitingClock, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told the next time, of everything that it has missed, in order."""
    await record(store, 1, 2)
    down, up = MemorySink("down"), MemorySink("up")
    down.down = True
    with caplog.at_level(logging.WARNING):
        assert (await delivery(store, [down, up]).deliver()).told == 2
    assert (told(down), told(up)) == ([], [1, 2])
    assert "down was not told of 2 alerts: the sink is down" in caplog.text

    await record(store, 3, 3)
    down.down = False
    clock.advance(timedelta(seconds=2))

    assert (await delivery(store, [down, up]).deliver()).told == 4
    assert (told(down), told(up)) == ([1, 2, 3], [1, 2, 3])


async def test_a_sink_that_crashes_delays_no_other(
    store: SqliteFindingStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Its alerts are parked, to be put back for a better version of it."""
    await record(store, 1, 2)
    up = MemorySink("up")
    with caplog.at_level(logging.CRITICAL):
        assert (await delivery(store, [Crashing("sink"), up]).deliver()).told == 2
    assert told(up) == [1, 2]

    parked = await store.parked(10)
    assert {each.reason for each in parked} == {"it crashed (KeyError); the log has the traceback"}
    mended = MemorySink("sink")
    assert await store.redeliver("sink", [each.alert.id for each in parked]) == 2
    assert (await delivery(store, [mended]).deliver()).told == 2
    assert told(mended) == [1, 2]


async def test_the_log_shows_where_a_sink_crashed(
    store: SqliteFindingStore, caplog: pytest.LogCaptureFixture
) -> None:
    """As the only trace that it leaves, and without the text of the error, which may tell more."""
    await record(store, 1, 1)
    with caplog.at_level(logging.ERROR):
        await delivery(store, [Crashing("sink")]).deliver()

    (entry,) = caplog.records
    first, *frames = entry.getMessage().splitlines()
    assert first == "sink crashed on 1 alerts: KeyError"
    assert any("in send" in each for each in frames)
    assert entry.exc_info is None


async def test_after_a_crash_before_it_was_remembered_an_alert_is_told_again(
    store: SqliteFindingStore,
) -> None:
    """With the same id; the store's failure is the caller's to hear of."""
    await record(store, 1, 1)
    sink = MemorySink()

    class Forgetful(SqliteFindingStore):
        """A store that fails to remember."""

        async def delivered(self, *_: object) -> None:
            """Fail."""
            raise PortError("the store is down")

    forgetful = Forgetful(store.database, store.clock)
    with pytest.raises(PortError):
        await delivery(forgetful, [sink]).deliver()
    await delivery(store, [sink]).deliver()

    assert [each.id for each in sink.told] == [transition(1).id] * 2


async def test_of_two_sinks_that_could_not_be_told_both_are_named(
    store: SqliteFindingStore, caplog: pytest.LogCaptureFixture
) -> None:
    """One exception leaves the function; the log has the other."""
    await record(store, 1, 1)

    class Down(SqliteFindingStore):
        """A store that cannot say how a sink is."""

        async def sink_state(self, sink: str) -> SinkState:
            """Fail."""
            raise PortError(f"nothing is known of {sink}")

    with caplog.at_level(logging.WARNING), pytest.raises(PortError, match="of one"):
        await delivery(
            Down(store.database, store.clock), [MemorySink("one"), MemorySink("two")]
        ).deliver()

    assert "one could not be told" in caplog.text
    assert "two could not be told: PortError('nothing is known of two')" in caplog.text


async def test_alerts_of_several_roots_are_told_in_the_order_of_their_recording(
    store: SqliteFindingStore,
) -> None:
    """Whatever their times say."""
    await record(store, 1, 1)
    early = transition(1, resource_id=OTHER_ACCOUNT, at=moment(0) - timedelta(hours=1))
    await store.commit(commit(early, root=OTHER_ROOT))
    sink = MemorySink()
    await delivery(store, [sink]).deliver()

    names = [ResourceId.parse(each.resource_id).name for each in sink.told]
    assert names == ["Acct", "Other"]


# --- one process at a time ---


class Slow(MemorySink):
    """A sink that takes its time, in which others work."""

    def __init__(self, clock: WaitingClock) -> None:
        super().__init__()
        self._clock = clock

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Remember the alerts after a while."""
        await self._clock.sleep(LEASE / 3)
        await super().send(alerts)


async def test_two_deliveries_at_once_tell_a_sink_of_an_alert_once(
    store: SqliteFindingStore, clock: WaitingClock
) -> None:
    """The second waits for the first, however often that prolongs its lease."""
    await record(store, 1, 2 * BATCH + 1)
    sink = Slow(clock)

    counts = await asyncio.gather(
        *(delivery(store, [sink], worker).deliver() for worker in ("one", "two"))
    )

    assert sorted(each.told for each in counts) == [0, 2 * BATCH + 1]
    assert told(sink) == list(range(1, 2 * BATCH + 2))


async def test_what_comes_while_another_tells_is_told_by_the_next(
    store: SqliteFindingStore,
) -> None:
    """It goes on with what is left."""
    await record(store, 1, 2)

    async def second() -> list[int]:
        async with delivery(store, [], "two").pending("sink") as alerts:
            return [each.sequence for each in alerts]

    async with delivery(store, []).pending("sink") as alerts:
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0)
        await record(store, 3, 3)

    assert [each.sequence for each in alerts] == [1, 2]
    assert await waiting == [3]


async def test_a_holder_that_died_is_waited_for_as_long_as_its_lease(
    store: SqliteFindingStore, clock: WaitingClock
) -> None:
    """No longer, and nothing is lost."""
    await record(store, 1, 1)
    assert await store.lease("sink memory", "dead", LEASE)
    began, sink = clock.now(), MemorySink()

    assert (await delivery(store, [sink]).deliver()).told == 1
    assert LEASE <= clock.now() - began < LEASE * 1.1
    assert await store.lease("sink memory", "another", LEASE)


async def test_a_sink_that_stays_taken_keeps_its_alerts_and_delays_no_other(
    store: SqliteFindingStore, clock: WaitingClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The free one is told at once, the taken one the next time."""
    await record(store, 1, 1)
    await store.lease("sink taken", "other", 10 * LEASE)
    taken, free = MemorySink("taken"), MemorySink("free")
    told_at = []

    class Prompt(MemorySink):
        """A sink that notes the time."""

        async def send(self, alerts: Sequence[Transition]) -> None:
            """Note when."""
            told_at.append(clock.now())
            await super().send(alerts)

    began, free = clock.now(), Prompt("free")
    with caplog.at_level(logging.WARNING):
        assert (await delivery(store, [taken, free]).deliver()).told == 1
    assert told_at[0] - began < LEASE / 10
    assert "taken is still being told by another process" in caplog.text
    async with delivery(store, []).pending("taken") as alerts:
        assert list(alerts) == []

    clock.advance(10 * LEASE)

    assert (await delivery(store, [taken, free]).deliver()).told == 1
    assert (told(taken), told(free)) == ([1], [1])


async def test_a_lease_lost_between_two_batches_ends_the_telling(
    store: SqliteFindingStore, clock: WaitingClock
) -> None:
    """Whoever has it now tells the rest."""
    await record(store, 1, BATCH + 1)

    class Overtaken(MemorySink):
        """A sink that takes so long that another process gets the lease."""

        async def send(self, alerts: Sequence[Transition]) -> None:
            """Take too long."""
            clock.advance(LEASE)
            await store.lease("sink memory", "two", LEASE)
            await super().send(alerts)

    assert (await delivery(store, [Overtaken()]).deliver()).told == BATCH
    assert len(await store.undelivered("memory", BATCH)) == 1


# --- what the caller tells itself ---


async def test_what_is_pending_counts_as_told_when_the_block_ends(
    store: SqliteFindingStore,
) -> None:
    """All of it, and once; the lease is given back."""
    await record(store, 1, BATCH + 1)

    async with delivery(store, []).pending("sink") as alerts:
        assert [each.sequence for each in alerts] == list(range(1, BATCH + 2))
        assert len(await store.undelivered("sink", 2 * BATCH)) == BATCH + 1
    async with delivery(store, [], "two").pending("sink") as alerts:
        assert list(alerts) == []


@pytest.mark.parametrize("problem", [OSError(28, "No space left"), KeyboardInterrupt()])
async def test_what_could_not_be_told_stays_pending(
    store: SqliteFindingStore, problem: BaseException
) -> None:
    """The problem is the caller's; the next one gets the same alerts, at once."""
    await record(store, 1, 2)

    async def fail() -> None:
        async with delivery(store, []).pending("sink"):
            raise problem

    with pytest.raises(type(problem)):
        await fail()
    began = store.clock.now()

    async with delivery(store, [], "two").pending("sink") as alerts:
        assert [each.sequence for each in alerts] == [1, 2]
    assert store.clock.now() - began < LEASE / 10
