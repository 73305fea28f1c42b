"""What could not be read is tried again where that helps: soon, ever later, and not for ever."""

from datetime import timedelta

import pytest

from shared.domain.resource import Resource
from shared.domain.root_state import Unreadable
from shared.domain.snapshot import Problem, SourceReading
from shared.domain.topology import DEEP_SOURCES, ResourceType, Source
from shared.domain.verdict import Cause
from shared.pipeline.look import LookReport, LookStatus
from shared.pipeline.messages import LookMessage, Trigger, decode
from shared.pipeline.retries import PATIENCE, retry_due, wait
from shared.ports import QueueName
from tests.records import ACCOUNT, ROOT, moment
from tests.unit.shared.pipeline.stub_monitors import catalogue, monitor
from tests.worlds import World, resource, world

A, D = Source.ACCOUNT, Source.DEPLOYMENTS
DEEP = DEEP_SOURCES[ResourceType.ACCOUNT.lower()]
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
CATALOGUE = catalogue(monitor("account"))


def passing(retry_after: float = 0) -> Problem:
    """Return a problem that passes by itself."""
    return Problem(Cause.UNREADABLE, "503", retry_after=timedelta(seconds=retry_after))


def unread(since: float, *, looks: int = 0, helps: bool = True) -> Unreadable:
    """Return a source that is unreadable since then."""
    return Unreadable(moment(since), looks, "503", passing=helps)


# --- when ---


@pytest.mark.parametrize(
    ("age", "retry_after", "seconds"),
    [
        pytest.param(0, 0, 2, id="at first within seconds"),
        pytest.param(7, 0, 7, id="then ever later"),
        pytest.param(1200, 0, 300, id="every five minutes at last"),
        pytest.param(7, 600, 600, id="as Azure says"),
        pytest.param(100, 5, 100, id="not sooner than the outage suggests"),
        pytest.param(3600, 0, None, id="not after an hour: it is a blind spot"),
        pytest.param(3599, 7200, 7200, id="whatever the length of what Azure says"),
        pytest.param(
            7, 30 * 86_400, 7 * 86_400, id="but no longer than a queue can hide a message"
        ),
    ],
)
def test_how_long_a_retry_waits(age: float, retry_after: float, seconds: float | None) -> None:
    """As long as the outage has lasted, within bounds, and never less than Azure asks for."""
    readings = {D: SourceReading(D, problem=passing(retry_after))}

    found = wait({D: unread(0)}, readings, moment(age))

    assert found == (None if seconds is None else timedelta(seconds=seconds))


def test_what_does_not_pass_by_itself_is_not_waited_for() -> None:
    """A refusal stays one; several that pass wait for the longest."""
    refused = unread(0, helps=False)
    readings = {D: SourceReading(D, problem=passing(60)), A: SourceReading(A, problem=passing(9))}

    assert wait({}, readings, moment(5)) is None
    assert wait({A: refused}, readings, moment(5)) is None
    assert wait({A: unread(0), D: unread(0)}, readings, moment(5)) == MINUTE
    assert wait({A: refused, D: unread(3)}, {}, moment(5)) == 2 * SECOND


@pytest.mark.parametrize(
    ("trigger", "due", "delay", "expected"),
    [
        pytest.param(Trigger.CHANGE, None, None, None, id="nothing to try again"),
        pytest.param(Trigger.RETRY, 100, None, None, id="nothing any more"),
        pytest.param(Trigger.CHANGE, None, 2, 102, id="the first"),
        pytest.param(Trigger.CHANGE, 150, 50, 150, id="one is due already"),
        pytest.param(Trigger.CHANGE, 150, 2, 102, id="what is due already is for something else"),
        pytest.param(Trigger.CHANGE, 99, 2, 102, id="one should have come"),
        pytest.param(Trigger.RETRY, 99, 8, 108, id="again"),
        pytest.param(Trigger.RETRY, 101, 8, 108, id="again, by a clock that is behind"),
        pytest.param(Trigger.SWEEP, None, 8, None, id="a sweep comes again itself"),
        pytest.param(Trigger.SWEEP, 99, 8, 99, id="and leaves what is due to others"),
        pytest.param(Trigger.SWEEP, None, 4000, 4100, id="unless it would be too late for it"),
    ],
)
def test_one_retry_that_is_due_serves_every_look_until_then(
    trigger: Trigger, due: float | None, delay: float | None, expected: float | None
) -> None:
    """Times in seconds; it is now 100."""
    message = LookMessage(ACCOUNT, moment(90), trigger)

    found = retry_due(
        message,
        None if due is None else moment(due),
        None if delay is None else timedelta(seconds=delay),
        moment(100),
    )

    assert found == (None if expected is None else moment(expected))


# --- looks ---


def state(word: str) -> Resource:
    """Make the account, whose state is a word."""
    return resource(ACCOUNT, properties={"state": word})


@pytest.fixture
def here() -> World:
    """A world with a bad account whose deployments cannot be read for now."""
    told = world(catalogue=CATALOGUE)
    told.inventory.put(state("bad"))
    told.inventory.problems[ROOT, D] = passing()
    return told


async def look(told: World, trigger: Trigger = Trigger.CHANGE, *sources: Source) -> LookReport:
    """Look because of something that happens now."""
    message = LookMessage(ACCOUNT, told.clock.now(), trigger, sources=sources)
    return await told.runtime.looks.look(message)


async def test_a_long_wait_for_one_source_does_not_put_off_another(here: World) -> None:
    """Azure wants an hour for the one, which is well again when the other fails for a moment."""
    here.inventory.problems[ROOT, D] = passing(3600)
    first = await look(here)
    here.inventory.problems[ROOT, D] = passing()

    second = await look(here)

    assert first.retry_at is not None
    assert second.retry_at is not None
    assert second.retry_at < first.retry_at - 50 * MINUTE


async def waiting(told: World, name: QueueName = QueueName.LOOKS) -> list[LookMessage]:
    """Take the looks at the account from a queue, due or not."""
    found = []
    while (due := await told.ports.queue.next_due(name)) is not None:
        told.clock.advance(max(due - told.clock.now(), timedelta(0)))
        taken = await told.ports.queue.take(name)
        assert taken is not None
        await told.ports.queue.done(name, taken)
        message = decode(taken.text)
        found += [message] if message.root == ACCOUNT else []
    return found


async def test_what_was_read_is_judged_at_once_and_the_rest_is_tried_again(here: World) -> None:
    """The retry is no part of the look, which ends."""
    before = here.clock.now()
    report = await look(here)

    assert [each.kind.value for each in report.transitions] == ["opened"]
    assert report.unreadable[D].looks == 0
    assert report.retry_at is not None
    assert here.clock.now() - before < SECOND
    (retry,) = await waiting(here)
    assert (retry.trigger, retry.sources) == (Trigger.RETRY, (D,))
    assert retry.accepted_at == report.retry_at

    here.inventory.problems.clear()
    again = await here.runtime.looks.look(retry)
    assert (again.status, again.unreadable, again.retry_at) == (LookStatus.LOOKED, {}, None)
    assert await waiting(here) == []


async def test_a_hundred_events_in_an_outage_queue_one_retry(here: World) -> None:
    """Each of them looks at what can be read."""
    here.inventory.problems[ROOT, D] = passing(30)
    for _ in range(100):
        assert (await look(here)).status is LookStatus.LOOKED

    assert [each.trigger for each in await waiting(here)] == [Trigger.RETRY]


async def test_an_outage_of_minutes_is_no_blind_spot_and_one_of_an_hour_is(here: World) -> None:
    """However often it was tried; it ends with the outage."""
    await look(here)
    began = here.clock.now()
    kinds = []
    while here.clock.now() - began < 2 * HOUR and (retries := await waiting(here)):
        (retry,) = retries
        report = await here.runtime.looks.look(retry)
        kinds += [(each.kind.value, here.clock.now() - began) for each in report.transitions]

    ((kind, after),) = kinds
    assert kind == "blind_spot"
    assert HOUR <= after < HOUR + 6 * MINUTE
    state_now = await here.ports.findings.state(ROOT)
    assert (state_now.retry_at, state_now.unreadable[D].looks) == (None, 0)

    await look(here)
    assert await waiting(here) == []
    here.inventory.problems.clear()
    report = await look(here, Trigger.SWEEP)
    assert [each.kind.value for each in report.transitions] == ["blind_spot_cleared"]


async def test_a_refusal_is_a_blind_spot_after_three_looks_and_is_not_tried_again(
    here: World,
) -> None:
    """Nothing but a grant helps."""
    denied = Problem(Cause.UNREADABLE, "403", "Microsoft.X/read")
    here.inventory.problems[ROOT, D] = denied
    reports = [await look(here) for _ in range(3)]

    assert [len(each.transitions) for each in reports] == [1, 0, 1]
    assert reports[-1].unreadable[D].permission == "Microsoft.X/read"
    assert {each.retry_at for each in reports} == {None}
    assert await waiting(here) == []


async def test_a_retry_is_covered_when_others_have_read_everything(here: World) -> None:
    """Or when a later one is due; it reads nothing then."""
    await look(here)
    (early,) = await waiting(here)
    await look(here)
    (late,) = await waiting(here)
    reads = here.inventory.reads
    assert (await here.runtime.looks.look(early)).status is LookStatus.COVERED

    here.inventory.problems.clear()
    await look(here, Trigger.SWEEP)
    reads = here.inventory.reads
    assert (await here.runtime.looks.look(late)).status is LookStatus.COVERED
    assert here.inventory.reads == reads


async def test_a_retry_that_was_queued_and_not_committed_is_followed_by_the_message_itself(
    here: World,
) -> None:
    """The look was killed between the two: the retry alone covers nothing and loses nothing."""
    message = LookMessage(ACCOUNT, here.clock.now(), Trigger.CHANGE)
    retry = LookMessage(ACCOUNT, here.clock.now() + 2 * SECOND, Trigger.RETRY, sources=(D,))
    here.clock.advance(3 * SECOND)
    assert (await here.runtime.looks.look(retry)).status is LookStatus.COVERED

    assert (await here.runtime.looks.look(message)).retry_at is not None


async def test_two_looks_of_one_process_do_not_share_a_lease(here: World) -> None:
    """The second is busy while the first reads."""
    inner: list[LookReport] = []

    class Meanwhile:
        """An inventory during whose reading another look begins."""

        def __getattr__(self, name: str) -> object:
            """Hand everything else on."""
            return getattr(here.inventory, name)

        async def read(self, *arguments: object, **options: object) -> object:
            """Look once more, and read."""
            inner.append(await look(here))
            return await here.inventory.read(*arguments, **options)  # type: ignore[arg-type]

    looks = here.runtime.looks
    object.__setattr__(looks, "inventory", Meanwhile())
    message = LookMessage(ACCOUNT, here.clock.now(), Trigger.CHANGE)

    assert (await looks.look(message)).status is LookStatus.LOOKED
    assert [each.status for each in inner] == [LookStatus.BUSY]


# --- looks of a sweep ---


async def test_the_message_of_a_sweep_comes_again_itself(here: World) -> None:
    """On the queue of sweeps, with all that it asks for."""
    message = LookMessage(
        ACCOUNT, here.clock.now(), Trigger.SWEEP, sources=DEEP, sweep="s", baseline=True
    )
    report = await here.runtime.looks.look(message)

    assert report.retry_at is not None
    assert await waiting(here) == []
    assert await waiting(here, QueueName.SWEEPS) == [message]
    assert here.clock.now() >= report.retry_at


async def test_a_sweep_that_comes_again_reads_what_it_has_not_read(here: World) -> None:
    """The core sources, and the deep ones that failed."""
    here.inventory.problems[ROOT, DEEP[0]] = passing()
    message = LookMessage(ACCOUNT, here.clock.now(), Trigger.SWEEP, sources=DEEP, sweep="s")
    first = await here.runtime.looks.look(message)
    here.inventory.problems.clear()
    again = await here.runtime.looks.look(message)

    assert (first.sources_read, again.sources_read) == (2 + len(DEEP), 3)
    assert (again.status, again.retry_at) == (LookStatus.LOOKED, None)
    assert (await here.runtime.looks.look(message)).status is LookStatus.COVERED


async def test_a_root_that_an_event_could_not_read_is_not_swept_yet(here: World) -> None:
    """Although its look began after the sweep."""
    message = LookMessage(ACCOUNT, here.clock.now(), Trigger.SWEEP, sweep="s")
    await look(here)

    assert (await here.runtime.looks.look(message)).retry_at is not None


async def test_a_sweep_goes_on_without_what_takes_longer_than_an_hour(here: World) -> None:
    """From then on it is tried again because of nobody's sweep."""
    message = LookMessage(ACCOUNT, here.clock.now(), Trigger.SWEEP, sweep="s")
    here.inventory.problems[ROOT, D] = passing(2 * PATIENCE.total_seconds())
    report = await here.runtime.looks.look(message)

    assert report.retry_at is None
    assert await waiting(here, QueueName.SWEEPS) == []
    assert [each.trigger for each in await waiting(here)] == [Trigger.RETRY]
