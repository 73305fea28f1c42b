"""`cli.py alerts --parked` shows what sinks did not take, `redeliver` puts it back."""

import asyncio
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.system_clock import SystemClock
from tests.e2e.command_line import call
from tests.records import ROOT, commit, moment, transition

pytestmark = pytest.mark.e2e


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Path:
    """A store with two alerts that are parked, one of them for two sinks."""
    file = tmp_path / "s.db"
    database = Database(file)
    findings = SqliteFindingStore(database, SystemClock())

    async def fill() -> None:
        await findings.commit(commit(transition(1), transition(2), transition(3)))
        for number, sink in ((0, "teams"), (1, "webhook"), (2, "webhook")):
            reason = f"https://example.com answered 40{number}"
            await findings.park(sink, transition(max(number, 1)), moment(60 + number), reason)

    asyncio.run(fill())
    database.close()
    return file


def test_what_is_parked_is_shown_with_its_reason(store: Path) -> None:
    """For people and for programs, the last parked first."""
    shown = call("alerts", "--parked", "--store", store)
    listed = call("alerts", "--parked", "--store", store, "--format", "json")

    assert (shown.status, listed.status) == (0, 0)
    assert "not told to webhook: https://example.com answered 402" in shown.out
    assert "3 alerts are parked." in shown.out
    assert [(each["sink"], each["id"]) for each in listed.result] == [
        ("webhook", f"{ROOT}#2"),
        ("webhook", f"{ROOT}#1"),
        ("teams", f"{ROOT}#1"),
    ]
    assert listed.result[0]["why"] == "https://example.com answered 402"
    assert listed.result[0]["parked_at"] == "2026-11-20T08:01:02Z"


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        ((), []),
        (("--sink", "webhook"), ["teams"]),
        ((f"{ROOT}#2",), ["webhook", "teams"]),
        ((f"{ROOT}#1",), ["webhook"]),
        (("--sink", "nobody"), ["webhook", "webhook", "teams"]),
    ],
)
def test_what_is_parked_is_put_back(
    store: Path, arguments: tuple[str, ...], left: list[str]
) -> None:
    """All of it, that of one sink, or what is named."""
    ended = call("redeliver", *arguments, "--store", store)

    assert (ended.status, ended.err) == (0, "")
    still = call("alerts", "--parked", "--store", store, "--format", "json").result
    assert [each["sink"] for each in still] == left


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("redeliver", "unknown", "--store"), "unknown is not parked"),
        (("alerts", "--parked", "--format", "ocsf", "--store"), "printed as table or json"),
    ],
)
def test_what_cannot_be_done_is_refused(
    store: Path, arguments: tuple[str, ...], words: str
) -> None:
    """With the reason."""
    ended = call(*arguments, store)

    assert (ended.status, ended.out) == (2, "")
    assert words in ended.err


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """It would look as if nothing were parked."""
    ended = call("redeliver", "--store", tmp_path / "none.db")

    assert ended.status == 2
    assert not (tmp_path / "none.db").exists()
