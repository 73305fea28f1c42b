"""Killed before or after any post and any record of a delivery, the next one completes it.

Nothing is lost or parked that was taken, the order of each root is kept, and rates hold.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.domain.finding import Transition
from shared.pipeline.deliver import LEASE, Delivery
from shared.pipeline.told import Rules
from shared.ports import BusyError, FindingStore, RefusedError, Sink
from tests.fakes import FakeClock, Interrupted, Killed, MemoryChannel, MemorySink, Switch
from tests.records import ACCOUNT, commit, transition

ROOTS = [f"{ACCOUNT}{number}" for number in range(3)]
BAD = {f"{ROOTS[1].lower()}#2", f"{ROOTS[2].lower()}#3"}


class Trying(MemorySink):
    """A sink that takes two at once, refuses what is bad, and is busy now and then.

    Until `well_at` it refuses everything.
    """

    batch = 2

    def __init__(self, clock: FakeClock, well_at: datetime) -> None:
        super().__init__("trying")
        self.calls = 0
        self._clock = clock
        self._well_at = well_at

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Take them, or not."""
        self.calls += 1
        if self.calls % 4 == 0:
            raise BusyError("it answered 429", timedelta(seconds=3))
        if self._clock.now() < self._well_at or any(each.id in BAD for each in alerts):
            raise RefusedError("it answered 400")
        await super().send(alerts)


class TryingChannel(MemoryChannel):
    """The same for people."""

    async def send_digest(self, alerts: Sequence[Transition], window: timedelta) -> None:
        """Take them, or not."""
        if any(each.id in BAD for each in alerts):
            raise RefusedError("it answered 400")
        await super().send_digest(alerts, window)


class Watched(Interrupted):
    """A channel seen through a switch: as a class it must look like one."""

    rates = MemoryChannel.rates

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Send through the switch."""
        await self.__getattr__("send")(alerts)

    async def send_digest(self, alerts: Sequence[Transition], window: timedelta) -> None:
        """Send through the switch."""
        await self.__getattr__("send_digest")(alerts, window)


async def record(store: FindingStore, clock: FakeClock) -> None:
    """Record four alerts of each of three roots, in four commits."""
    for sequence in range(1, 5):
        for account in ROOTS:
            alert = replace(transition(sequence, resource_id=account), at=clock.now())
            await store.commit(commit(alert, root=account.lower(), version=sequence - 1))


async def deliver_until_done(store: FindingStore, sinks: Sequence[Sink], clock: FakeClock) -> None:
    """Deliver again and again, as pokes ask."""
    for _ in range(100):
        done = await Delivery(store, sinks, clock, "next", Rules(), timedelta(0)).deliver()
        if done.next_at is None:
            return
        clock.advance(max(done.next_at - clock.now(), timedelta(0)))
    raise AssertionError("it does not end")


async def dies(moment: int | None, trouble: timedelta) -> bool:
    """Kill a delivery at a moment, go on with another, and check what was told; False: it ended."""
    clock = FakeClock()
    store = SqliteFindingStore(Database(Path(":memory:")), clock)
    await record(store, clock)
    told, channel = Trying(clock, clock.now() + trouble), TryingChannel(clock)
    switch = Switch(kill_at=moment)
    seen: list[Sink] = [Interrupted(told, switch), Watched(channel, switch)]
    has_died = False
    try:
        await deliver_until_done(Interrupted(store, switch), seen, clock)
    except Killed:
        has_died = True
        clock.advance(LEASE)
        await deliver_until_done(store, [told, channel], clock)
    for sink in (told, channel):
        assert list(await store.undelivered(sink.name, 10)) == []
        first = list(dict.fromkeys(each.id for each in sink.told))
        kept = {each.alert.id for each in await store.parked(99) if each.sink == sink.name}
        assert kept == BAD
        assert len(first) == 4 * len(ROOTS) - len(BAD)
        for account in ROOTS:
            mine = [each for each in first if each.startswith(f"{account.lower()}#")]
            assert mine == sorted(mine)
        # What the last post before the end told of, and nothing else, may come twice.
        assert len(sink.told) - len(first) <= (2 if sink is told else 12) * has_died
    return has_died


@pytest.mark.parametrize("trouble", [timedelta(0), timedelta(minutes=1)])
async def test_a_delivery_killed_at_any_moment_is_completed_by_the_next(trouble: timedelta) -> None:
    """At every moment before and after every call of the store and of two sinks.

    One of them may refuse everything for a while: what was parked meanwhile was put back.
    """
    assert not await dies(None, trouble)
    moment = 0
    while await dies(moment, trouble):
        moment += 1

    assert moment > 100
