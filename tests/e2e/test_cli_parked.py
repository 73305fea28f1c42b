"""`cli.py alerts --parked` shows what sinks did not take, `redeliver` puts it back."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.system_clock import SystemClock
from shared.adapters.terminal import parked
from shared.domain.finding import Transition
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


def parked_in(file: Path, *alerts: Transition) -> Path:
    """Make a store in which these alerts are parked for one sink."""
    database = Database(file)
    findings = SqliteFindingStore(database, SystemClock())

    async def fill() -> None:
        await findings.commit(commit(*alerts))
        for each in alerts:
            await findings.park("webhook", each, moment(60), "answered 400")

    asyncio.run(fill())
    database.close()
    return file


def test_what_is_parked_is_shown_with_its_reason(store: Path) -> None:
    """For people and for programs, the last parked first."""
    shown = call("alerts", "--parked", "--store", store)
    listed = call("alerts", "--parked", "--store", store, "--format", "json")

    assert (shown.status, listed.status) == (0, 0)
    assert "not told to webhook: https://example.com answered 402" in shown.out
    assert f"not told to webhook: https://example.com answered 402\nalert\n{ROOT[:60]}" in shown.out
    (end,) = (line for line in shown.lines if "redeliver" in line)
    assert end.startswith("  cli.py redeliver")
    assert str(store) in shown.lines[-1]
    assert [(each["sink"], each["id"]) for each in listed.result] == [
        ("webhook", f"{ROOT}#2"),
        ("webhook", f"{ROOT}#1"),
        ("teams", f"{ROOT}#1"),
    ]
    assert listed.result[0]["why"] == "https://example.com answered 402"
    assert listed.result[0]["parked_at"] == "2026-11-20T08:01:02Z"


def left(store: Path) -> list[str]:
    """Return the sinks of what is still parked, the last parked first."""
    still = call("alerts", "--parked", "--store", store, "--format", "json").result
    return [each["sink"] for each in still]


@pytest.mark.parametrize(
    ("arguments", "still"),
    [
        ((), []),
        (("--sink", "webhook"), ["teams"]),
        ((f"{ROOT}#2",), ["webhook", "teams"]),
        ((f" {ROOT.upper()}#1",), ["webhook"]),
        ((f"{ROOT}#1", f"{ROOT}#1", "--sink", "webhook"), ["webhook", "teams"]),
        ((f"{ROOT}#1", f"{ROOT}#2"), []),
    ],
)
def test_what_is_parked_is_put_back(
    store: Path, arguments: tuple[str, ...], still: list[str]
) -> None:
    """All of it, that of one sink, or what is named."""
    ended = call("redeliver", *arguments, "--store", store)

    assert (ended.status, ended.err) == (0, "")
    assert left(store) == still


def test_the_beginning_of_an_id_will_do(tmp_path: Path) -> None:
    """Where it names one alert; the refusal shows the whole ids of several."""
    made = replace(transition(1), id="3f2a9c01b7de"), replace(transition(2), id="3f2a9c555555")
    store = parked_in(tmp_path / "s.db", *made)

    several = call("redeliver", "3F2A9C", "--store", store)
    too_short = call("redeliver", "3f2a9", "--store", store)
    with_another = call("redeliver", "3f2a9c0", "3f2a9c9", "--store", store)
    assert [each.status for each in (several, too_short, with_another)] == [2, 2, 2]
    assert "names 2 alerts; give more of the id: " in several.err
    assert all(each.id in several.err for each in made)
    assert "give its first 6 or more characters" in too_short.err
    assert "3f2a9c9 is not parked" in with_another.err
    assert len(left(store)) == 2

    assert call("redeliver", "3f2a9c0", "--store", store).out.startswith("1 alert is put back")
    assert len(left(store)) == 1


def test_a_sink_for_which_nothing_is_parked_is_told_from_the_others(store: Path) -> None:
    """As where its name is misspelt; once nothing is parked at all, that is said."""
    before = call("redeliver", "--sink", "tems", "--store", store)
    named = call("redeliver", f"{ROOT}#2", "--sink", "teams", "--store", store)
    call("redeliver", "--store", store)
    after = [call("redeliver", *each, "--store", store).out for each in ((), ("--sink", "teams"))]

    said = "Nothing is parked for tems; there is something for teams, webhook.\n"
    assert (before.status, before.out) == (0, said)
    assert named.status == 2
    assert f"{ROOT}#2 is not parked for teams" in named.err
    assert after == ["Nothing is parked.\n", "Nothing is parked for teams.\n"]


def test_more_than_one_run_reads_is_said(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That there may be more, and that another run goes on."""
    monkeypatch.setattr(parked, "MOST", 2)

    shown = call("alerts", "--parked", "--store", store)
    listed = call("alerts", "--parked", "--store", store, "--format", "json")
    other = call("redeliver", "unknown", "--store", store)
    put_back = call("redeliver", "--store", store)

    said = "note: these are the 2 that were parked last; there may be more\n"
    assert (shown.err, listed.err, len(listed.result)) == (said, said, 2)
    assert "unknown is not parked among the 2 parked last" in other.err
    assert "only the 2 that were parked last were looked at; run it again" in put_back.err
    assert left(store) == ["teams"]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--since", "24h"),
        ("--severity", "high"),
        ("--control", "identity.local_auth_disabled"),
        ("--resource", "acct"),
        ("--state", "open"),
        ("--history", ""),
        ("--workspace", "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_what_is_parked_is_shown_whole(option: str, value: str) -> None:
    """A filter is refused, rather than passed over."""
    ended = call("alerts", "--parked", option, *([value] if value else []))

    assert (ended.status, ended.out) == (2, "")
    assert f"it cannot be given with {option}\n" in ended.err


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
