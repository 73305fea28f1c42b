"""Changes in the Activity Log against the events that told of them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import pytest

from shared.domain.change import ResourceChange
from shared.domain.finding import TransitionKind
from shared.domain.verdict import Cause, Verdict
from shared.events.translate import translate
from shared.pipeline.events_arriving import (
    BOOKMARK,
    CONTROL,
    EVENTS_ARRIVING,
    JUDGED_FOR,
    KEPT_FOR,
    MOST_EXAMPLES,
    Arrivals,
    judge_arrivals,
)
from shared.pipeline.own_sight import record
from shared.ports import PortError
from tests.activity_rows import deployment, row
from tests.fakes import Killed
from tests.listening import Listener, running_listener
from tests.local_azure.faults import Fault
from tests.records import SUBSCRIPTION
from tests.workspace import Workspace
from tests.worlds import resource, write_event


@dataclass
class Here:
    """A world that listens, and the workspace that it listens to."""

    listener: Listener
    workspace: Workspace

    def change(self, name: str, status: str = "Success") -> None:
        """Let a change happen now, and its row be ingested at once."""
        now = self.listener.world.clock.now()
        self.workspace.ingest(row(at=now, correlation_id=name, status=status), at=now)

    async def event(self, name: str) -> None:
        """Let the event of a change arrive."""
        await self.listener.tell(write_event(deployment(), correlationId=name))

    async def verdicts(self) -> list[Verdict]:
        """Check, and return what it concluded in this run."""
        self.listener.concluded.clear()
        await self.listener.check.check()
        return [each.judgement.verdict for each in self.listener.concluded]

    @property
    def message(self) -> str:
        """The message of the only conclusion."""
        (found,) = self.listener.concluded
        return found.judgement.message


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    """A world that listens to a workspace and has begun to compare."""
    async with running_listener() as (told, workspace):
        started = Here(told, workspace)
        started.change("before")
        told.wait(minutes=1)
        assert await started.verdicts() == []
        yield started


async def test_changes_of_which_events_came_pass(here: Here) -> None:
    """Whatever case the id is in, and however late the row is."""
    here.change("C1")
    await here.event("c1")
    here.listener.wait(minutes=31)

    assert await here.verdicts() == [Verdict.PASS]
    (found,) = here.listener.concluded
    assert found.control_id == EVENTS_ARRIVING
    assert found.control is CONTROL
    assert found.resource.text == f"/subscriptions/{SUBSCRIPTION}"
    assert "each of 1 changes" in here.message


async def test_a_change_without_an_event_fails_with_counts_and_an_example(here: Here) -> None:
    """Beside one that an event told of."""
    here.change("c1")
    here.change("c2")
    await here.event("c1")
    here.listener.wait(minutes=31)

    assert await here.verdicts() == [Verdict.FAIL]
    assert "1 of 2 changes" in here.message
    assert "correlation id c2" in here.message
    (evidence,) = here.listener.concluded[0].judgement.evidence
    assert evidence.path == deployment().text.lower()


async def test_what_is_concluded_becomes_a_finding_of_the_subscription(here: Here) -> None:
    """It opens when events are missed, and is put right by changes of which events came."""
    told = here.listener
    ports = told.world.ports
    check = replace(told.check, conclude=partial(record, ports.findings, ports.clock))
    told.world.inventory.put(resource(deployment().parent.text, kind="OpenAI"))
    await told.world.sweep()
    here.change("c1")
    told.wait(minutes=31)
    await check.check()
    await told.world.sweep()
    here.change("c2")
    await here.event("c2")
    told.wait(minutes=31)
    await check.check()

    history = await told.world.history()
    kinds = [each.kind for each in history if each.control == EVENTS_ARRIVING]
    assert kinds == [TransitionKind.OPENED, TransitionKind.RESOLVED]


async def test_a_change_is_only_judged_when_its_event_has_had_its_time(here: Here) -> None:
    """And then once."""
    here.change("c1")
    here.listener.wait(minutes=29)
    assert await here.verdicts() == []

    here.listener.wait(minutes=2)
    assert await here.verdicts() == [Verdict.FAIL]

    here.listener.wait(minutes=60)
    assert await here.verdicts() == []


async def test_the_rows_of_one_operation_are_one_change(here: Here) -> None:
    """Only the one that says it succeeded counts: no event tells of a start."""
    for status in ("Start", "Accept", "Success"):
        here.change("c1", status=status)
    here.change("c2", status="Start")
    here.change("c3", status="Failure")
    await here.event("c1")
    here.listener.wait(minutes=31)

    assert await here.verdicts() == [Verdict.PASS]
    assert "each of 1 changes" in here.message


async def test_a_dead_letter_is_an_event_that_did_not_arrive(here: Here) -> None:
    """It is looked at once it is driven again, and still counts as missed."""
    here.change("c1")
    letter = write_event(deployment(), correlationId="c1")
    await here.listener.tell({**letter, "deadLetterReason": "MaxDeliveryAttemptsExceeded"})
    here.listener.wait(minutes=31)

    assert await here.verdicts() == [Verdict.FAIL]


async def test_what_only_the_activity_log_told_is_no_event(here: Here) -> None:
    """Listening hands its rows to the same intake."""
    here.change("c1")
    await here.listener.listening.listen()
    here.listener.wait(minutes=31)

    assert await here.verdicts() == [Verdict.FAIL]


async def test_where_the_export_is_missing_nothing_can_be_told(
    here: Here, caplog: pytest.LogCaptureFixture
) -> None:
    """Which is no pass, and is in the log."""
    here.workspace.logs.drop()

    assert await here.verdicts() == [Verdict.UNKNOWN]
    assert here.listener.concluded[0].judgement.cause is Cause.UNREADABLE
    assert "never exported" in here.message
    assert f"subscription {SUBSCRIPTION}: {here.message}" in caplog.text


async def test_what_a_failed_run_would_have_compared_is_compared_by_the_next(here: Here) -> None:
    """A workspace that is away, an answer in part, a process that is killed."""
    here.change("c1")
    here.listener.wait(minutes=31)
    here.workspace.azure.faults.add(Fault("/query", status=503))
    with pytest.raises(PortError):
        await here.verdicts()
    here.workspace.azure.faults.clear()
    here.workspace.logs.half = lambda query: "let page" in query
    assert await here.verdicts() == []
    here.workspace.logs.half = lambda _query: False

    async def killed(_observation: object) -> None:
        raise Killed

    with pytest.raises(Killed):
        await replace(here.listener.check, conclude=killed).check()

    assert await here.verdicts() == [Verdict.FAIL]


async def test_a_run_ends_in_time_and_the_next_goes_on(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much there is to compare."""
    monkeypatch.setattr("shared.pipeline.events_arriving.PAGE", 1)
    monkeypatch.setattr("shared.pipeline.events_arriving.LONGEST_RUN", timedelta(0))
    here.change("c1")
    here.change("c2")
    here.listener.wait(minutes=31)

    for _ in range(2):
        assert await here.verdicts() == [Verdict.FAIL]
        assert "1 of 1 changes" in here.message
    assert await here.verdicts() == []


async def test_after_days_without_a_run_only_the_last_day_is_compared(here: Here) -> None:
    """The ids of older events are forgotten, so that older changes would fail wrongly."""
    here.change("old")
    await here.event("old")
    here.listener.wait(hours=JUDGED_FOR.total_seconds() / 3600 + 1)
    here.change("new")
    await here.event("new")
    here.listener.wait(minutes=31)

    assert await here.verdicts() == [Verdict.PASS]
    assert "each of 1 changes" in here.message


async def test_ids_of_events_are_forgotten_when_they_are_of_no_use(here: Here) -> None:
    """Later than any change that is still compared."""
    assert JUDGED_FOR + timedelta(hours=12) < KEPT_FOR
    await here.event("c1")
    here.listener.wait(hours=47)
    await here.verdicts()
    assert await here.listener.received.unseen(SUBSCRIPTION, ["c1"]) == frozenset()

    here.listener.wait(hours=2)
    await here.verdicts()

    assert await here.listener.received.unseen(SUBSCRIPTION, ["c1"]) == {"c1"}


async def test_a_bookmark_that_cannot_be_read_begins_anew(
    here: Here, caplog: pytest.LogCaptureFixture
) -> None:
    """As the first run does."""
    here.change("c1")
    here.listener.wait(minutes=31)
    await here.listener.bookmarks.save(BOOKMARK, "[]")

    assert await here.verdicts() == []
    assert "begins anew" in caplog.text


def test_of_many_changes_a_few_are_shown() -> None:
    """And all are counted."""
    changes = [translate(row(deployment(each))) for each in range(9)]
    shown = [each for each in changes if isinstance(each, ResourceChange)][:MOST_EXAMPLES]

    judgement = judge_arrivals(Arrivals(900, 9, shown))

    assert judgement is not None
    assert "9 of 900" in judgement.message
    assert len(judgement.evidence) == MOST_EXAMPLES


def test_no_change_says_nothing() -> None:
    """Neither that events arrive nor that they do not."""
    assert judge_arrivals(Arrivals()) is None
