"""The canary: it takes the way of a real change, and is seen by nobody but Log Analytics."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.listening import SqliteBookmarks
from shared.adapters.sinks.log_analytics import LogAnalytics
from shared.domain.canary import CANARY, TOLD_TO
from shared.domain.finding import TransitionKind
from shared.domain.root_state import Posture
from shared.pipeline.canary import ARRIVED, SENT, CanaryFlights, CanarySeen, last_arrival
from shared.pipeline.deliver import Delivered, Delivery
from shared.pipeline.look import LookStatus
from shared.pipeline.messages import Trigger, decode
from shared.pipeline.told import Rules
from shared.ports import PortError, QueueName, Sink, TransitionQuery
from tests.fakes import MemoryChannel, MemorySink
from tests.worlds import World, world

LOOKS = QueueName.LOOKS
HALF_AN_HOUR = timedelta(minutes=30)


class DownBookmarks:
    """Bookmarks that cannot be written."""

    async def load(self, name: str) -> str | None:
        """Fail."""
        raise PortError(f"{name} cannot be read")

    async def save(self, name: str, text: str) -> None:
        """Fail."""
        raise PortError(f"{name} cannot be saved: {len(text)}")


@pytest.fixture
def told() -> World:
    """An empty world."""
    return world()


@pytest.fixture
def bookmarks() -> SqliteBookmarks:
    """No bookmarks yet."""
    return SqliteBookmarks(Database(Path(":memory:")))


@pytest.fixture
def flights(told: World, bookmarks: SqliteBookmarks) -> CanaryFlights:
    """Who sends canaries."""
    return CanaryFlights(told.ports.queue, bookmarks, told.clock)


async def deliver(told: World, *sinks: Sink, rules: Rules | None = None) -> Delivered:
    """Tell sinks once."""
    wanted = rules or Rules()
    delivery = Delivery(told.ports.findings, sinks, told.clock, "one", wanted, timedelta(0))
    return await delivery.deliver()


async def recorded(told: World) -> int:
    """Count the canaries in the history."""
    history = await told.ports.findings.transitions(TransitionQuery(canaries=True))
    return sum(each.root == CANARY.key for each in history)


def test_the_sink_it_is_told_to_is_log_analytics() -> None:
    """By the very name of the sink."""
    assert list(TOLD_TO) == [LogAnalytics.name]


async def test_one_is_sent_every_half_hour(told: World, flights: CanaryFlights) -> None:
    """However often the timer asks, and a little early."""
    sent = []
    for _ in range(13):
        sent.append(await flights.send())
        told.clock.advance(timedelta(minutes=5) - timedelta(seconds=2))

    assert sent == [1, 0, 0, 0, 0, 0] * 2 + [1]
    message = decode((await told.ports.queue.take(LOOKS)).text)  # type: ignore[union-attr]
    assert (message.root, message.trigger) == (CANARY.text, Trigger.CANARY)


async def test_a_missed_one_is_not_made_up_for(told: World, flights: CanaryFlights) -> None:
    """After an outage the next one is sent, not one for each that was missed."""
    await flights.send()
    told.clock.advance(timedelta(hours=5))

    assert [await flights.send(), await flights.send()] == [1, 0]


async def test_a_clock_that_was_ahead_does_not_silence_it(
    told: World, flights: CanaryFlights, bookmarks: SqliteBookmarks
) -> None:
    """Nor does a bookmark that cannot be read."""
    await bookmarks.save(SENT, '"2027-11-20T08:00:00Z"')
    assert await flights.send() == 1
    told.clock.advance(timedelta(seconds=1))
    await bookmarks.save(SENT, "yesterday")
    assert await flights.send() == 1


async def test_it_arrives_the_way_of_a_real_change(
    told: World, flights: CanaryFlights, bookmarks: SqliteBookmarks
) -> None:
    """Queue, look, commit, outbox, sink: and how long each took is remembered."""
    sent_at = told.clock.now()
    await flights.send()
    told.clock.advance(timedelta(seconds=4))
    report = await told.drain()
    told.clock.advance(timedelta(seconds=3))
    sink = MemorySink("log_analytics")

    done = await deliver(told, CanarySeen(sink, bookmarks, told.clock))

    (bird,) = sink.told
    assert done.told == 1
    assert (bird.kind, bird.root, bird.control) == (TransitionKind.CANARY, CANARY.key, None)
    arrival = await last_arrival(bookmarks)
    assert arrival is not None
    assert arrival.took.total_seconds() == pytest.approx(7, abs=0.1)
    assert arrival.recorded_at == bird.at
    assert (arrival.sent_at - sent_at).total_seconds() == pytest.approx(0, abs=0.1)
    assert report.looks == {LookStatus.LOOKED: 1}


async def test_it_reads_nothing_and_counts_nowhere(told: World, flights: CanaryFlights) -> None:
    """No request to ARM, no posture, no sweep, no history that is listed."""
    await flights.send()
    report = await told.drain()
    swept = await told.sweep()

    assert (told.inventory.reads, report.sources_read) == (0, 0)
    assert await told.ports.findings.posture() == Posture()
    assert CANARY.key not in {each.root for each in await told.history()}
    assert await recorded(told) == 1
    assert sum(each.roots for each in await told.runtime.sweeps.begin(deep=False)) == 0
    assert CANARY.subscription not in await told.runtime.looks.watch.subscriptions()
    assert not swept.looks


@pytest.mark.parametrize("name", ["teams", "webhook", "event_grid", "console", "log_analytics:2"])
async def test_no_other_sink_is_told(told: World, flights: CanaryFlights, name: str) -> None:
    """Whatever it is called; and nothing is left for it to be told."""
    await flights.send()
    await told.drain()
    sink = MemorySink(name)

    await deliver(told, sink)

    assert sink.told == []
    assert await told.ports.findings.undelivered(name, 10) == []


async def test_neither_a_channel_nor_a_sink_for_escalations_is_told(
    told: World, flights: CanaryFlights
) -> None:
    """It makes no post, so it takes nothing from their rates; nor is the console handed it."""
    await flights.send()
    await told.drain()
    channel, pager = MemoryChannel(told.clock, "teams"), MemorySink("pager")
    rules = Rules(escalation=frozenset({"pager"}))

    await deliver(told, channel, pager, rules=rules)
    async with Delivery(told.ports.findings, [], told.clock, "one").pending("console") as alerts:
        shown = list(alerts)

    assert (channel.posts, pager.told, shown) == ([], [], [])
    assert await told.ports.findings.undelivered("console", 10) == []


async def test_the_sink_of_canaries_can_be_the_one_for_escalations(
    told: World, flights: CanaryFlights
) -> None:
    """It is confined to this one, whatever else this one is told of."""
    await flights.send()
    await told.drain()
    sink = MemorySink("log_analytics")

    await deliver(told, sink, rules=Rules(escalation=frozenset({"log_analytics"})))

    assert [each.kind for each in sink.told] == [TransitionKind.CANARY]


async def test_a_message_that_comes_twice_is_one_canary(
    told: World, flights: CanaryFlights
) -> None:
    """An older one that comes late is none any more."""
    await flights.send()
    first = await told.ports.queue.take(LOOKS)
    assert first is not None
    await told.ports.queue.done(LOOKS, first)
    told.clock.advance(HALF_AN_HOUR)
    await flights.send()
    second = await told.ports.queue.take(LOOKS)
    assert second is not None
    texts = [first.text, first.text, second.text, first.text]

    ended = [(await told.runtime.looks.look(decode(each))).status for each in texts]

    looked, covered = LookStatus.LOOKED, LookStatus.COVERED
    assert ended == [looked, covered, looked, covered]
    assert await recorded(told) == 2


async def test_old_ones_are_parked_for_nobody(told: World, flights: CanaryFlights) -> None:
    """A sink that was down for days has missed them; people have not."""
    for _ in range(3):
        await flights.send()
        await told.drain()
        told.clock.advance(HALF_AN_HOUR)
    sinks = [MemorySink("teams"), MemorySink("log_analytics")]
    for each in sinks:
        each.down = True
    rules = Rules(give_up_after=timedelta(days=7), backs_off=False)
    await deliver(told, *sinks, rules=rules)
    told.clock.advance(timedelta(days=8))

    await deliver(told, *sinks, rules=rules)

    assert await told.ports.findings.parked(10) == []
    assert await told.ports.findings.undelivered("log_analytics", 10) == []


async def test_a_sink_that_is_down_takes_none(
    told: World, flights: CanaryFlights, bookmarks: SqliteBookmarks
) -> None:
    """None has arrived then."""
    await flights.send()
    await told.drain()
    sink = MemorySink("log_analytics")
    sink.down = True

    await deliver(told, CanarySeen(sink, bookmarks, told.clock))

    assert await last_arrival(bookmarks) is None


async def test_alerts_are_told_though_the_arrival_cannot_be_remembered(
    told: World, flights: CanaryFlights
) -> None:
    """The canary seems lost, which is the better of two mistakes."""
    await flights.send()
    await told.drain()
    sink = MemorySink("log_analytics")

    done = await deliver(told, CanarySeen(sink, DownBookmarks(), told.clock))

    assert (done.told, len(sink.told)) == (1, 1)


async def test_an_arrival_that_cannot_be_read_is_none(bookmarks: SqliteBookmarks) -> None:
    """So that its absence is told."""
    await bookmarks.save(ARRIVED, "{}")

    assert await last_arrival(bookmarks) is None
