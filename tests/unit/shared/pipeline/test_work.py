"""Working off the queues: every message gets its turn, and none is lost or tried for ever."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise

import pytest

from shared.domain.resource_id import ResourceId
from shared.pipeline.look import LookReport, LookStatus
from shared.pipeline.messages import LookMessage, Trigger
from shared.pipeline.work import LONGEST_WAIT, MOST_DELIVERIES, Worker, WorkReport
from shared.ports import WORK, PortError, QueueName, Taken
from tests.records import ACCOUNT, GROUP, OTHER_ACCOUNT, moment, transition
from tests.worlds import World, world

LOOKS, SWEEPS = QueueName.LOOKS, QueueName.SWEEPS
Failure = Callable[[LookMessage], Exception | None]


def text(root: str = ACCOUNT, trigger: Trigger = Trigger.CHANGE) -> str:
    """Return the text of a message."""
    return LookMessage(root, moment(1), trigger, sweep="s").encode()


def account(number: int) -> str:
    """Return the id of an account."""
    return f"{GROUP}/Microsoft.CognitiveServices/accounts/a{number}"


@dataclass
class Bench:
    """A worker whose looks are remembered, and fail as a test wants."""

    told: World
    fails: Failure = lambda _: None
    looked: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)

    @property
    def worker(self) -> Worker:
        """Return the worker."""
        ports = self.told.ports
        look = self.look
        return Worker(ports.queue, ports.aside, ports.clock, look, look, self.give_up)

    async def look(self, message: LookMessage) -> LookReport:
        """Look, or fail."""
        root = ResourceId.parse(message.root)
        self.looked.append(f"{message.trigger} {root.name}")
        failure = self.fails(message)
        if failure is not None:
            raise failure
        return LookReport(root, LookStatus.LOOKED, (transition(1, resource_id=message.root),), 2)

    async def give_up(self, message: LookMessage) -> None:
        """Remember what was given up."""
        self.given_up.append(ResourceId.parse(message.root).name)

    async def put(self, name: QueueName, *texts: str, delay: float = 0) -> None:
        """Put messages on a queue."""
        await self.told.ports.queue.put(name, texts, delay=timedelta(seconds=delay))

    async def take(self, name: QueueName = LOOKS) -> Taken:
        """Take a message, as another worker would."""
        taken = await self.told.ports.queue.take(name)
        assert taken is not None
        return taken

    async def drain(self) -> WorkReport:
        """Work until nothing is due."""
        report = WorkReport()
        await self.worker.drain(report)
        return report

    async def is_empty(self) -> bool:
        """Whether nothing is left on any queue."""
        queue = self.told.ports.queue
        return all([await queue.next_due(name) is None for name in QueueName])

    async def aside(self) -> list[tuple[str, str]]:
        """Return what was set aside, with its reason."""
        return [(each.text, each.reason) for each in await self.told.ports.aside.kept(10)]


@pytest.fixture
def bench() -> Bench:
    """A worker with nothing to do."""
    return Bench(world())


async def test_everything_is_worked_off_and_counted(bench: Bench) -> None:
    """Looks by how they ended, the sources they read, what they recorded."""
    await bench.put(LOOKS, text(), text(OTHER_ACCOUNT))
    await bench.put(SWEEPS, text())
    seen = []
    report = WorkReport()
    await bench.worker.drain(report, on_look=lambda look: seen.append(look.root.name))

    assert report.looks == {LookStatus.LOOKED: 3}
    assert report.sources_read == 6
    assert sorted(set(report.transitions)) == sorted(
        transition(1, resource_id=each).id for each in (ACCOUNT, OTHER_ACCOUNT)
    )
    assert seen == ["Acct", "Other", "Acct"]
    assert await bench.is_empty()


async def test_nothing_to_do_is_done(bench: Bench) -> None:
    """At once."""
    before = bench.told.clock.now()

    assert await bench.drain() == WorkReport()
    assert bench.told.clock.now() - before < timedelta(milliseconds=1)


async def test_looks_asked_for_by_events_go_before_sweeps(bench: Bench) -> None:
    """Also those that arrive while a sweep is under way."""
    await bench.put(SWEEPS, *(text(account(n), Trigger.SWEEP) for n in range(3)))
    await bench.put(LOOKS, text())
    asked = False

    async def then_a_change_comes(message: LookMessage) -> LookReport:
        nonlocal asked
        if not asked and message.trigger is Trigger.SWEEP:
            asked = True
            await bench.put(LOOKS, text(OTHER_ACCOUNT))
        return await bench.look(message)

    look: Callable[[LookMessage], Awaitable[LookReport]] = then_a_change_comes
    await replace(bench.worker, look=look, sweep_look=look).drain(WorkReport())

    assert bench.looked == ["change Acct", "sweep a0", "change Other", "sweep a1", "sweep a2"]


async def test_what_crashes_is_tried_five_times_and_set_aside_with_the_reason(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """The others go on meanwhile; the traceback is in the log each time."""
    bench.fails = lambda message: KeyError("why") if message.root == ACCOUNT else None
    others = [text(account(n)) for n in range(3)]
    await bench.put(LOOKS, text(), *others)
    with caplog.at_level(logging.ERROR):
        report = await bench.drain()

    assert bench.looked.count("change Acct") == MOST_DELIVERIES
    assert bench.looked[1:4] == ["change a0", "change a1", "change a2"]
    assert (report.set_aside, report.looks.total()) == (1, 3)
    assert await bench.aside() == [(text(), "crashed 5 times, last: KeyError('why')")]
    assert await bench.is_empty()
    assert [entry.exc_info is not None for entry in caplog.records] == [True] * MOST_DELIVERIES


async def test_a_sweep_hears_of_a_root_that_is_given_up(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """It waits for it no longer; a change that crashes is nobody's to wait for."""
    bench.fails = lambda _: KeyError("why")
    await bench.put(SWEEPS, text())
    await bench.put(LOOKS, text(OTHER_ACCOUNT))
    with caplog.at_level(logging.CRITICAL):
        await bench.drain()

    assert bench.given_up == ["Acct"]
    assert len(await bench.aside()) == 2


async def test_a_crash_that_goes_away_is_no_loss(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Four crashes and a look are a look."""
    bench.fails = lambda _: KeyError("why") if len(bench.looked) < MOST_DELIVERIES else None
    await bench.put(LOOKS, text())
    with caplog.at_level(logging.CRITICAL):
        report = await bench.drain()

    assert (report.looks.total(), report.set_aside) == (1, 0)
    assert await bench.aside() == []


@pytest.mark.parametrize("name", WORK)
async def test_a_text_that_is_no_message_is_set_aside_at_once(
    bench: Bench, name: QueueName
) -> None:
    """It will never be one."""
    await bench.put(name, "{}", text())
    report = await bench.drain()

    assert (report.set_aside, report.looks.total()) == (1, 1)
    (kept,) = await bench.aside()
    assert kept[0] == "{}"
    assert kept[1].startswith("not a look message: root: ")
    assert bench.given_up == []


async def test_a_world_that_fails_is_tried_for_as_long_as_it_takes(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Further and further apart, and never set aside: the message is good."""
    times = []

    def fails(_: LookMessage) -> Exception | None:
        times.append(bench.told.clock.now())
        return PortError("the store is down") if len(times) < 6 else None

    bench.fails = fails
    await bench.put(LOOKS, text())
    with caplog.at_level(logging.WARNING):
        report = await bench.drain()

    waits = [round((b - a).total_seconds()) for a, b in pairwise(times)]
    assert waits == [2, 4, 8, 16, 32]
    assert (report.looks.total(), report.set_aside) == (1, 0)
    assert "put back: the store is down" in caplog.text
    assert await bench.aside() == []


async def test_an_outage_does_not_count_as_a_crash(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """One crash after a long outage is tried again like any other."""
    failures = [*[PortError("the store is down")] * MOST_DELIVERIES, KeyError("why")]
    bench.fails = lambda _: failures.pop(0) if failures else None
    await bench.put(LOOKS, text())
    with caplog.at_level(logging.CRITICAL):
        report = await bench.drain()

    assert (report.looks.total(), report.set_aside) == (1, 0)
    assert await bench.aside() == []


async def test_a_world_that_fails_for_long_leaves_its_messages_on_the_queue(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """A worker comes to an end, and the next one finds them."""
    bench.fails = lambda _: PortError("the store is down")
    await bench.put(LOOKS, text())
    with caplog.at_level(logging.ERROR):
        await bench.drain()
    assert not await bench.is_empty()

    bench.fails = lambda _: None
    bench.told.clock.advance(timedelta(minutes=2))

    assert (await bench.drain()).looks.total() == 1
    assert await bench.is_empty()


async def test_messages_in_other_hands_are_waited_for(bench: Bench) -> None:
    """Their worker may have died."""
    await bench.put(LOOKS, text())
    dead = await bench.take()
    assert dead.deliveries == 1

    report = await bench.drain()

    assert report.looks.total() == 1
    assert await bench.is_empty()


async def test_what_another_worker_finishes_is_not_done_again(bench: Bench) -> None:
    """While it is waited for."""
    await bench.put(LOOKS, text())
    held = await bench.take()

    class Finishing:
        """A clock during whose waiting the other worker comes to its end."""

        def __getattr__(self, name: str) -> object:
            """Hand everything else on."""
            return getattr(bench.told.clock, name)

        async def sleep(self, duration: timedelta) -> None:
            """Wait."""
            await bench.told.ports.queue.done(LOOKS, held)
            bench.told.clock.advance(duration)

    report = WorkReport()
    await replace(bench.worker, clock=Finishing()).drain(report)  # type: ignore[arg-type]

    assert report == WorkReport()


@pytest.mark.parametrize(("delay", "waits"), [(44, True), (46, False), (3600, False)])
async def test_what_is_due_soon_is_waited_for_and_what_is_due_late_is_not(
    bench: Bench,
    delay: float,
    waits: bool,  # noqa: FBT001 - a parameter
) -> None:
    """A dead worker's messages come back within half a minute, second looks after a minute."""
    await bench.put(LOOKS, text(), delay=delay)

    assert (await bench.drain()).looks.total() == waits
    assert await bench.is_empty() is waits


async def test_a_second_look_is_not_waited_for() -> None:
    """Not by the worker whose look has asked for it."""
    told = world(lag=timedelta(seconds=20))
    await told.runtime.looks.look(LookMessage(ACCOUNT, told.clock.now(), Trigger.CHANGE))
    before = told.clock.now()
    await told.runtime.worker.drain(WorkReport())

    assert told.clock.now() - before < LONGEST_WAIT
    assert await told.ports.queue.next_due(LOOKS) is not None


async def test_a_worker_that_cannot_put_back_says_so(bench: Bench) -> None:
    """Whoever runs it decides; the message comes back by itself."""
    bench.fails = lambda _: PortError("the store is down")
    await bench.put(LOOKS, text())

    class Failing:
        """A queue that fails at putting back."""

        def __getattr__(self, name: str) -> object:
            """Hand everything else on."""
            return getattr(bench.told.ports.queue, name)

        async def put_back(self, *_: object, **__: object) -> None:
            """Fail."""
            raise PortError("the queue is down")

    with pytest.raises(PortError, match="the queue is down"):
        await replace(bench.worker, queue=Failing()).drain(WorkReport())  # type: ignore[arg-type]

    bench.fails = lambda _: None
    assert (await bench.drain()).looks.total() == 1
