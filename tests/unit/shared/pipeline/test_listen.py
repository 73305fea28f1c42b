"""Listening to the Activity Log: whatever becomes of the rows, each change is handed on."""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from tracemalloc import get_traced_memory, reset_peak, start, stop

import pytest

from shared.pipeline.activity_bookmark import KEPT_ROWS, OVERLAP
from shared.pipeline.listen import BOOKMARK, PAGE, Heard, Listening
from shared.pipeline.watch import Watch
from shared.ports import (
    ActivityPage,
    ActivityPosition,
    ActivityRow,
    NoActivityTableError,
    PortError,
)
from tests.activity_rows import deployment, row, rows
from tests.fakes import BEGINNING, Interrupted, Killed, Switch
from tests.listening import Listener, correlations, listener, running_listener
from tests.local_azure.faults import Fault
from tests.workspace import Workspace


@dataclass
class Here:
    """A world that listens, and the workspace that it listens to."""

    listener: Listener
    workspace: Workspace

    async def changes(self) -> list[str]:
        """Take what was queued; return the correlation ids of the changes."""
        return correlations(await self.listener.queued())


@pytest.fixture
async def here() -> AsyncIterator[Here]:
    """A world that listens to an empty workspace."""
    async with running_listener() as (told, workspace):
        yield Here(told, workspace)


def ids(given: list[dict[str, object]]) -> list[str]:
    """Return the correlation ids of rows."""
    return [str(each["CorrelationId"]) for each in given]


async def test_a_row_asks_for_a_look(here: Here) -> None:
    """With who made the change, and when."""
    here.workspace.ingest(row(correlation_id="c1"))

    heard = await here.listener.listening.listen()

    (message,) = await here.listener.queued()
    assert message.root == deployment().parent.text.lower()
    assert message.change is not None
    assert message.change.actor == "ann@example.com"
    assert message.change.occurred_at == BEGINNING
    assert (heard.rows, heard.changes, heard.caught_up) == (1, 1, True)


async def test_every_row_is_counted_once(here: Here) -> None:
    """As a change, ignored with its reason, or malformed."""
    here.workspace.ingest(
        row(),
        row(OperationNameValue="Microsoft.CognitiveServices/accounts/listKeys/action"),
        row(_ResourceId="no id", ResourceId="no id"),
    )

    heard = await here.listener.listening.listen()

    assert (heard.rows, heard.changes, heard.known, heard.malformed) == (3, 1, 0, 1)
    assert dict(heard.ignored) == {"action that changes nothing": 1}
    (kept,) = await here.listener.world.ports.aside.kept(10)
    assert "is no ARM id" in kept.reason


async def test_a_row_is_handed_on_once_although_runs_overlap(here: Here) -> None:
    """Also by a process that has just started."""
    here.workspace.ingest(row())
    await here.listener.listening.listen()
    await here.listener.queued()

    here.listener.wait(minutes=5)
    heard = await here.listener.listening.listen()

    assert (heard.rows, heard.known, heard.changes) == (1, 1, 0)
    assert await here.changes() == []


async def test_a_row_that_is_there_twice_is_handed_on_once(here: Here) -> None:
    """Exports repeat rows, at once and later."""
    twice = row(correlation_id="c1")
    here.workspace.ingest(twice, twice)
    here.workspace.ingest(twice, at=BEGINNING + timedelta(seconds=1))
    here.listener.wait(minutes=1)

    await here.listener.listening.listen()

    assert await here.changes() == ["c1"]


async def test_rows_that_are_late_and_out_of_order_are_all_found(here: Here) -> None:
    """Three hours late is late by its time, not by its ingestion."""
    for minutes in range(0, 240, 40):
        at = BEGINNING + timedelta(minutes=minutes)
        here.workspace.ingest(row(at=at, correlation_id=f"now {minutes}"), at=at)
        late = at - timedelta(hours=3)
        here.workspace.ingest(row(at=late, correlation_id=f"late {minutes}"), at=at)
        here.listener.wait(minutes=40)
        await here.listener.listening.listen()

    told = await here.changes()
    expected = {f"{each} {minutes}" for minutes in range(0, 240, 40) for each in ("now", "late")}
    assert sorted(told) == sorted(expected)


async def test_a_row_that_can_be_found_only_minutes_after_its_ingestion_is_found(
    here: Here,
) -> None:
    """Runs read back a little further than the last one came."""
    here.listener.wait(minutes=30)
    await here.listener.listening.listen()
    before = BEGINNING + timedelta(minutes=30) - OVERLAP + timedelta(seconds=1)
    here.workspace.ingest(row(correlation_id="c1"), at=before)

    await here.listener.listening.listen()

    assert await here.changes() == ["c1"]


async def test_what_came_of_an_answer_in_part_is_used_and_the_rest_asked_for_again(
    here: Here,
) -> None:
    """In smaller pages first, then by the next run."""
    given = rows(range(10))
    here.workspace.logs.ingest(given, BEGINNING)
    here.workspace.logs.half = lambda _query: True

    first = await here.listener.listening.listen()
    part = await here.changes()

    assert (first.caught_up, first.changes, len(part)) == (False, 5, 5)
    assert first.incomplete == first.pages > 1

    here.workspace.logs.half = lambda _query: False
    here.listener.wait(hours=2)
    second = await here.listener.listening.listen()

    assert (second.caught_up, second.known, second.changes) == (True, 5, 5)
    assert sorted([*part, *await here.changes()]) == ids(given)


async def test_an_answer_that_is_too_large_is_asked_for_in_smaller_pages(here: Here) -> None:
    """Otherwise it would be in part for ever."""
    given = rows(range(300))
    here.workspace.logs.ingest(given, BEGINNING)
    here.workspace.logs.half = lambda query: "let page = 2000" in query or "page = 500" in query

    heard = await here.listener.listening.listen()

    assert heard.caught_up
    assert sorted(await here.changes()) == ids(given)


async def test_an_hour_without_the_workspace_is_caught_up_with(here: Here) -> None:
    """Each run fails as a whole, and nothing is passed over."""
    here.workspace.ingest(row(correlation_id="c0"))
    await here.listener.listening.listen()
    here.workspace.azure.faults.add(Fault("/query", status=503))
    for number in range(1, 13):
        here.listener.wait(minutes=5)
        at = BEGINNING + timedelta(minutes=5 * number)
        here.workspace.ingest(row(at=at, correlation_id=f"c{number}"), at=at)
        with pytest.raises(PortError, match="Log Analytics"):
            await here.listener.listening.listen()
    here.workspace.azure.faults.clear()
    here.listener.wait(minutes=5)

    heard = await here.listener.listening.listen()

    assert heard.caught_up
    assert sorted(await here.changes()) == sorted(f"c{number}" for number in range(13))


async def test_a_workspace_without_the_table_is_no_quiet_one(here: Here) -> None:
    """It fails until the export is there, and reads what came since."""
    await here.listener.listening.listen()
    saved = await here.listener.bookmarks.load(BOOKMARK)
    here.workspace.logs.drop()

    with pytest.raises(NoActivityTableError):
        await here.listener.listening.listen()

    assert await here.listener.bookmarks.load(BOOKMARK) == saved


async def test_where_nothing_is_watched_nothing_is_asked(here: Here) -> None:
    """And nothing is passed over that is watched later."""
    intake = here.listener.world.runtime.intake
    ports = here.listener.world.ports
    nothing = Watch(ports.inventory, ports.findings, ports.clock, frozenset())
    listening = replace(here.listener.listening, intake=replace(intake, watch=nothing))

    heard = await listening.listen()

    assert heard.caught_up
    assert here.workspace.logs.asked == []
    assert await here.listener.bookmarks.load(BOOKMARK) is None


async def test_a_bookmark_that_cannot_be_read_costs_a_day_read_again(
    here: Here, caplog: pytest.LogCaptureFixture
) -> None:
    """Listening never ends for good."""
    here.workspace.ingest(row(correlation_id="c1"))
    await here.listener.bookmarks.save(BOOKMARK, '{"after_ingested_at": 7, "until": "never"}')

    await here.listener.listening.listen()

    assert await here.changes() == ["c1"]
    assert "the last day is read again" in caplog.text


class _Flood:
    """An Activity Log of many rows of one batch, made as they are asked for."""

    def __init__(self, count: int, most: int = PAGE) -> None:
        self.count = count
        self.most = most
        self.pages: list[int] = []
        self.listener: Listener | None = None

    async def rows(
        self,
        subscriptions: Collection[str],  # noqa: ARG002 - all are of the one
        after: ActivityPosition,
        until: datetime,  # noqa: ARG002 - all are before
        *,
        limit: int,
    ) -> ActivityPage:
        """Return a page, and let a minute pass where there is a clock."""
        if self.listener is not None:
            self.listener.wait(minutes=1)
        past = after.ingested_at > BEGINNING
        begin = self.count if past else int(after.row_id or "-1") + 1
        size = min(limit, self.most)
        numbers = range(begin, min(begin + size, self.count))
        self.pages.append(len(numbers))
        found = [self._row(each) for each in numbers]
        return ActivityPage(found, complete=True, more=len(found) >= size)

    def _row(self, number: int) -> ActivityRow:
        name = f"{number:06}"
        about = deployment(number, f"acme-{number % 200}")
        body = row(about, correlation_id=name, Authorization="x" * 2_000)
        return ActivityRow(name, ActivityPosition(BEGINNING, name), body)

    async def newest(
        self, subscriptions: Collection[str], since: datetime
    ) -> Mapping[str, datetime]:
        """Nobody asks."""
        raise NotImplementedError


async def test_killed_anywhere_no_row_is_lost() -> None:
    """Whatever call it was before or after, the next run hands on what is missing."""
    moments = 0
    while True:
        told = listener(_Flood(7, most=3))
        switch = Switch(kill_at=moments)
        intake = told.world.runtime.intake
        listening = Listening(
            Interrupted(told.activity, switch),
            Interrupted(told.bookmarks, switch),
            replace(intake, queue=Interrupted(intake.queue, switch)),
            told.world.clock,
        )
        try:
            await listening.listen()
        except Killed:
            await told.listening.listen()
        assert set(correlations(await told.queued())) == {f"{each:06}" for each in range(7)}
        if not switch.dead:
            break
        moments += 1
    # Load, and of three pages each: read, queue, save; before and after.
    assert moments == 2 * (1 + 3 * 3)


async def test_twenty_thousand_rows_at_once_are_handed_on_in_bounded_memory() -> None:
    """Page by page, each once, and none again by the next run."""
    flood = _Flood(20_000)
    told = listener(flood)
    start()
    try:
        reset_peak()
        heard = await told.listening.listen()
        peak = get_traced_memory()[1]
    finally:
        stop()

    assert (heard.rows, heard.changes, heard.caught_up) == (20_000, 20_000, True)
    assert max(flood.pages) == PAGE
    assert peak < 50_000_000, peak

    again = await told.listening.listen()

    assert again.rows - again.known == max(0, 20_000 - KEPT_ROWS)
    saved = await told.bookmarks.load(BOOKMARK)
    assert saved is not None
    assert len(saved) < 1_000_000


async def test_a_run_ends_in_time_and_the_next_goes_on_where_it_stopped() -> None:
    """Without reading again what it has read, so that it comes to an end however much there is."""
    flood = _Flood(20_000)
    told = flood.listener = listener(flood)

    runs: list[Heard] = []
    while not runs or not runs[-1].caught_up:
        runs.append(await told.listening.listen())

    assert len(runs) == 3
    assert sum(each.rows for each in runs) == sum(each.changes for each in runs) == 20_000
