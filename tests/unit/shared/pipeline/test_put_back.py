"""A message that an outage met: it waits, longer each time, and is never used up."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.resource_id import ResourceId
from shared.pipeline.look import LookReport, LookStatus
from shared.pipeline.messages import LookMessage, Trigger, decode
from shared.pipeline.put_back import LONGEST, SHORTEST, Deliveries, PutBack
from shared.ports import WORK, PortError, QueueName
from tests.records import ACCOUNT, OTHER_ACCOUNT, moment
from tests.worlds import World, world

MESSAGE = LookMessage(ACCOUNT, moment(0), Trigger.CHANGE)
LOOKS = QueueName.LOOKS


@pytest.fixture
def here() -> World:
    """A world."""
    return world()


async def fails(message: LookMessage) -> LookReport:
    """Look in vain."""
    raise PortError(f"the table is down, at {message.put_backs}")


async def crashes(_message: LookMessage) -> LookReport:
    """Look, and crash."""
    raise ZeroDivisionError


async def looks(message: LookMessage) -> LookReport:
    """Look."""
    return LookReport(ResourceId.parse(message.root), LookStatus.LOOKED)


def deliveries(here: World, look: object) -> Deliveries:
    """Return the use case, with this look for messages of both queues."""
    queue = here.ports.queue
    worker = replace(here.runtime.worker, look=look, sweep_look=look)  # type: ignore[arg-type] # one of the above
    return Deliveries(worker, queue)


async def test_what_is_looked_at_is_told(here: World) -> None:
    """Nothing goes back on the queue."""
    outcome = await deliveries(here, looks).handle(LOOKS, MESSAGE.encode())

    assert isinstance(outcome, LookReport)
    assert await here.ports.queue.next_due(LOOKS) is None


@pytest.mark.parametrize("name", WORK)
async def test_an_outage_puts_it_back_on_its_own_queue(here: World, name: QueueName) -> None:
    """As it was, but for the count; it comes when its time has."""
    outcome = await deliveries(here, fails).handle(name, MESSAGE.encode())

    assert outcome == PutBack(ACCOUNT, 1, SHORTEST, "the table is down, at 0")
    assert await here.ports.queue.take(name) is None
    here.clock.advance(SHORTEST)
    taken = await here.ports.queue.take(name)
    assert taken is not None
    assert decode(taken.text) == replace(MESSAGE, put_backs=1)


async def test_the_delay_doubles_up_to_five_minutes(here: World) -> None:
    """However long it lasts."""
    delays = []
    for times in (0, 1, 2, 7, 8, 500):
        text = replace(MESSAGE, put_backs=times).encode()
        outcome = await deliveries(here, fails).handle(LOOKS, text)
        assert isinstance(outcome, PutBack)
        delays.append(outcome.delay)

    assert delays[:4] == [SHORTEST, 2 * SHORTEST, 4 * SHORTEST, 128 * SHORTEST]
    assert delays[4:] == [LONGEST, LONGEST] == [timedelta(minutes=5)] * 2


async def test_what_is_no_message_waits_too_while_it_cannot_be_set_aside(here: World) -> None:
    """It is not ours to lose."""

    class Down:
        async def keep(self, _items: object) -> None:
            raise PortError("down")

    use_case = deliveries(here, looks)
    use_case = replace(use_case, worker=replace(use_case.worker, aside=Down()))  # type: ignore[arg-type] # is asked for nothing else
    outcome = await use_case.handle(LOOKS, "no JSON")
    here.clock.advance(LONGEST)
    taken = await here.ports.queue.take(LOOKS)

    assert isinstance(outcome, PutBack)
    assert outcome.root is None
    assert taken is not None
    assert taken.text == "no JSON"


async def test_a_crash_is_left_to_the_host(here: World) -> None:
    """Which counts, and in the end puts it away as poison."""
    with pytest.raises(ZeroDivisionError):
        await deliveries(here, crashes).handle(LOOKS, MESSAGE.encode())

    assert await here.ports.queue.next_due(LOOKS) is None


async def test_messages_of_one_root_take_turns(here: World) -> None:
    """Those of others do not wait for them."""
    under_way: list[str] = []
    together: set[tuple[str, ...]] = set()

    async def slowly(message: LookMessage) -> LookReport:
        under_way.append(message.root)
        together.add(tuple(sorted(under_way)))
        await asyncio.sleep(0.01)
        under_way.remove(message.root)
        return await looks(message)

    use_case = deliveries(here, slowly)
    texts = [replace(MESSAGE, root=root).encode() for root in (ACCOUNT, OTHER_ACCOUNT) * 4]
    await asyncio.gather(*(use_case.handle(LOOKS, each) for each in texts))

    assert tuple(sorted((ACCOUNT, OTHER_ACCOUNT))) in together
    assert all(len(set(each)) == len(each) for each in together)
    assert not use_case.turns


async def test_nobody_waits_long_for_a_turn(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A root that hangs must not keep the instance from all others; the lease guards it."""
    monkeypatch.setattr("shared.pipeline.put_back.TURN", timedelta(milliseconds=10))
    asked = asyncio.Event()

    async def hangs(message: LookMessage) -> LookReport:
        if message.put_backs:
            asked.set()
        await asked.wait()
        return await looks(message)

    use_case = deliveries(here, hangs)
    texts = [MESSAGE.encode(), replace(MESSAGE, put_backs=1).encode()]
    async with asyncio.timeout(5):
        reports = await asyncio.gather(*(use_case.handle(LOOKS, each) for each in texts))

    assert all(isinstance(each, LookReport) for each in reports)
