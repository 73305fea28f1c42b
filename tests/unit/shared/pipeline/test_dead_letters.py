"""Dead letters are taken in as if they came now; the bad among them delay no others."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from shared.domain.resource_id import ResourceId
from shared.events.translate import translate
from shared.pipeline.dead_letters import (
    BATCHES_OF_A_RUN,
    LARGEST,
    LONGEST_RUN,
    MOST_TRIES,
    OUTAGE,
    PARSED_WHOLE,
    DeadLetterRun,
    DroveDeadLetters,
)
from shared.pipeline.messages import decode
from shared.ports import DeadLetters, PortError, QueueName
from tests.records import ACCOUNT
from tests.worlds import World, world, write_event

EVENT = write_event(ResourceId.parse(ACCOUNT)) | {"deadLetterReason": "MaxDeliveryAttemptsExceeded"}
CLOUD_EVENT = {
    "specversion": "1.0",
    "type": "Microsoft.Resources.ResourceWriteSuccess",
    "source": "/subscriptions/x",
    "id": "1",
    "time": "2026-11-20T08:00:00Z",
    "data": EVENT["data"],
    "deadletterreason": "MaxDeliveryAttemptsExceeded",
}


@dataclass
class MemoryDeadLetters:
    """A store of batches in memory; `sizes` tells of some that they are larger than they are.

    `refused` cannot be read, `gone` are listed and not there, and `unmarked` cannot be marked.
    """

    batches: dict[str, bytes]
    tries: dict[str, int] = field(default_factory=dict)
    given_up: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    unmarked: set[str] = field(default_factory=set)

    async def waiting(self, limit: int) -> Sequence[DeadLetters]:
        """Return those that are not given up."""
        return [
            DeadLetters(name, self.sizes.get(name, len(data)), self.tries.get(name, 0))
            for name, data in self.batches.items()
            if name not in self.given_up
        ][:limit]

    async def read(self, name: str) -> bytes | None:
        """Return a batch."""
        if name in self.refused:
            raise PortError("it answered 403")
        return None if name in self.gone else self.batches.get(name)

    async def remove(self, name: str) -> None:
        """Remove a batch."""
        self.batches.pop(name, None)

    async def failed(self, name: str, tries: int, reason: str, *, given_up: bool) -> None:
        """Remember a failure."""
        if name in self.unmarked:
            raise PortError("it may not be changed")
        self.tries[name] = tries
        if given_up:
            self.given_up[name] = reason


@pytest.fixture
def here() -> World:
    """A world."""
    return world()


def run_of(here: World, *contents: bytes) -> tuple[DeadLetterRun, MemoryDeadLetters]:
    """Return the use case on a store of these batches."""
    store = MemoryDeadLetters({f"b{number}": each for number, each in enumerate(contents)})
    return DeadLetterRun(store, here.runtime.intake), store


async def reasons(here: World) -> list[str]:
    """Return why things are set aside."""
    return [each.reason for each in await here.ports.aside.kept(10)]


async def looks(here: World) -> list[str]:
    """Return the roots of the looks that are asked for."""
    found = []
    while (taken := await here.ports.queue.take(QueueName.LOOKS)) is not None:
        found.append(decode(taken.text).root)
        await here.ports.queue.done(QueueName.LOOKS, taken)
    return found


async def test_both_schemas_are_taken_in_and_the_batch_removed(here: World) -> None:
    """Once their messages are queued."""
    run, store = run_of(here, json.dumps([EVENT, CLOUD_EVENT]).encode(), b"[]")

    assert await run.run() == DroveDeadLetters(batches=2, events=2, changes=2)
    assert await looks(here) == [ACCOUNT, ACCOUNT]
    assert store.batches == {}
    assert await run.run() == DroveDeadLetters()


async def test_only_the_bad_ones_of_a_batch_are_set_aside(here: World) -> None:
    """With their reasons; the batch is not needed any more."""
    run, store = run_of(here, json.dumps([{"id": 1}, EVENT, "text", 7]).encode())
    report = await run.run()

    assert report == DroveDeadLetters(batches=1, events=4, changes=1, malformed=3)
    assert len(await here.ports.aside.kept(10)) == 3
    assert store.batches == {}


@pytest.mark.parametrize("large", [False, True])
async def test_a_broken_batch_is_read_as_far_as_it_goes_and_stays(
    here: World, *, large: bool
) -> None:
    """What follows the fault is nowhere else."""
    blanks = b" " * (PARSED_WHOLE if large else 0)
    run, store = run_of(here, b"[" + blanks + json.dumps(EVENT).encode() + b', {"id": ')
    report = await run.run()

    assert report == DroveDeadLetters(events=1, changes=1, given_up=1)
    assert "not JSON" in store.given_up["b0"]
    assert await reasons(here) == [store.given_up["b0"]]
    assert await run.run() == DroveDeadLetters()


async def test_thousands_of_events_are_taken_in_a_hundred_at_a_time(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a large batch are parsed one by one, too."""
    monkeypatch.setattr("shared.pipeline.dead_letters.PARSED_WHOLE", 100_000)
    run, _ = run_of(here, json.dumps([EVENT] * 2_000).encode())

    assert await run.run() == DroveDeadLetters(batches=1, events=2_000, changes=2_000)


async def test_what_is_too_large_to_be_held_stays_for_people(here: World) -> None:
    """It is not even read."""
    run, store = run_of(here, b"[]")
    store.sizes["b0"] = LARGEST + 1

    assert await run.run() == DroveDeadLetters(given_up=1)
    assert "larger than" in store.given_up["b0"]
    assert await reasons(here) == [store.given_up["b0"]]


async def test_an_outage_leaves_the_batch_for_the_next_run(here: World) -> None:
    """It counts as no try."""

    class Down:
        async def put(self, *_given: object) -> None:
            raise PortError("down")

    run, store = run_of(here, json.dumps([EVENT]).encode())
    broken = replace(run, intake=replace(here.runtime.intake, queue=Down()))  # type: ignore[arg-type] # only puts
    with pytest.raises(PortError):
        await broken.run()

    assert (store.tries, len(store.batches)) == ({}, 1)
    assert (await run.run()).batches == 1


async def test_a_batch_that_crashes_the_code_delays_no_other_and_is_given_up(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a few runs; it stays where it is."""

    def crash(payload: object) -> object:
        if payload == 1:
            raise ZeroDivisionError
        return translate(payload)

    monkeypatch.setattr("shared.pipeline.receive.translate", crash)
    run, store = run_of(here, b"[1]", json.dumps([EVENT]).encode())
    reports = [await run.run() for _ in range(MOST_TRIES + 1)]

    assert [each.batches for each in reports] == [1, 0, 0, 0]
    assert [each.given_up for each in reports] == [0, 0, 1, 0]
    assert store.tries == {"b0": MOST_TRIES}
    assert store.given_up == {"b0": "crashed: ZeroDivisionError()"}
    assert await reasons(here) == ["crashed: ZeroDivisionError()"]
    assert await looks(here) == [ACCOUNT]


@pytest.mark.parametrize("bad", ["refused", "gone"])
async def test_a_batch_that_cannot_be_read_delays_no_other_and_is_given_up(
    here: World, bad: str
) -> None:
    """After a few runs that read others, with its reason where people see it; it stays there."""
    run, store = run_of(here, b"[]", json.dumps([EVENT]).encode())
    getattr(store, bad).add("b0")
    reports = []
    for each in range(MOST_TRIES + 1):
        reports.append(await run.run())
        store.batches[f"another-{each}"] = b"[]"

    assert [each.batches for each in reports] == [1, 1, 1, 1]
    assert [each.given_up for each in reports] == [0, 0, 1, 0]
    assert store.tries == {"b0": MOST_TRIES}
    said = "cannot be read: it answered 403" if bad == "refused" else "is listed, and not there"
    assert store.given_up == {"b0": said}
    (kept,) = await here.ports.aside.kept(10)
    assert (kept.reason, kept.text) == (said, "The dead letters b0 stay where they are.")
    assert kept.length != len(kept.text)
    assert await looks(here) == [ACCOUNT]


async def test_what_is_not_there_proves_no_other_batch_to_be_at_fault(here: World) -> None:
    """That storage can say so is not that it can be read."""
    run, store = run_of(here, *[b"[]"] * 2)
    store.gone.add("b0")
    store.refused.add("b1")
    with pytest.raises(PortError, match="403"):
        await run.run()

    assert store.tries == {"b0": 1}


async def test_while_no_batch_can_be_read_none_is_given_up(here: World) -> None:
    """Not one of them is to blame; with one that can be read, the others are."""
    run, store = run_of(here, *[b"[]"] * OUTAGE)
    store.refused |= store.batches.keys()
    for _ in range(MOST_TRIES + 1):
        with pytest.raises(PortError, match="403"):
            await run.run()

    assert (store.tries, store.given_up) == ({}, {})
    store.batches["good"] = b"[]"
    assert (await run.run()).batches == 1
    assert store.tries == dict.fromkeys(["b0", "b1", "b2"], 1)


async def test_a_batch_that_cannot_be_marked_delays_no_other(here: World) -> None:
    """The run fails, so that it is seen."""
    run, store = run_of(here, b"[]", json.dumps([EVENT]).encode())
    store.refused.add("b0")
    store.unmarked.add("b0")

    with pytest.raises(PortError, match="it may not be changed"):
        await run.run()

    assert list(store.batches) == ["b0"]
    assert await looks(here) == [ACCOUNT]


async def test_however_many_are_bad_the_good_ones_behind_them_are_taken_in(here: World) -> None:
    """They are not all that is listed."""
    run, store = run_of(here, *[b"[]"] * (BATCHES_OF_A_RUN + 1))
    store.refused |= store.batches.keys()
    store.batches["good"] = b"[]"

    assert (await run.run()).batches == 1


async def test_after_its_time_a_run_begins_no_further_batch(here: World) -> None:
    """What is left comes in the next."""
    run, store = run_of(here, *[b"[]"] * 3)

    class Slow(MemoryDeadLetters):
        async def read(self, name: str) -> bytes | None:
            here.clock.advance(LONGEST_RUN / 2)
            return await super().read(name)

    slow = replace(run, store=Slow(store.batches))

    assert [(await slow.run()).batches for _ in range(2)] == [2, 1]
