"""`acknowledge`, `snooze`, `unsnooze` and `remind`: what people do about what is open."""

import asyncio
import getpass
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.system_clock import SystemClock
from shared.domain.finding import Finding, finding_uid
from tests.e2e.command_line import ACCOUNT, COMMAND, ROOT, RUNS, Ended, call, environment, run
from tests.records import CONTROL, GROUP, commit
from tests.records import finding as made_finding

pytestmark = pytest.mark.e2e

OPEN = "identity.local_auth_disabled"
RESOLVED = "deployment_type.sku_allowed"
UID = finding_uid(OPEN, ACCOUNT)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Path:
    """Remember Monday and Tuesday."""
    store = tmp_path / "compliance.db"
    for events, day in (("monday.json", "monday"), ("tuesday.jsonl", "tuesday")):
        call("replay", RUNS / events, "--estate", RUNS / day, "--store", store)
    return store


def history(store: Path) -> list[dict[str, Any]]:
    """Return the history of the open finding, newest first."""
    ended = call(
        *("alerts", "--store", store, "--since", "all", "--history"),
        *("--control", OPEN, "--format", "json"),
    )
    assert ended.status == 0
    return list(ended.result)


def refused(ended: Ended) -> str:
    """Return what a command says that it refuses: status 2, one line, no result."""
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert "Traceback" not in ended.err
    return ended.err


def test_acknowledging_is_recorded_with_its_author(store: Path) -> None:
    """By default the user of this machine; it is in the history, and no alert."""
    ended = run("acknowledge", UID[:12], "--reason", "waiting", "--store", store)

    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith(f"ACKNOWLEDGED  high  {OPEN}\n")
    assert f"Acknowledged by {getpass.getuser()}: waiting" in ended.out
    newest = history(store)[0]
    assert (newest["kind"], newest["finding"], newest["author"]) == (
        "acknowledged",
        UID,
        getpass.getuser(),
    )
    alerts = call("alerts", "--store", store, "--format", "json", "--since", "all").result
    assert "acknowledged" not in {each["kind"] for each in alerts}


def test_a_finding_is_also_named_by_control_and_resource(store: Path) -> None:
    """In any case, as JSON; and by the id of one of its alerts."""
    named = ("--control", OPEN, "--resource", ACCOUNT.upper())
    by_both = call(
        *("acknowledge", *named, "--by", "mara", "--reason", "a", "--format", "json"),
        *("--store", store),
    )
    (recorded,) = by_both.result
    assert recorded["acknowledged"]["by"] == "mara"

    alert = history(store)[-1]["id"]
    by_alert = call("acknowledge", alert, "--by", "jo", "--reason", "b", "--store", store)
    assert by_alert.status == 0
    assert history(store)[0]["author"] == "jo"


def test_several_findings_are_acknowledged_at_once(store: Path) -> None:
    """Each once, however often it is named; what is so already is said and no fault."""
    medium = finding_uid("content_logging.stored_completions_off", ACCOUNT)

    first = call("acknowledge", UID, medium[:8], UID[:9], "--reason", "a", "--store", store)
    second = call("acknowledge", UID, "--reason", "a", "--store", store)

    assert first.out.endswith("2 recorded.\n")
    assert (second.status, second.out) == (0, "0 recorded.\n")
    assert second.err.startswith("note: nothing to change about")


def test_a_snooze_has_an_end(store: Path) -> None:
    """So long from now, or a time; unsnooze ends it before."""
    ended = call("snooze", UID, "--until", "3d", "--reason", "w", "--by", "mara", "--store", store)
    assert ended.status == 0
    until = datetime.fromisoformat(history(store)[0]["snoozed"]["until"])
    assert timedelta(days=3) - (until - datetime.now(UTC)) < timedelta(minutes=2)

    friday = (datetime.now(UTC) + timedelta(days=5)).replace(microsecond=0)
    call("snooze", UID, "--until", friday.isoformat(), "--reason", "w", "--store", store)
    assert datetime.fromisoformat(history(store)[0]["snoozed"]["until"]) == friday

    over = call("unsnooze", UID, "--reason", "no window", "--by", "jo", "--store", store)
    assert over.out.startswith("SNOOZE ENDED")
    newest = history(store)[0]
    assert (newest["kind"], newest["author"]) == ("snooze_ended", "jo")
    again = call("unsnooze", UID, "--reason", "no window", "--store", store)
    assert (again.status, again.out) == (0, "0 recorded.\n")


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2020-01-01", "a snooze cannot end in the past"),
        ("0d", "a snooze cannot end in the past"),
        ("15d", "at most 14 days"),
        ("999999999w", "is no time"),
        ("2999-01-01", "at most 14 days"),
        ("never", "is no time"),
        ("", "is no time"),
    ],
)
def test_a_snooze_that_has_no_end_soon_is_refused(store: Path, until: str, said: str) -> None:
    """With what would do; nothing is recorded."""
    before = history(store)

    ended = run("snooze", UID, "--until", until, "--reason", "w", "--store", store)

    assert said in refused(ended)
    assert history(store) == before


def test_how_long_a_snooze_lasts_is_a_setting(store: Path) -> None:
    """And one that cannot be used is named."""
    arguments = ("snooze", UID, "--until", "2d", "--reason", "w", "--store", store)

    shorter = run(*arguments, COMPLIANCE_LONGEST_SNOOZE_DAYS="1")
    forever = run(*arguments, COMPLIANCE_LONGEST_SNOOZE_DAYS="36500")

    assert "at most 1 days" in refused(shorter)
    assert "COMPLIANCE_LONGEST_SNOOZE_DAYS" in refused(forever)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name findings by their ids"),
        ([UID, "--control", OPEN, "--resource", ACCOUNT], "name findings by their ids"),
        (["--control", OPEN], "name findings by their ids"),
        (["--resource", ACCOUNT], "name findings by their ids"),
        (["0" * 32], "names no open finding"),
        (["abc"], "is no id of a finding"),
        (["not-hexadecimal"], "is no id of a finding"),
        (["f" * 33], "is no id of a finding"),
        ([""], "is no id of a finding"),
        ([UID, "0" * 12], "names no open finding"),
        (["--control", OPEN, "--resource", "/nowhere"], "is no resource id"),
        (["--control", "no.such", "--resource", ACCOUNT], "it is unknown"),
        (
            ["--control", RESOLVED, "--resource", f"{ACCOUNT}/deployments/gpt-support"],
            "it is resolved",
        ),
        ([finding_uid(RESOLVED, f"{ACCOUNT}/deployments/gpt-support")], "names no open finding"),
        ([UID, "--by", " "], "an author is wanted"),
        ([UID, "--by", "x" * 201], "at most 200 characters"),
        ([UID, "--reason", ""], "a reason is wanted"),
        ([UID, "--reason", "x" * 1001], "at most 1000 characters"),
    ],
)
@pytest.mark.parametrize("command", [["acknowledge"], ["snooze", "--until", "1d"], ["unsnooze"]])
def test_what_names_no_open_finding_is_refused(
    store: Path, command: list[str], arguments: list[str], said: str
) -> None:
    """Of several, none is changed; the line says what is wrong."""
    before = history(store)

    ended = call(*command, "--reason", "why", *arguments, "--store", store)

    assert said in refused(ended)
    assert history(store) == before


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["acknowledge", UID], "--reason"),
        (["unsnooze", UID], "--reason"),
        (["snooze", UID, "--until", "1d"], "--reason"),
        (["snooze", UID, "--reason", "a"], "--until"),
    ],
)
def test_what_is_mandatory_is_asked_for(store: Path, arguments: list[str], missing: str) -> None:
    """A reason always, and the end of a snooze."""
    assert missing in refused(run(*arguments, "--store", store))


def test_digits_that_name_several_findings_are_not_enough(tmp_path: Path) -> None:
    """The refusal shows whole ids, so that the right one can be chosen."""
    store = tmp_path / "many.db"
    found: dict[str, Finding] = {}
    number = 0
    # A million ids to choose six digits from: two begin alike soon.
    while True:
        each = made_finding(f"{GROUP}/Microsoft.CognitiveServices/accounts/a{number}")
        alike = found.setdefault(each.uid[:6], each)
        if alike is not each:
            break
        number += 1
    _remember(store, alike, each)

    said = refused(call("acknowledge", each.uid[:6], "--reason", "why", "--store", store))

    assert "names 2 findings; give more digits" in said
    assert alike.uid in said
    assert call("acknowledge", each.uid, "--reason", "why", "--store", store).status == 0


def _remember(store: Path, *findings: Finding) -> None:
    """Make a store with findings that are open for two days."""

    async def fill() -> None:
        database = Database(store)
        clock = SystemClock()
        made = SqliteFindingStore(database, clock)
        opened = clock.now() - timedelta(days=2)
        for each in findings:
            root = each.resource_id.lower()
            await made.commit(commit(root=root, findings=[replace(each, opened_at=opened)]))
        database.close()

    asyncio.run(fill())


@pytest.mark.parametrize(
    "command",
    [
        ["acknowledge", UID, "--reason", "a"],
        ["snooze", UID, "--until", "1d", "--reason", "a"],
        ["unsnooze", UID, "--reason", "a"],
        ["remind"],
        ["card", UID],
    ],
    ids=lambda each: each[0],
)
def test_a_store_that_is_none_is_said_and_left_alone(tmp_path: Path, command: list[str]) -> None:
    """Missing, empty, or another program's: nothing is made or written."""
    missing, empty, other = (tmp_path / each for each in ("missing.db", "empty.db", "other.db"))
    empty.touch()
    other.write_bytes(b"not a database, but long enough for a header" * 9)
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}

    said = [refused(call(*command, "--store", each)) for each in (missing, empty, other)]

    assert "there is no store" in said[0]
    assert "it is empty" in said[1]
    assert "not a database" in said[2]
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    "command",
    [("acknowledge", UID, "--reason", "a"), ("remind",), ("redeliver",), ("alerts", "--parked")],
    ids=lambda each: each[0],
)
def test_a_command_on_a_file_waits_for_no_library_of_azure(
    store: Path, command: tuple[str, ...]
) -> None:
    """They would cost each start more than all else."""
    code = (
        "import sys, cli; from shared.adapters.terminal.run import run; status = run(cli.app);"
        " sys.exit(status or sorted({'azure', 'aiohttp'} & sys.modules.keys()) or 0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *command, "--store", str(store)],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize("command", ["acknowledge", "snooze", "unsnooze", "remind", "redeliver"])
def test_the_help_teaches_the_deployed_monitor(command: str) -> None:
    """With an example, and the role that it takes."""
    said = call(command, "--help").out

    assert f"cli.py {command}" in said
    assert any(f"cli.py {command}" in line and "--deployed" in line for line in said.splitlines())
    assert "Storage Table Data Contributor" in " ".join(said.split())


# --- reminders ---


def test_reminders_are_told_when_they_are_due(tmp_path: Path) -> None:
    """In words and as JSON; once, and escalated where that is set."""
    store = tmp_path / "compliance.db"
    _remember(store, made_finding())

    first = run("remind", "--store", store, COMPLIANCE_ESCALATE_TO="teams:oncall")
    second = run("remind", "--store", store, "--format", "json")

    assert first.out == "1 open: 1 reminded (1 escalated), 0 snoozes ended.\n"
    assert second.result == {
        "open": 1,
        "reminders": 0,
        "escalated": 0,
        "snoozes_ended": 0,
        "left": 0,
    }
    (told,) = call("alerts", "--store", store, "--format", "json").result
    assert (told["kind"], told["control"]) == ("reminder", CONTROL)
    assert told["escalated_to"] == ["teams:oncall"]
    assert "escalated to teams:oncall" in call("alerts", "--store", store).out


@pytest.mark.parametrize(
    ("hours", "count"), [("47", 1), ("49", 0), ("0", 0)], ids=["over", "not yet", "never"]
)
def test_service_levels_are_settings(tmp_path: Path, hours: str, count: int) -> None:
    """Of one severity; the others stay as they are."""
    store = tmp_path / "compliance.db"
    _remember(store, made_finding())

    ended = run(
        *("remind", "--store", store, "--format", "json"),
        COMPLIANCE_REMIND_AFTER_HOURS__HIGH=hours,
    )

    assert ended.result["reminders"] == count


@pytest.mark.parametrize("hours", ["-1", "soon", "inf", "nan", "99999999"])
def test_a_service_level_that_is_none_is_named(tmp_path: Path, hours: str) -> None:
    """Before anything is told."""
    store = tmp_path / "compliance.db"
    _remember(store, made_finding())

    ended = run("remind", "--store", store, COMPLIANCE_REMIND_AFTER_HOURS__HIGH=hours)

    assert "COMPLIANCE_REMIND_AFTER_HOURS__HIGH" in refused(ended)
    assert call("alerts", "--store", store, "--format", "json").result == []


def test_processes_that_remind_at_once_tell_once(tmp_path: Path) -> None:
    """Three of them on forty findings."""
    store = tmp_path / "compliance.db"
    group = f"{GROUP}/Microsoft.CognitiveServices/accounts"
    _remember(store, *(made_finding(f"{group}/n{each}") for each in range(40)))

    command = [*COMMAND, "remind", "--store", str(store), "--format", "json"]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) for _ in range(3)
    ]
    ended = [each.communicate(timeout=60) for each in started]

    assert [each.returncode for each in started] == [0, 0, 0], ended
    told = call("alerts", "--store", store, "--format", "json").result
    assert len(told) == len({each["finding"] for each in told}) == 40
