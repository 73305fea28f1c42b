"""`cli.py alerts --workspace`: what a store prints, from rows that the real sink wrote."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.adapters.sinks.log_tables import ALERTS
from shared.domain.finding import Attribution, TransitionKind
from tests.fakes import BEGINNING
from tests.log_history import History, running_history
from tests.records import (
    OTHER_ACCOUNT,
    OTHER_ROOT,
    commit,
    finding,
    moment,
    transition,
)
from tests.workspace import WORKSPACE, Workspace, running_workspace

ROOT = Path(__file__).resolve().parents[2]
BY = Attribution("ann@example.com", moment(-6), "c0ffee", exact=True)


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    said: str


@dataclass(frozen=True)
class Here:
    """A store and a workspace with the same alerts."""

    history: History
    workspace: Workspace
    store: Path

    async def alerts(self, *arguments: str, workspace: str = WORKSPACE) -> Ended:
        """Ask the workspace."""
        return await run("--workspace", workspace, "--since", "all", *arguments)

    async def kept(self, *arguments: str) -> Ended:
        """Ask the store."""
        return await run("--store", str(self.store), "--since", "all", *arguments)


async def run(*arguments: str) -> Ended:
    """Run the command in this environment."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "cli.py",
        "alerts",
        *arguments,
        cwd=ROOT,
        env=dict(os.environ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, said = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), said.decode())


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    """Two findings, one of them put right."""
    async with AsyncExitStack() as stack:
        history = await stack.enter_async_context(running_history(tmp_path))
        workspace = await stack.enter_async_context(running_workspace())
        alerts = [transition(1, attribution=BY), transition(2, kind=TransitionKind.REMINDER)]
        other = transition(1, resource_id=OTHER_ACCOUNT, at=moment(5))
        await history.store.commit(commit(*alerts, findings=[finding()]))
        resolved = [finding(OTHER_ACCOUNT)]
        await history.store.commit(commit(other, root=OTHER_ROOT, findings=resolved))
        await history.tell([*alerts, other, other])
        workspace.logs.ingest(history.sent.service.rows.pop(ALERTS.stream), BEGINNING, ALERTS.name)
        yield Here(history, workspace, tmp_path / "history.db")


@pytest.mark.parametrize("output", ["json", "ocsf", "sarif"])
async def test_it_prints_what_the_store_prints(here: Here, output: str) -> None:
    """To the letter, in every format that programs read."""
    asked, kept = await here.alerts("--format", output), await here.kept("--format", output)

    assert (asked.status, kept.status) == (0, 0), asked.said
    assert asked.out == kept.out
    assert asked.said == ""


async def test_people_read_where_the_alerts_are(here: Here) -> None:
    """And what a workspace does not hold, where that is asked for."""
    ended = await here.alerts("--state", "open", "--history", "--resource", "OTHER")

    assert ended.status == 0, ended.said
    assert f"in the workspace {WORKSPACE}." in ended.out
    assert "--history adds nothing" in ended.said
    assert "OpenFindings() alone" in ended.said


async def test_a_part_of_the_alerts_is_said_to_be_one(here: Here) -> None:
    """On standard error, beside what there is."""
    here.workspace.logs.half = lambda _query: True

    ended = await here.alerts("--format", "json")

    assert ended.status == 0
    assert len(json.loads(ended.out)) == 2
    assert "note: Log Analytics answered in part, alerts are missing: " in ended.said


async def test_what_is_wrong_is_one_line(here: Here) -> None:
    """A workspace that nobody wrote to, one that is not there, and one that may not be read."""
    elsewhere = await here.alerts(workspace="00000000-0000-0000-0000-000000000000")
    here.workspace.azure.fault("/query", status=403, body='{"error": {"code": "Forbidden"}}')
    forbidden = await here.alerts()
    here.workspace.azure.faults.clear()
    here.workspace.logs.drop(ALERTS.name)
    empty = await here.alerts()

    for ended, said in (
        (elsewhere, "the workspace id is meant, a GUID"),
        (forbidden, "needs the role Log Analytics Reader on the workspace"),
        (empty, "has no table ComplianceAlerts_CL: nothing was written yet"),
    ):
        assert (ended.status, ended.out) == (2, "")
        assert said in ended.said
        assert ended.said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--workspace", "my-workspace"), "is no workspace id such as"),
        (("--workspace", WORKSPACE, "--store", "x.db"), "both are given"),
    ],
)
async def test_a_workspace_is_named_by_its_id_alone(arguments: tuple[str, str], said: str) -> None:
    """And not beside a store."""
    ended = await run(*arguments)

    assert (ended.status, ended.out) == (2, "")
    assert said in ended.said
