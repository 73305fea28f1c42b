"""One message of a queue: looked at, set aside, or left to whoever delivers it again."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.work_queue import SqliteSetAsideStore, SqliteWorkQueue
from shared.domain.resource_id import ResourceId
from shared.pipeline.look import LookReport, LookStatus
from shared.pipeline.messages import LookMessage, Trigger
from shared.pipeline.work import MOST_DELIVERIES, Worker, WorkReport
from shared.ports import WORK, PortError, QueueName
from tests.fakes import FakeClock

ROOT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"
TEXT = LookMessage(ROOT, datetime(2026, 11, 20, tzinfo=UTC), Trigger.CHANGE).encode()


@dataclass
class Looker:
    """A look that remembers what it was asked for, and may fail: always, or the first time."""

    failure: Exception | None = None
    recovers: bool = False
    asked: list[LookMessage] = field(default_factory=list)

    async def look(self, message: LookMessage) -> LookReport:
        """Remember the message."""
        self.asked.append(message)
        if self.failure is not None and not (self.recovers and len(self.asked) > 1):
            raise self.failure
        return LookReport(ResourceId.parse(message.root), LookStatus.LOOKED)


@dataclass
class Bench:
    """A worker on an empty store, with a look for each queue."""

    worker: Worker
    queue: SqliteWorkQueue
    aside: SqliteSetAsideStore
    looks: Looker
    sweeps: Looker


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A worker on an empty store."""
    clock = FakeClock()
    with closing(Database(Path(":memory:"))) as database:
        queue, aside = SqliteWorkQueue(database, clock), SqliteSetAsideStore(database)
        looks, sweeps = Looker(), Looker()
        yield Bench(
            Worker(queue, aside, clock, looks.look, sweeps.look), queue, aside, looks, sweeps
        )


async def test_each_queue_has_its_look(bench: Bench) -> None:
    """A text of `looks` is looked at as an event's, one of `sweeps` as a sweep's."""
    await bench.worker.handle(QueueName.LOOKS, TEXT)
    assert (len(bench.looks.asked), len(bench.sweeps.asked)) == (1, 0)

    await bench.worker.handle(QueueName.SWEEPS, TEXT)
    assert (len(bench.looks.asked), len(bench.sweeps.asked)) == (1, 1)


@pytest.mark.parametrize("name", WORK)
async def test_a_text_that_is_no_message_is_set_aside(bench: Bench, name: QueueName) -> None:
    """It is kept with its reason, and asks for no look."""
    assert await bench.worker.handle(name, '{"root": 5}') is None

    (kept,) = await bench.aside.kept(10)
    assert (kept.text, kept.length) == ('{"root": 5}', 11)
    assert kept.reason.startswith("not a look message: root: ")
    assert bench.looks.asked == bench.sweeps.asked == []


@pytest.mark.parametrize("failure", [PortError("down"), KeyError("a crash")])
async def test_what_fails_leaves_the_call(bench: Bench, failure: Exception) -> None:
    """Whoever delivers the messages decides what happens to one that fails."""
    bench.looks.failure = failure

    with pytest.raises(type(failure)):
        await bench.worker.handle(QueueName.LOOKS, TEXT)
    assert await bench.aside.kept(10) == []


async def test_drain_sets_aside_too(bench: Bench) -> None:
    """Working off the queues, a text that is no message is counted and does not come again."""
    await bench.queue.put(QueueName.LOOKS, ["{}", TEXT])
    report = WorkReport()
    await bench.worker.drain(report)

    assert (report.set_aside, report.looks[LookStatus.LOOKED]) == (1, 1)
    assert await bench.queue.next_due(QueueName.LOOKS) is None


async def test_drain_tries_a_crash_again_and_then_sets_it_aside(bench: Bench) -> None:
    """A message that crashes the code is tried as often as the Functions host would try it."""
    bench.sweeps.failure = KeyError("a crash")
    await bench.queue.put(QueueName.SWEEPS, [TEXT])
    report = WorkReport()
    await bench.worker.drain(report)

    assert len(bench.sweeps.asked) == MOST_DELIVERIES
    assert report.set_aside == 1
    (kept,) = await bench.aside.kept(10)
    assert kept.text == TEXT
    assert kept.reason == f"crashed {MOST_DELIVERIES} times, last: KeyError('a crash')"


@pytest.mark.parametrize("failure", [PortError("down"), KeyError("a crash")])
async def test_drain_puts_back_what_fails(bench: Bench, failure: Exception) -> None:
    """A message whose look failed comes again, and is done with once it succeeds."""
    bench.looks.failure, bench.looks.recovers = failure, True
    await bench.queue.put(QueueName.LOOKS, [TEXT])
    report = WorkReport()
    await bench.worker.drain(report)

    assert len(bench.looks.asked) == 2
    assert (report.set_aside, report.looks[LookStatus.LOOKED]) == (0, 1)
    assert await bench.queue.next_due(QueueName.LOOKS) is None
