"""`WorkQueue`: work that must not be lost, whoever dies with it in hand."""

from datetime import timedelta

import pytest

from shared.ports import Clock, QueueName, Taken, WorkQueue
from tests.contract.backends import Stores

pytestmark = pytest.mark.contract

LOOKS, SWEEPS = QueueName.LOOKS, QueueName.SWEEPS
MOMENT = timedelta(seconds=2)


@pytest.fixture
def queue(stores: Stores) -> WorkQueue:
    """The queue as one worker sees it."""
    return stores.queue


@pytest.fixture
def other(others: Stores) -> WorkQueue:
    """The queue as another worker sees it."""
    return others.queue


async def take(queue: WorkQueue, name: QueueName = LOOKS) -> Taken:
    """Take a message that must be there."""
    taken = await queue.take(name)
    assert taken is not None
    return taken


async def all_of(queue: WorkQueue, name: QueueName = LOOKS) -> list[str]:
    """Take and delete everything that is visible; return the texts in order of the alphabet."""
    texts = []
    while (taken := await queue.take(name)) is not None:
        texts.append(taken.text)
        await queue.done(name, taken)
    return sorted(texts)


async def test_an_empty_queue_has_nothing_to_take_and_nothing_due(queue: WorkQueue) -> None:
    """Both queues are empty at first."""
    for name in QueueName:
        assert await queue.take(name) is None
        assert await queue.next_due(name) is None


async def test_what_is_put_can_be_taken_by_another_process(
    queue: WorkQueue, other: WorkQueue
) -> None:
    """A message is taken as it was put, and each only once."""
    texts = ["", "a", "a", 'ü "quoted"\n\N{PILE OF POO}', "x" * 40_000]
    await queue.put(LOOKS, texts)

    assert await all_of(other) == sorted(texts)
    assert await queue.take(LOOKS) is None


async def test_putting_nothing_is_nothing(queue: WorkQueue) -> None:
    """No text, no message."""
    await queue.put(LOOKS, [])

    assert await queue.next_due(LOOKS) is None


async def test_the_queues_do_not_mix(queue: WorkQueue) -> None:
    """A message is in the queue that it was put in, and only there."""
    await queue.put(LOOKS, ["look"])
    await queue.put(SWEEPS, ["sweep"])

    assert await all_of(queue, SWEEPS) == ["sweep"]
    assert await all_of(queue, LOOKS) == ["look"]


async def test_a_text_that_cannot_be_a_message_is_refused_with_all_beside_it(
    queue: WorkQueue,
) -> None:
    """Where one of several texts can never be stored, none of them is in the queue."""
    with pytest.raises(Exception, match="surrogates"):
        await queue.put(LOOKS, ["good", "a text that is no Unicode: \ud800", "good"])

    assert await queue.next_due(LOOKS) is None
    assert await queue.take(LOOKS) is None


async def test_a_delayed_message_is_visible_after_its_delay(queue: WorkQueue, clock: Clock) -> None:
    """Until then it cannot be taken, but is known to be due."""
    before = clock.now()
    await queue.put(LOOKS, ["later"], delay=MOMENT)
    assert await queue.take(LOOKS) is None
    due = await queue.next_due(LOOKS)
    assert due is not None
    assert before + MOMENT <= due + timedelta(milliseconds=1)

    await clock.sleep(MOMENT)

    assert await all_of(queue) == ["later"]


async def test_a_delayed_message_does_not_hold_up_others(queue: WorkQueue) -> None:
    """What is due now is taken before what was put earlier and is due later."""
    await queue.put(LOOKS, ["later"], delay=MOMENT)
    await queue.put(LOOKS, ["now"])

    assert (await take(queue)).text == "now"
    assert await queue.take(LOOKS) is None


async def test_a_taken_message_is_out_of_sight_until_its_time_is_over(
    queue: WorkQueue, other: WorkQueue, stores: Stores, clock: Clock
) -> None:
    """A worker that dies with a message in hand only delays it."""
    await queue.put(LOOKS, ["a"])
    await take(queue)
    assert await other.take(LOOKS) is None

    await clock.sleep(stores.visibility)

    assert (await take(other)).text == "a"


async def test_every_taking_counts_as_a_delivery(
    queue: WorkQueue, other: WorkQueue, stores: Stores, clock: Clock
) -> None:
    """Counted are those after a crash, and those after it was put back."""
    await queue.put(LOOKS, ["a"])
    first = await take(queue)
    await queue.put_back(LOOKS, first, delay=timedelta(0))
    second = await take(other)
    await clock.sleep(stores.visibility)
    third = await take(queue)

    assert [first.deliveries, second.deliveries, third.deliveries] == [1, 2, 3]


async def test_what_is_done_does_not_come_again(
    queue: WorkQueue, stores: Stores, clock: Clock
) -> None:
    """Not at once, and not when its time would have been over."""
    await queue.put(LOOKS, ["a"])
    await queue.done(LOOKS, await take(queue))
    assert await queue.next_due(LOOKS) is None

    await clock.sleep(stores.visibility)

    assert await queue.take(LOOKS) is None


async def test_what_is_done_twice_is_done(queue: WorkQueue) -> None:
    """A worker that repeats itself after an error harms no other message."""
    await queue.put(LOOKS, ["a", "b"])
    first = await take(queue)
    await queue.done(LOOKS, first)
    await queue.done(LOOKS, first)

    assert len(await all_of(queue)) == 1


async def test_done_is_told_to_the_queue_that_the_message_is_in(queue: WorkQueue) -> None:
    """A receipt opens no other queue."""
    await queue.put(LOOKS, ["look"])
    await queue.put(SWEEPS, ["sweep"])
    await queue.done(SWEEPS, await take(queue, LOOKS))

    assert await all_of(queue, SWEEPS) == ["sweep"]


async def test_what_is_put_back_is_visible_after_its_delay(queue: WorkQueue, clock: Clock) -> None:
    """The delay given counts, not the time that the message could be held."""
    await queue.put(LOOKS, ["a"])
    await queue.put_back(LOOKS, await take(queue), delay=MOMENT)
    assert await queue.take(LOOKS) is None

    await clock.sleep(MOMENT)

    assert (await take(queue)).text == "a"


async def test_done_too_late_leaves_the_message_to_who_has_it_now(
    queue: WorkQueue, other: WorkQueue, stores: Stores, clock: Clock
) -> None:
    """A worker that overran its time cannot delete what another is working on."""
    await queue.put(LOOKS, ["a"])
    late = await take(queue)
    await clock.sleep(stores.visibility)
    present = await take(other)

    await queue.done(LOOKS, late)

    assert await queue.next_due(LOOKS) is not None
    await other.done(LOOKS, present)
    assert await queue.next_due(LOOKS) is None


async def test_put_back_too_late_leaves_the_message_with_who_has_it_now(
    queue: WorkQueue, other: WorkQueue, stores: Stores, clock: Clock
) -> None:
    """A worker that overran its time cannot show a message that another is working on."""
    await queue.put(LOOKS, ["a"])
    late = await take(queue)
    await clock.sleep(stores.visibility)
    await take(other)

    await queue.put_back(LOOKS, late, delay=timedelta(0))

    assert await queue.take(LOOKS) is None


async def test_a_receipt_is_void_once_the_message_was_put_back(
    queue: WorkQueue, clock: Clock
) -> None:
    """Neither done nor putting back again takes effect."""
    await queue.put(LOOKS, ["a"])
    taken = await take(queue)
    await queue.put_back(LOOKS, taken, delay=MOMENT)

    await queue.done(LOOKS, taken)
    await queue.put_back(LOOKS, taken, delay=timedelta(0))

    assert await queue.take(LOOKS) is None
    await clock.sleep(MOMENT)
    assert (await take(queue)).text == "a"


async def test_next_due_is_the_earliest_of_all_messages(
    queue: WorkQueue, stores: Stores, clock: Clock
) -> None:
    """Visible ones are due now, delayed ones at their time, taken ones when their time is over."""
    await queue.put(LOOKS, ["delayed"], delay=2 * stores.visibility)
    await queue.put(LOOKS, ["now"])
    visible = await queue.next_due(LOOKS)
    before = clock.now()
    await take(queue)
    held = await queue.next_due(LOOKS)

    assert visible is not None
    assert visible <= before
    assert held is not None
    slack = timedelta(seconds=1)
    assert stores.visibility - slack <= held - before <= stores.visibility + slack


async def test_two_workers_never_have_the_same_message(queue: WorkQueue, other: WorkQueue) -> None:
    """Taking in turns, each message is in one pair of hands."""
    texts = [f"{n:02}" for n in range(20)]
    await queue.put(LOOKS, texts)
    taken = [(await take(each)).text for _ in range(10) for each in (queue, other)]

    assert sorted(taken) == texts
    assert await queue.take(LOOKS) is None
