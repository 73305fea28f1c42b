"""What was set aside is read again when its cause may be gone, and within bounds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.listening import SqliteBookmarks
from shared.domain.resource_id import ResourceId
from shared.events.translate import translate
from shared.pipeline.messages import LookMessage, Trigger, decode
from shared.pipeline.receive import KEPT_TEXT, Intake
from shared.pipeline.second_reading import BOOKMARK, PAGE, PAGES_OF_A_RUN, ReadAgain, SecondReading
from shared.ports import PortError, QueueName, SetAside
from tests.records import ACCOUNT, OTHER_SUBSCRIPTION, SUBSCRIPTION, moment
from tests.worlds import World, watch_of, world, write_event

DAY = timedelta(days=1)
ELSEWHERE = ResourceId.parse(ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION))
EVENT = write_event(ELSEWHERE)


@dataclass
class Reader:
    """A world, and its use case as a new process has it, of some code that watches some places."""

    world: World
    code: str = "1"
    watched: list[str] = field(default_factory=lambda: [SUBSCRIPTION])

    @property
    def intake(self) -> Intake:
        """What takes inputs in."""
        return replace(self.world.runtime.intake, watch=watch_of(self.world, *self.watched))

    async def run(self) -> ReadAgain:
        """Read again."""
        findings = self.world.ports.findings
        assert isinstance(findings, SqliteFindingStore)
        bookmarks, aside = SqliteBookmarks(findings.database), self.world.ports.aside
        clock = self.world.clock
        return await SecondReading(aside, self.intake, bookmarks, clock, lambda: self.code).run()

    async def keep(self, *texts: str) -> None:
        """Set texts aside."""
        now = self.world.clock.now()
        await self.world.ports.aside.keep([SetAside(now, "bad", each, len(each)) for each in texts])

    async def kept(self) -> Sequence[SetAside]:
        """Return what is still set aside."""
        return await self.world.ports.aside.kept(10_000)

    async def looks(self) -> list[LookMessage]:
        """Return the looks that are asked for, whenever they are due."""
        self.world.clock.advance(DAY)
        found, queue = [], self.world.ports.queue
        while (taken := await queue.take(QueueName.LOOKS)) is not None:
            found.append(decode(taken.text))
            await queue.done(QueueName.LOOKS, taken)
        return found


@pytest.fixture
def reader() -> Reader:
    """A world in which one subscription is watched."""
    return Reader(world())


async def test_an_event_of_a_subscription_that_is_watched_by_now_goes_on(reader: Reader) -> None:
    """Once the setting has changed, which is part of the code's name; it is kept no longer."""
    await reader.intake.accept([EVENT, {"id": "bad"}])
    first = await reader.run()
    reader.watched.append(OTHER_SUBSCRIPTION)
    reader.code = "2"
    second = await reader.run()

    assert (first, second) == (ReadAgain(2, 0, 2), ReadAgain(2, 1, 1))
    assert [each.root for each in await reader.looks()] == [ELSEWHERE.text]
    assert [json.loads(each.text) for each in await reader.kept()] == [{"id": "bad"}]


async def test_nothing_is_read_twice_within_a_day(reader: Reader) -> None:
    """Then what is a week old at most is, and older inputs never by the same code."""
    await reader.keep("{}")
    assert (await reader.run()).read == 1
    assert (await reader.run()).read == 0
    days = []
    for _ in range(9):
        reader.world.clock.advance(DAY)
        days.append((await reader.run()).read)
    reader.code = "2"

    assert days == [1, 1, 1, 1, 1, 1, 0, 0, 0]
    assert (await reader.run()).read == 1


async def test_so_much_is_read_in_a_run_and_the_next_goes_on(reader: Reader) -> None:
    """However much there is."""
    await reader.keep(*["{}"] * (PAGE * PAGES_OF_A_RUN + 7))

    assert [(await reader.run()).read for _ in range(3)] == [PAGE * PAGES_OF_A_RUN, 7, 0]


@pytest.mark.parametrize("text", ["no JSON", "[", json.dumps({"id": "bad"}), ""])
async def test_what_is_still_bad_stays_as_it_is(reader: Reader, text: str) -> None:
    """With its reason, and once."""
    await reader.keep(text)
    before = await reader.kept()

    assert (await reader.run()).stays == 1
    assert await reader.kept() == before


async def test_what_was_cut_cannot_be_read_again(reader: Reader) -> None:
    """Though its beginning may look whole."""
    text = json.dumps(write_event(ResourceId.parse(ACCOUNT)))
    await reader.world.ports.aside.keep([SetAside(moment(1), "bad", text, KEPT_TEXT + 1)])

    assert await reader.run() == ReadAgain(1, 0, 1)


async def test_what_turns_out_to_be_none_of_ours_is_dropped(reader: Reader) -> None:
    """A newer code knows that it is to be ignored."""
    ignored = {**EVENT, "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent"}
    await reader.keep(json.dumps(ignored))

    assert await reader.run() == ReadAgain(1, 1, 0)
    assert await reader.kept() == []


async def test_a_message_that_crashed_comes_back_by_new_code_or_a_few_times(
    reader: Reader,
) -> None:
    """Not that of a sweep, which has gone on without it."""
    crashed = LookMessage(ACCOUNT, moment(0), Trigger.CHANGE, redrives=3)
    swept = LookMessage(ACCOUNT, moment(0), Trigger.SWEEP, sweep="s")
    assert await reader.run() == ReadAgain()
    reader.world.clock.advance(DAY)
    await reader.keep(crashed.encode(), swept.encode())
    same = await reader.run()
    reader.code = "2"
    new = await reader.run()

    assert (same, new) == (ReadAgain(2, 0, 2), ReadAgain(2, 1, 1))
    assert [each.redrives for each in await reader.looks()] == [1]


async def test_an_outage_between_queueing_and_removing_loses_nothing(reader: Reader) -> None:
    """It is handed on twice, which costs one look."""
    await reader.keep(json.dumps(write_event(ResourceId.parse(ACCOUNT))))
    aside = reader.world.ports.aside

    class Down:
        page = staticmethod(aside.page)

        async def remove(self, _name: str) -> None:
            raise PortError("down")

    whole = reader.world
    reader.world = replace(whole, ports=replace(whole.ports, aside=Down()))  # type: ignore[arg-type] # asked for nothing else
    with pytest.raises(PortError):
        await reader.run()
    reader.world = whole
    await reader.run()

    assert len(await reader.looks()) == 2
    assert await reader.kept() == []


async def test_a_bookmark_that_cannot_be_read_begins_anew(reader: Reader) -> None:
    """Reading twice costs little; never reading again would."""
    await reader.keep("{}")
    await reader.run()
    findings = reader.world.ports.findings
    assert isinstance(findings, SqliteFindingStore)
    await SqliteBookmarks(findings.database).save(BOOKMARK, "spoilt")

    assert (await reader.run()).read == 1


async def test_an_input_that_crashes_the_code_delays_no_other(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays, like any that is bad."""

    def crash(payload: object) -> object:
        if payload == 1:
            raise ZeroDivisionError
        return translate(payload)

    monkeypatch.setattr("shared.pipeline.receive.translate", crash)
    await reader.keep(json.dumps(write_event(ResourceId.parse(ACCOUNT))), "1")

    assert await reader.run() == ReadAgain(2, 1, 1)
    assert len(await reader.looks()) == 1
