"""The quota of reads: never more than ARM gives, events first, nobody waits in vain."""

import asyncio
import heapq
import itertools
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.azure.arm.quota import MOST_LINES, Quota, QuotaExhaustedError
from shared.ports import Pace
from tests.fakes import BEGINNING, FakeClock

SECOND = timedelta(seconds=1)
EVENT, SWEEP = Pace.EVENT, Pace.SWEEP


class SteppedClock:
    """A clock that moves by hand, and wakes those who sleep on the way."""

    def __init__(self) -> None:
        self._now = BEGINNING
        self._order = itertools.count()
        self._sleepers: list[tuple[datetime, int, asyncio.Event]] = []
        self.sleeps = 0

    def now(self) -> datetime:
        """Return the time."""
        return self._now

    async def sleep(self, duration: timedelta) -> None:
        """Wait until the time was moved that far."""
        self.sleeps += 1
        woken = asyncio.Event()
        heapq.heappush(self._sleepers, (self._now + duration, next(self._order), woken))
        await woken.wait()

    async def advance(self, duration: timedelta) -> None:
        """Move the time, stopping wherever somebody wakes."""
        end = self._now + duration
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._now, _, woken = heapq.heappop(self._sleepers)
            woken.set()
            await settle()
        self._now = end


async def settle() -> None:
    """Let everybody run who can."""
    for _ in range(6):
        await asyncio.sleep(0)


def patient(**seconds: float) -> dict[Pace, timedelta]:
    """Patience by pace."""
    return {Pace(name): timedelta(seconds=each) for name, each in seconds.items()}


async def drain(quota: Quota, pace: Pace, reads: int, key: str = "s") -> None:
    """Take reads that are free."""
    for _ in range(reads):
        await quota.acquire(key, pace)


async def test_a_burst_is_free_and_then_reads_come_at_the_rate() -> None:
    """250 at once, then 25 in a second."""
    clock = FakeClock()
    quota = Quota(clock, patience=patient(event=100, sweep=100))
    await drain(quota, EVENT, 250)
    first = clock.now()
    await drain(quota, EVENT, 50)

    assert first - BEGINNING < SECOND / 10
    assert 1.9 * SECOND < clock.now() - first < 2.1 * SECOND


async def test_the_quota_is_shared_out_over_instances() -> None:
    """One of five has a fifth of the burst and of the rate."""
    clock = FakeClock()
    quota = Quota(clock, instances=5, patience=patient(event=100, sweep=100))
    await drain(quota, EVENT, 50)
    first = clock.now()
    await drain(quota, EVENT, 10)

    assert 1.9 * SECOND < clock.now() - first < 2.1 * SECOND


async def test_a_sweep_moves_however_many_instances_share() -> None:
    """A bucket too small for a reserve still lets sweeps through."""
    await Quota(FakeClock(), instances=1000).acquire("s", SWEEP)


async def test_subscriptions_do_not_share() -> None:
    """ARM counts each by itself."""
    quota = Quota(FakeClock(), patience=patient(event=0, sweep=0))
    await drain(quota, EVENT, 250, "one")

    await quota.acquire("two", EVENT)


async def test_sweeps_leave_a_reserve_to_events() -> None:
    """When sweeps have taken all they may, an event still does not wait."""
    quota = Quota(FakeClock(), patience=patient(event=0, sweep=0))
    await drain(quota, SWEEP, 225)
    with pytest.raises(QuotaExhaustedError):
        await quota.acquire("s", SWEEP)

    await drain(quota, EVENT, 25)


async def test_a_read_is_taken_at_once_only_where_it_need_not_wait() -> None:
    """Each that is taken is one less, and nobody overtakes those who wait."""
    clock = SteppedClock()
    quota = Quota(clock, patience=patient(event=2, sweep=60))
    taken = [quota.take_now("s", SWEEP) for _ in range(226)]
    waiting = asyncio.create_task(quota.acquire("s", SWEEP))
    await settle()

    assert taken == [True] * 225 + [False]
    assert [quota.take_now("s", pace) for pace in (SWEEP, EVENT)] == [False, True]

    await clock.advance(SECOND)
    await waiting


async def test_whoever_would_wait_too_long_hears_at_once_how_long() -> None:
    """The work can be handed back with that delay."""
    clock = FakeClock()
    quota = Quota(clock, patience=patient(event=2, sweep=60))
    quota.throttled("s", BEGINNING + 600 * SECOND)

    with pytest.raises(QuotaExhaustedError) as caught:
        await quota.acquire("s", EVENT)

    assert 599 * SECOND < caught.value.wait < 601 * SECOND
    assert caught.value.throttled_until == BEGINNING + 600 * SECOND
    assert clock.now() - BEGINNING < SECOND


async def test_those_who_wait_are_sent_away_when_arm_throttles() -> None:
    """A Retry-After that comes meanwhile ends a wait that has become too long."""
    clock = SteppedClock()
    quota = Quota(clock, patience=patient(event=2, sweep=60))
    await drain(quota, EVENT, 250)
    waiting = asyncio.create_task(quota.acquire("s", EVENT))
    await settle()
    quota.throttled("s", clock.now() + 30 * SECOND)
    await clock.advance(SECOND)

    with pytest.raises(QuotaExhaustedError):
        await waiting


async def test_a_throttle_without_a_time_counts_longer_each_time_and_once_for_many() -> None:
    """Answers to reads that were under way together are one refusal."""
    clock = FakeClock()
    quota = Quota(clock, patience=patient(event=0, sweep=0))
    waits = []
    for _ in range(3):
        for _ in range(20):
            quota.throttled("s", None)
        with pytest.raises(QuotaExhaustedError) as caught:
            await quota.acquire("s", EVENT)
        waits.append(round(caught.value.wait.total_seconds()))
        clock.advance(caught.value.wait)
    quota.answered("s", None)
    quota.throttled("s", None)
    with pytest.raises(QuotaExhaustedError) as caught:
        await quota.acquire("s", EVENT)

    assert waits == [3, 6, 12]
    assert round(caught.value.wait.total_seconds()) == 3


async def test_what_arm_says_is_left_lowers_and_never_raises() -> None:
    """Answers overtake each other: an old one with more left is not believed."""
    quota = Quota(FakeClock(), instances=2, patience=patient(event=0, sweep=0))
    quota.answered("s", 20)
    quota.answered("s", 200)
    await drain(quota, EVENT, 10)

    with pytest.raises(QuotaExhaustedError) as caught:
        await quota.acquire("s", EVENT)
    assert caught.value.throttled_until is None


async def test_a_larger_limit_that_arm_tells_of_is_used() -> None:
    """Some subscriptions still count 12,000 reads an hour: nobody waits while most are left."""
    quota = Quota(FakeClock(), instances=2, patience=patient(event=0, sweep=0))
    for left in range(11_999, 11_000, -1):
        await quota.acquire("s", EVENT)
        quota.answered("s", left)


async def test_patience_spent_before_counts() -> None:
    """A call that is throttled again and again does not wait anew each time."""
    clock = FakeClock()
    quota = Quota(clock, patience=patient(event=2, sweep=2))
    quota.throttled("s", clock.now() + SECOND)

    with pytest.raises(QuotaExhaustedError):
        await quota.acquire("s", EVENT, waited=1.5 * SECOND)
    await quota.acquire("s", EVENT)


async def test_a_clock_that_is_set_back_neither_gives_nor_blocks() -> None:
    """Reads go on, from what was left."""
    clock = FakeClock()
    quota = Quota(clock, patience=patient(event=2, sweep=2))
    await drain(quota, EVENT, 240)
    clock.advance(-3600 * SECOND)

    await drain(quota, EVENT, 30)
    assert clock.now() - (BEGINNING - 3600 * SECOND) > 0.7 * SECOND


async def full_line() -> tuple[SteppedClock, Quota, list[asyncio.Task[None]]]:
    """Three events that wait for a bucket of one read a second."""
    clock = SteppedClock()
    quota = Quota(clock, burst=5, per_second=1, patience=patient(event=100, sweep=100))
    await drain(quota, EVENT, 5)
    waiters = [asyncio.create_task(quota.acquire("s", EVENT)) for _ in range(3)]
    await settle()
    return clock, quota, waiters


async def test_a_waiter_that_is_cancelled_takes_no_token() -> None:
    """The next in line has it."""
    clock, _, (first, second, third) = await full_line()
    first.cancel()
    await clock.advance(1.1 * SECOND)

    assert first.cancelled()
    assert second.done()
    assert not third.done()


async def test_a_waiter_that_is_cancelled_as_it_is_served_takes_no_token() -> None:
    """Whichever of the two comes first in the same moment; and its token is not given twice."""
    for is_served_first in (True, False):
        clock, quota, (first, second, third) = await full_line()
        line = quota._lines["s"]  # noqa: SLF001 - the moment cannot be hit from outside
        line.bucket.level = 1.0
        if is_served_first:
            line.serve(clock.now())
        first.cancel()
        line.serve(clock.now())
        await clock.advance(SECOND / 2)

        assert first.cancelled()
        assert not third.done()

        # Where it was served first, the token came back a moment later, with the next wake-up.
        await clock.advance(SECOND * 0.6)
        assert second.done()
        await clock.advance(SECOND * 0.85)
        assert third.done()
        assert line.bucket.level < 1


async def test_sweeps_are_served_in_the_order_in_which_they_came() -> None:
    """Whoever comes when there is a read again waits behind those who wait for it."""
    clock = SteppedClock()
    quota = Quota(clock, burst=5, per_second=1, patience=patient(event=100, sweep=100))
    await drain(quota, SWEEP, 4)
    first = asyncio.create_task(quota.acquire("s", SWEEP))
    await clock.advance(SECOND * 0.7)
    second = asyncio.create_task(quota.acquire("s", SWEEP))
    await settle()

    assert not second.done()
    await clock.advance(SECOND)
    assert first.done()
    assert not second.done()


async def test_a_thousand_waiters_cost_one_wake_up_a_token() -> None:
    """No herd: the clock is slept on once a token at most, and it takes next to no time."""
    clock = SteppedClock()
    quota = Quota(clock, patience=patient(event=1000, sweep=1000))
    began = time.process_time()
    waiters = [asyncio.create_task(quota.acquire("s", EVENT)) for _ in range(1250)]
    await clock.advance(41 * SECOND)
    await asyncio.gather(*waiters)

    assert clock.sleeps <= 1001
    assert time.process_time() - began < 2


@dataclass
class Readers:
    """Those who read under a small quota, and what they were given when."""

    clock: SteppedClock
    quota: Quota
    given_at: list[datetime] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def read(self, pace: Pace) -> None:
        """Read, or be sent away."""
        try:
            await self.quota.acquire("s", pace)
        except QuotaExhaustedError:
            return
        self.given_at.append(self.clock.now())
        if pace is SWEEP:
            queued = self.quota._lines["s"].events  # noqa: SLF001 - who waits is seen nowhere else
            assert not queued, "a sweep overtook an event"

    async def step(self, step: Pace | timedelta | int | None) -> None:
        """Begin to read, let time pass, hear what is left, or (None) cancel the last reader."""
        if isinstance(step, Pace):
            self.tasks.append(asyncio.create_task(self.read(step)))
        elif isinstance(step, timedelta):
            await self.clock.advance(step)
        elif step is not None:
            self.quota.answered("s", step)
        elif self.tasks:
            self.tasks.pop().cancel()
        await settle()


STEPS = st.one_of(
    st.sampled_from([EVENT, SWEEP]),
    st.sampled_from([EVENT, SWEEP]),
    st.integers(1, 3000).map(lambda each: timedelta(milliseconds=each)),
    st.integers(0, 5),
    st.none(),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=60))
async def test_never_more_is_given_than_the_bucket_holds_and_sweeps_overtake_no_event(
    steps: list[Pace | timedelta | int | None],
) -> None:
    """In any order of reads, time, answers and cancellations."""
    clock = SteppedClock()
    burst, rate = 5, 2
    quota = Quota(clock, burst=burst, per_second=rate, patience=patient(event=50, sweep=50))
    readers = Readers(clock, quota)
    for step in steps:
        await readers.step(step)
    await clock.advance(timedelta(minutes=3))

    times = readers.given_at
    for (first, start), (last, end) in itertools.combinations(enumerate(times), 2):
        assert last - first + 1 <= burst + rate * (end - start).total_seconds() + 0.001
    for task in readers.tasks:
        assert task.done()
        assert task.exception() is None


async def test_the_memory_of_subscriptions_is_bounded() -> None:
    """The one not read for longest is forgotten; who waits, and who was just read, is not."""
    clock = SteppedClock()
    quota = Quota(clock, patience=patient(event=60, sweep=60))
    await drain(quota, EVENT, 250, "waiting")
    waiting = asyncio.create_task(quota.acquire("waiting", EVENT))
    await settle()
    for key in ("unused", "used"):
        quota.throttled(key, clock.now() + 600 * SECOND)
    for number in range(3 * MOST_LINES):
        await quota.acquire(str(number), SWEEP)
        if number % 100 == 0:
            quota.answered("used", None)

    kept = quota._lines  # noqa: SLF001 - what it keeps in memory
    assert len(kept) == MOST_LINES
    assert {"waiting", "used"} <= kept.keys()
    assert "unused" not in kept
    with pytest.raises(QuotaExhaustedError):
        await quota.acquire("used", EVENT)
    await clock.advance(SECOND)
    await waiting


async def test_while_somebody_waits_in_every_line_none_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody waits in vain."""
    monkeypatch.setattr("shared.adapters.azure.arm.quota.MOST_LINES", 2)
    clock = SteppedClock()
    quota = Quota(clock, patience=patient(event=60, sweep=60))
    waiting = []
    for key in ("a", "b", "c"):
        await drain(quota, EVENT, 250, key)
        waiting.append(asyncio.create_task(quota.acquire(key, EVENT)))
        await settle()
    await clock.advance(SECOND)

    await asyncio.gather(*waiting)
