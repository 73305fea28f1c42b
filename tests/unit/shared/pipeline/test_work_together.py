"""Several looks under way at once: the same promises as one after the other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.resource_id import ResourceId
from shared.pipeline.look import LookReport, LookStatus
from shared.pipeline.messages import LookMessage, Trigger
from shared.pipeline.work import Worker, WorkReport
from shared.ports import PortError, QueueName
from tests.records import GROUP, moment
from tests.worlds import World, world

LOOKS, SWEEPS = QueueName.LOOKS, QueueName.SWEEPS
Look = Callable[[LookMessage], Awaitable[LookReport]]


def text(number: int, trigger: Trigger = Trigger.CHANGE) -> str:
    """Return the text of a message."""
    root = f"{GROUP}/Microsoft.CognitiveServices/accounts/a{number}"
    return LookMessage(root, moment(1), trigger).encode()


def done(message: LookMessage) -> LookReport:
    """Return the report of a look."""
    return LookReport(ResourceId.parse(message.root), LookStatus.LOOKED)


def worker(told: World, look: Look) -> Worker:
    """Return a worker that looks in this way, whoever asks."""
    ports = told.ports
    return Worker(ports.queue, ports.aside, ports.clock, look, look)


async def put(told: World, name: QueueName, *texts: str, delay: float = 0) -> None:
    """Put messages on a queue."""
    await told.ports.queue.put(name, texts, delay=timedelta(seconds=delay))


async def is_empty(told: World) -> bool:
    """Whether nothing is left on any queue."""
    return all([await told.ports.queue.next_due(name) is None for name in QueueName])


async def test_as_many_looks_are_under_way_as_are_allowed() -> None:
    """No more, and no fewer while there is work; everything is counted and told."""
    told = world()
    now, most = 0, 0

    async def look(message: LookMessage) -> LookReport:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1
        return done(message)

    await put(told, LOOKS, *(text(number) for number in range(25)))
    await put(told, SWEEPS, *(text(number, Trigger.SWEEP) for number in range(25)))
    report = WorkReport()
    seen: list[LookReport] = []
    await worker(told, look).drain(report, on_look=seen.append, concurrency=8)

    assert (most, report.looks.total(), len(seen)) == (8, 50, 50)
    assert await is_empty(told)


async def test_a_free_place_goes_to_events_first() -> None:
    """Also to those that arrive while a sweep is under way."""
    told = world()
    order: list[str] = []

    async def look(message: LookMessage) -> LookReport:
        order.append(message.trigger)
        if len(order) == 3:
            await put(told, LOOKS, *(text(number) for number in range(4)))
        await asyncio.sleep(0.001)
        return done(message)

    await put(told, SWEEPS, *(text(number, Trigger.SWEEP) for number in range(20)))
    await worker(told, look).drain(WorkReport(), concurrency=2)

    assert len(order) == 24
    assert order[4:8] == ["change"] * 4 or order[3:7] == ["change"] * 4


async def test_what_a_look_asks_for_is_worked_off_too() -> None:
    """The last one under way may be the one that asks."""
    told = world()

    async def look(message: LookMessage) -> LookReport:
        await asyncio.sleep(0.001)
        number = int(ResourceId.parse(message.root).name[1:])
        if number < 3:
            await put(told, LOOKS, text(number + 1), delay=number * 2)
        return done(message)

    await put(told, LOOKS, text(0))
    report = WorkReport()
    await worker(told, look).drain(report, concurrency=4)

    assert report.looks.total() == 4
    assert await is_empty(told)


async def test_what_others_ask_for_does_not_wait_for_a_slow_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The queues are asked again now and then while one hangs."""
    monkeypatch.setattr("shared.pipeline.work.POLL", timedelta(milliseconds=5))
    told = world()
    arrived = asyncio.Event()

    async def look(message: LookMessage) -> LookReport:
        if ResourceId.parse(message.root).name == "a0":
            await put(told, LOOKS, text(1), delay=0.0001)
            told.clock.advance(timedelta(seconds=1))
            await asyncio.wait_for(arrived.wait(), 5)
        arrived.set()
        return done(message)

    await put(told, LOOKS, text(0))
    report = WorkReport()
    await worker(told, look).drain(report, concurrency=2)

    assert report.looks.total() == 2


async def test_a_crash_and_an_outage_disturb_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    """Both come again."""
    told = world()
    tried: list[str] = []

    async def look(message: LookMessage) -> LookReport:
        name = ResourceId.parse(message.root).name
        tried.append(name)
        if tried.count(name) == 1 and name == "a1":
            raise KeyError("why")
        if tried.count(name) == 1 and name == "a2":
            raise PortError("the store is down")
        return done(message)

    await put(told, LOOKS, *(text(number) for number in range(5)))
    report = WorkReport()
    with caplog.at_level(logging.CRITICAL):
        await worker(told, look).drain(report, concurrency=3)

    assert report.looks.total() == 5
    assert sorted(tried) == ["a0", "a1", "a1", "a2", "a2", "a3", "a4"]


async def test_a_queue_that_fails_ends_the_work_and_loses_nothing() -> None:
    """What is under way is cancelled; the messages come again."""
    told = world()
    ended: list[str] = []

    class Failing:
        """A queue that fails at putting back."""

        def __getattr__(self, name: str) -> object:
            """Hand everything else on."""
            return getattr(told.ports.queue, name)

        async def put_back(self, *_: object, **__: object) -> None:
            """Fail."""
            raise PortError("the queue is down")

    async def look(message: LookMessage) -> LookReport:
        if ResourceId.parse(message.root).name == "a1":
            raise PortError("503")
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("cancelled")
        return done(message)

    await put(told, LOOKS, text(0), text(1))
    failing = replace(worker(told, look), queue=Failing())  # type: ignore[arg-type]
    with pytest.raises(PortError, match="the queue is down"):
        await failing.drain(WorkReport(), concurrency=2)
    assert ended == ["cancelled"]

    async def well(message: LookMessage) -> LookReport:
        return done(message)

    report = WorkReport()
    await worker(told, well).drain(report, concurrency=2)
    assert report.looks.total() == 2


async def test_work_that_is_cancelled_ends_what_is_under_way() -> None:
    """And leaves the messages on the queue."""
    told = world()
    begun, ended = asyncio.Event(), []

    async def look(message: LookMessage) -> LookReport:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(message.root)
        return done(message)

    await put(told, LOOKS, text(0))
    working = asyncio.create_task(worker(told, look).drain(WorkReport(), concurrency=2))
    await begun.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working

    assert len(ended) == 1
    assert not await is_empty(told)


async def test_a_sweep_of_many_looks_at_once_ends_as_one_by_one() -> None:
    """In the same findings, each recorded once."""
    told = world()
    await told.runtime.sweeps.begin(deep=False)
    await told.runtime.worker.drain(WorkReport(), concurrency=8)

    assert [each.kind.value for each in await told.history()] == ["baseline"]
