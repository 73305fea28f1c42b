"""Alerts asked back from Log Analytics: what the sink wrote is what comes, and what goes wrong."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from shared.adapters.azure.logs.alerts_history import WorkspaceHistory
from shared.adapters.formats.alert_object import alert_json
from shared.adapters.sinks.log_tables import ALERTS
from shared.domain.finding import (
    Acknowledgement,
    Attribution,
    FindingState,
    ResolvedReason,
    Snooze,
    Transition,
    TransitionKind,
)
from shared.domain.root_state import RootState
from shared.domain.verdict import Evidence, Severity
from shared.ports import PortError, TransitionQuery
from tests.fakes import BEGINNING
from tests.kql.test_queries import checked
from tests.log_history import History, running_history
from tests.records import (
    ACCOUNT,
    CONTROL,
    EVIDENCE,
    OTHER_ACCOUNT,
    ROOT,
    commit,
    finding,
    moment,
    transition,
)
from tests.workspace import WORKSPACE, Workspace, running_workspace

BY = Attribution("ann@example.com", moment(-6), "c0ffee", exact=False)
FULL = replace(
    transition(9, kind=TransitionKind.REMINDER, attribution=BY),
    before=EVIDENCE[:2],
    opened_at=moment(1.234567),
    author="bo@example.com",
    acknowledged=Acknowledgement("bo@example.com", moment(2.5), 'Known: "quota".'),
    snoozed=Snooze("bo@example.com", moment(3), "Later.", until=moment(7200)),
    also_to=("teams:boss",),
    at=moment(9.654321),
)
ALL = TransitionQuery()
TIMES = {"RecordedAt": "datetime", "OpenedAt": "datetime", "OccurredAt": "datetime"}
COLUMNS = (
    *("AlertId", "RootId", "RootSequence", "AlertKind", "Reason", "Control", "TargetResourceId"),
    *("TargetResourceType", "Severity", "RecordedAt", "Message", "Evidence", "Remediation"),
    *("DataTables", "EvidenceBefore", "OpenedAt", "Author", "Acknowledged", "Snoozed"),
    *("EscalatedTo", "OccurredAt", "ActorIsExact", "Actor", "CorrelationId"),
)
ROW = {
    "AlertKind": "opened",
    "Severity": "high",
    "RecordedAt": "2026-11-20T08:00:00Z",
    "OpenedAt": "2026-11-20T08:00:00Z",
    "OccurredAt": None,
}


@dataclass
class World:
    """A store and a workspace with the same history; `notes` is what people were told."""

    history: History
    workspace: Workspace
    asked: WorkspaceHistory
    notes: list[str] = field(default_factory=list)

    async def record(self, *alerts: Transition) -> None:
        """Commit alerts to the store, and send them; findings are as the last of each leaves it."""
        roots = {each.root for each in alerts}
        for root in roots:
            own = [each for each in alerts if each.root == root]
            found = {}
            for each in own:
                if each.control is not None:
                    is_open = each.kind is not TransitionKind.RESOLVED
                    state = FindingState.OPEN if is_open else FindingState.RESOLVED
                    made = finding(each.resource_id, control=each.control, state=state)
                    found[made.key] = made
            before = await self.history.store.state(root)
            state_after = RootState(before.version, own[-1].sequence)
            await self.history.store.commit(
                commit(*own, root=root, findings=found.values(), state=state_after)
            )
        await self.history.tell(alerts)
        self.arrive()

    def arrive(self, *, twice: bool = True) -> None:
        """Let the rows come in, each twice, in any order."""
        rows = self.history.sent.service.rows.pop(ALERTS.stream, []) * (2 if twice else 1)
        Random(1).shuffle(rows)  # noqa: S311 - to be repeated
        self.workspace.logs.ingest(rows, BEGINNING, ALERTS.name)

    async def both(self, query: TransitionQuery) -> tuple[list[object], list[object]]:
        """Return the JSON objects that the workspace and the store answer."""
        asked = await self.asked.transitions(query)
        kept = await self.history.store.transitions(query)
        return [alert_json(each) for each in asked], [alert_json(each) for each in kept]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """An empty world."""
    async with AsyncExitStack() as stack:
        history = await stack.enter_async_context(running_history(tmp_path))
        workspace = await stack.enter_async_context(running_workspace())
        notes: list[str] = []
        asked = WorkspaceHistory(workspace.activity.client, WORKSPACE, notes.append)
        yield World(history, workspace, asked, notes)


def story() -> Sequence[Transition]:
    """Return alerts of all kinds."""
    return [
        transition(1, attribution=BY),
        transition(2, control="stub.low", severity=Severity.LOW),
        transition(3, resource_id=f"{ACCOUNT}/deployments/100%_A", control="stub.low"),
        transition(4, kind=TransitionKind.RESOLVED, reason=ResolvedReason.FIXED),
        replace(transition(5, control=None, kind=TransitionKind.BASELINE), remediation=""),
        transition(1, resource_id=OTHER_ACCOUNT, at=moment(1.5)),
        FULL,
    ]


@pytest.mark.parametrize(
    "query",
    [
        ALL,
        TransitionQuery(since=moment(3)),
        TransitionQuery(since=moment(9.654321)),
        TransitionQuery(since=moment(9.654322)),
        TransitionQuery(severities=frozenset({Severity.LOW})),
        TransitionQuery(severities=frozenset({Severity.LOW, Severity.HIGH})),
        TransitionQuery(controls=frozenset({"stub.low"})),
        TransitionQuery(controls=frozenset({CONTROL, "stub.other"})),
        TransitionQuery(resource="ACCOUNTS/acct"),
        TransitionQuery(resource="100%_a"),
        TransitionQuery(resource="a_c"),
        TransitionQuery(state=FindingState.OPEN),
        TransitionQuery(state=FindingState.RESOLVED),
        TransitionQuery(ids=frozenset({FULL.id})),
        TransitionQuery(ids=frozenset()),
        TransitionQuery(limit=2),
    ],
)
async def test_the_workspace_answers_what_the_store_answers(
    here: World, query: TransitionQuery
) -> None:
    """The same objects in the same order, by every filter; each alert once."""
    await here.record(*story())

    asked, kept = await here.both(query)

    assert asked == kept
    assert here.notes == []


@pytest.mark.parametrize(
    "text",
    [
        '" or true //',
        "'; ComplianceAlerts_CL | take 5 //",
        "\\",
        '\\" | where true or "',
        "a\nb",
        "{x}",
        "%%_",
        "A_ct",
        "é\u2028",
    ],
)
async def test_a_value_is_never_read_as_part_of_the_query(here: World, text: str) -> None:
    """A quote, a backslash or a line break in a filter finds nothing, and is sound Kusto."""
    await here.record(*story())
    everything = TransitionQuery(
        resource=text, controls=frozenset({text}), severities=frozenset({Severity.HIGH})
    )

    for query in (everything, TransitionQuery(resource=text)):
        asked, kept = await here.both(query)
        assert asked == kept == []
    assert set(map(str, checked(dict(enumerate_texts(here))).values())) == {"[]"}


def enumerate_texts(here: World) -> list[tuple[str, str]]:
    """Return the queries that were asked, by a name each."""
    return [(str(number), each) for number, each in enumerate(here.workspace.logs.asked)]


async def test_what_is_left_of_cut_evidence_is_shown_and_said(here: World) -> None:
    """A cell holds 64 KB."""
    long = tuple(Evidence("account", f"p{n}", "x" * 200, "y" * 200) for n in range(300))
    await here.history.tell([replace(transition(), evidence=long)])
    here.arrive()

    (found,) = await here.asked.transitions(ALL)

    assert 0 < len(found.evidence) < 300
    assert here.notes == ["the evidence of 1 alerts was cut when it was written: over 64 KB"]


async def test_a_canary_is_no_alert(here: World) -> None:
    """It only shows that alerts arrive."""
    await here.history.tell([transition(1, control=None, kind=TransitionKind.CANARY)])
    here.arrive()

    assert await here.asked.transitions(ALL) == []
    assert here.notes == []


async def test_an_alert_of_a_later_version_is_left_out_and_said(here: World) -> None:
    """Its kind means nothing here."""
    await here.history.tell([transition(1), transition(2)])
    here.history.sent.service.rows[ALERTS.stream][0]["AlertKind"] = "frobnicated"
    here.arrive()

    (found,) = await here.asked.transitions(ALL)

    assert found.sequence == 2
    assert here.notes[0].startswith("1 alerts are left out: this version cannot read them (")
    assert "frobnicated" in here.notes[0]


async def test_evidence_that_is_no_list_is_said_to_be_cut(here: World) -> None:
    """As of a cell that holds the beginning of one."""
    await here.history.tell([transition(1)])
    here.history.sent.service.rows[ALERTS.stream][0]["Evidence"] = '[{"source": "acc'
    here.arrive()

    (found,) = await here.asked.transitions(ALL)

    assert found.evidence == ()
    assert here.notes == ["the evidence of 1 alerts was cut when it was written: over 64 KB"]


@pytest.mark.parametrize(("column", "cell"), [("Evidence", '[{"sour'), ("OpenedAt", "soon")])
async def test_a_row_with_a_broken_cell_is_left_out_and_said(
    here: World, column: str, cell: str
) -> None:
    """It keeps nobody from the others."""
    rows = [{**dict.fromkeys(COLUMNS, ""), **ROW, "RootSequence": number} for number in "12"]
    rows[0][column] = cell
    columns = [{"name": name, "type": TIMES.get(name, "string")} for name in COLUMNS]
    table = {
        "name": "PrimaryResult",
        "columns": columns,
        "rows": [[*each.values()] for each in rows],
    }
    here.workspace.azure.fault("/query", status=200, body=json.dumps({"tables": [table]}))

    (found,) = await here.asked.transitions(ALL)

    assert found.sequence == 2
    (said,) = here.notes
    assert said.startswith("1 alerts are left out: this version cannot read them (")


async def test_a_partial_answer_is_shown_and_said(here: World) -> None:
    """Never taken for the whole one."""
    await here.history.tell([transition(n) for n in range(1, 5)])
    here.arrive()
    here.workspace.logs.half = lambda _query: True

    found = await here.asked.transitions(ALL)

    assert len(found) == 2
    (said,) = here.notes
    assert said.startswith("Log Analytics answered in part, alerts are missing: ")


async def test_a_workspace_without_the_table_says_so(here: World) -> None:
    """Nothing was written yet, or it is another one."""
    here.workspace.logs.drop(ALERTS.name)

    with pytest.raises(
        PortError, match="has no table ComplianceAlerts_CL: nothing was written yet"
    ):
        await here.asked.transitions(ALL)


@pytest.mark.parametrize(
    ("status", "said"),
    [(403, "needs the role Log Analytics Reader"), (404, "the workspace id is meant, a GUID")],
)
async def test_a_refusal_says_what_to_do(here: World, status: int, said: str) -> None:
    """Which role is missing, or which id."""
    here.workspace.azure.fault("/query", status=status, body='{"error": {"code": "No"}}')

    with pytest.raises(PortError, match=said):
        await here.asked.transitions(ALL)


async def test_a_workspace_that_cannot_be_reached_says_so(here: World) -> None:
    """After a few tries."""
    here.workspace.azure.fault("/query", kind="reset")

    with pytest.raises(PortError, match=f"Log Analytics, workspace {WORKSPACE}: "):
        await here.asked.transitions(ALL)


async def test_an_alert_comes_back_whole(here: World) -> None:
    """As it was sent, to the microsecond."""
    await here.record(FULL)

    (found,) = await here.asked.transitions(ALL)

    bounded = tuple(each.bounded() for each in FULL.evidence)
    resource_type = found.resource_type
    assert found == replace(FULL, evidence=bounded, resource_type=resource_type)
    assert found.root == ROOT
    assert found.at - FULL.at == timedelta()
