"""Telling the sinks: every alert to every sink, in order, and none held up by another."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.finding import Transition
from shared.domain.resource_id import ResourceId
from shared.pipeline.deliver import BATCH, Delivery
from shared.ports import FindingStore, PortError
from tests.fakes import MemorySink
from tests.records import OTHER_ACCOUNT, OTHER_ROOT, commit, moment, transition
from tests.worlds import world


@pytest.fixture
def store() -> FindingStore:
    """A store with three alerts of two roots."""
    return world().ports.findings


async def record(store: FindingStore, first: int, last: int) -> None:
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


async def test_every_sink_is_told_of_every_alert_once_in_order(store: FindingStore) -> None:
    """What was told is remembered by the sink's name."""
    await record(store, 1, 3)
    one, two = MemorySink("one"), MemorySink("two")

    assert await Delivery(store, [one, two]).deliver() == 6
    assert await Delivery(store, [one, two]).deliver() == 0
    assert told(one) == told(two) == [1, 2, 3]

    await record(store, 4, 4)
    assert await Delivery(store, [one, two]).deliver() == 2
    assert told(one) == told(two) == [1, 2, 3, 4]


async def test_without_sinks_nothing_is_told_and_nothing_is_lost(store: FindingStore) -> None:
    """A sink that comes later is told of everything."""
    await record(store, 1, 2)
    assert await Delivery(store, []).deliver() == 0

    sink = MemorySink()
    await Delivery(store, [sink]).deliver()

    assert told(sink) == [1, 2]


async def test_what_does_not_alert_is_not_told(store: FindingStore) -> None:
    """History only: a baseline's findings, changed evidence."""
    await store.commit(commit(transition(1), replace(transition(2), alerts=False), transition(3)))
    sink = MemorySink()

    assert await Delivery(store, [sink]).deliver() == 2
    assert told(sink) == [1, 3]


async def test_many_alerts_are_told_in_batches(store: FindingStore) -> None:
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

    assert await Delivery(store, [sink]).deliver() == 2 * BATCH
    assert await Delivery(store, [sink]).deliver() == 1
    assert sizes == [BATCH, BATCH, 1, 1]
    assert told(sink) == list(range(1, 2 * BATCH + 2))


async def test_a_sink_that_is_down_delays_no_other(
    store: FindingStore, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told the next time, of everything that it has missed, in order."""
    await record(store, 1, 2)
    down, up = MemorySink("down"), MemorySink("up")
    down.down = True
    with caplog.at_level(logging.WARNING):
        assert await Delivery(store, [down, up]).deliver() == 2
    assert (told(down), told(up)) == ([], [1, 2])
    assert "down was not told of 2 alerts: the sink is down" in caplog.text

    await record(store, 3, 3)
    down.down = False

    assert await Delivery(store, [down, up]).deliver() == 4
    assert (told(down), told(up)) == ([1, 2, 3], [1, 2, 3])


async def test_a_sink_that_crashes_delays_no_other(
    store: FindingStore, caplog: pytest.LogCaptureFixture
) -> None:
    """The fault is in the log with its traceback; its alerts wait for a better version of it."""
    await record(store, 1, 2)
    up = MemorySink("up")
    with caplog.at_level(logging.CRITICAL):
        assert await Delivery(store, [Crashing("sink"), up]).deliver() == 2
    assert told(up) == [1, 2]

    mended = MemorySink("sink")
    assert await Delivery(store, [mended]).deliver() == 2
    assert told(mended) == [1, 2]


async def test_the_log_shows_where_a_sink_crashed(
    store: FindingStore, caplog: pytest.LogCaptureFixture
) -> None:
    """As the only trace that it leaves."""
    await record(store, 1, 1)
    with caplog.at_level(logging.ERROR):
        await Delivery(store, [Crashing("sink")]).deliver()

    (entry,) = caplog.records
    assert entry.getMessage() == "sink crashed on 1 alerts"
    assert entry.exc_info is not None


async def test_after_a_crash_before_it_was_remembered_an_alert_is_told_again(
    store: FindingStore,
) -> None:
    """With the same id; the store's failure is the caller's to hear of."""
    await record(store, 1, 1)
    sink = MemorySink()

    class Forgetful:
        """A store that fails to remember."""

        async def undelivered(self, name: str, limit: int) -> Sequence[Transition]:
            """Answer as the store does."""
            return await store.undelivered(name, limit)

        async def delivered(self, *_: object) -> None:
            """Fail."""
            raise PortError("the store is down")

    with pytest.raises(PortError):
        await Delivery(Forgetful(), [sink]).deliver()  # type: ignore[arg-type] # half a store
    await Delivery(store, [sink]).deliver()

    assert [each.id for each in sink.told] == [transition(1).id] * 2


async def test_alerts_of_several_roots_are_told_in_the_order_of_their_recording(
    store: FindingStore,
) -> None:
    """Whatever their times say."""
    await record(store, 1, 1)
    early = transition(1, resource_id=OTHER_ACCOUNT, at=moment(0) - timedelta(hours=1))
    await store.commit(commit(early, root=OTHER_ROOT))
    sink = MemorySink()
    await Delivery(store, [sink]).deliver()

    names = [ResourceId.parse(each.resource_id).name for each in sink.told]
    assert names == ["Acct", "Other"]
