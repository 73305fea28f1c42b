"""`cli.py replay` puts recorded events through the whole pipeline."""

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.command_line import ACCOUNT, COMMAND, RUNS, Ended, call, environment, run

pytestmark = pytest.mark.e2e

MONDAY = (RUNS / "monday.json", "--estate", RUNS / "monday")
TUESDAY = (RUNS / "tuesday.jsonl", "--estate", RUNS / "tuesday")


@pytest.fixture(name="two_days", scope="module")
def _two_days(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, Ended, Ended]:
    """Replay Monday and Tuesday on one store, in JSON, and then Tuesday again."""
    store = tmp_path_factory.mktemp("store") / "compliance.db"
    one, two, three = (
        run("replay", *day, "--store", store, "--format", "json")
        for day in (MONDAY, TUESDAY, TUESDAY)
    )
    return one, two, three


def test_every_event_is_accounted_for(two_days: tuple[Ended, ...]) -> None:
    """Received is changes, ignored and malformed together; malformed ones are no failure."""
    result = two_days[0].result

    assert (two_days[0].status, two_days[0].err) == (0, "")
    assert list(result) == [
        "received",
        "changes",
        "ignored",
        "malformed",
        "looks",
        "alerts",
        "posture",
    ]
    assert (result["received"], result["changes"], result["ignored"]) == (6, 4, 1)
    assert [each["index"] for each in result["malformed"]] == [4]
    assert all(each["reason"] for each in result["malformed"])
    assert result["looks"] == len(["account", "workspace", "subscription of a new account"])


def test_what_goes_wrong_alerts_once_with_its_actor(two_days: tuple[Ended, ...]) -> None:
    """Who made the change is told, and when."""
    opened = {(each["control"], each["resource_id"]): each for each in two_days[0].result["alerts"]}
    alert = opened["deployment_type.sku_allowed", f"{ACCOUNT}/deployments/gpt-support"]

    assert {each["kind"] for each in opened.values()} == {"opened"}
    assert len(opened) == two_days[0].result["posture"]["fail"] == len(two_days[0].result["alerts"])
    assert alert["actor"] == "mara@contoso.example"
    assert alert["occurred_at"] == "2026-11-16T08:01:00Z"
    assert alert["at"].endswith("Z")


def test_the_same_store_goes_on_where_the_last_run_ended(two_days: tuple[Ended, ...]) -> None:
    """On Tuesday some things are mended and one goes wrong; told again, nothing is new."""
    _, second, third = two_days
    kinds = Counter((each["kind"], each["reason"]) for each in second.result["alerts"])

    assert kinds == {("opened", None): 1, ("resolved", "fixed"): 3}
    assert third.result["alerts"] == []
    assert third.result["posture"] == second.result["posture"]


def test_the_table_tells_the_run_as_it_goes(tmp_path: Path) -> None:
    """Alerts first, then the counts, why events were dropped, the posture and what comes next."""
    ended = run("replay", *MONDAY, "--store", tmp_path / "new/folder/compliance.db")

    assert (ended.status, ended.err) == (0, "")
    assert max(map(len, ended.lines)) <= 80
    order = [
        "by mara@contoso.example",
        "OPENED  high  deployment_type.sku_allowed",
        "6 events received: 4 changes, 1 ignored, 1 malformed.",
        "ignored    another resource provider: 1",
        "malformed  #4: ",
        "Posture",
        "Next: ",
    ]
    assert sorted(order, key=ended.out.index) == order


def test_without_a_store_nothing_is_kept(tmp_path: Path) -> None:
    """The temporary store is gone at the end."""
    ended = run("replay", *MONDAY, "--format", "json", TMPDIR=str(tmp_path))

    assert ended.result["alerts"]
    assert list(tmp_path.iterdir()) == []


def test_several_files_and_standard_input_are_one_run() -> None:
    """Positions of malformed events count over all of them."""
    events = (RUNS / "monday.json").read_bytes()
    names = ("-", RUNS / "tuesday.jsonl", RUNS / "monday.json")

    ended = call("replay", *names, "--estate", RUNS / "monday", "--format", "json", stdin=events)

    assert ended.status == 0
    assert ended.result["received"] == 16
    assert [each["index"] for each in ended.result["malformed"]] == [4, 14]


def test_more_events_than_a_batch_are_worked_off_batch_by_batch(tmp_path: Path) -> None:
    """A thousand at a time; positions go on counting.

    The look at the subscription follows the first at the account and is not repeated.
    """
    event = json.loads((RUNS / "monday.json").read_text("utf-8"))[1]
    lines = [json.dumps(event)] * 2500 + ["broken", json.dumps(event)]
    events = tmp_path / "events.jsonl"
    events.write_text("\n".join(lines), encoding="utf-8")

    ended = call("replay", events, "--estate", RUNS / "monday", "--format", "json")

    assert (ended.result["received"], ended.result["looks"]) == (2502, 3 + 1)
    assert [each["index"] for each in ended.result["malformed"]] == [2500]


def test_a_missing_file_is_status_2_after_the_others_were_replayed(tmp_path: Path) -> None:
    """The error is on standard error, the result whole."""
    ended = call("replay", tmp_path / "none.json", *MONDAY, "--format", "json")

    assert ended.status == 2
    assert ended.result["received"] == 6
    assert ended.err.startswith(f"error: {tmp_path}/none.json: cannot be read: No such file")


def test_an_estate_with_a_broken_file_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    """The file is named, what is usable is judged, and the status is 2."""
    for file in (RUNS / "monday").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    machine = {"id": ACCOUNT.rpartition("/providers")[0] + "/providers/Microsoft.Compute/disks/d"}
    (tmp_path / "disk.json").write_text(json.dumps(machine), encoding="utf-8")

    ended = call("replay", RUNS / "monday.json", "--estate", tmp_path, "--format", "json")

    assert ended.status == 2
    assert ended.result["looks"] == 3
    broken, other = ended.err.splitlines()
    assert broken.startswith(f"error: {tmp_path}/broken.json: no valid JSON")
    assert other.startswith("note: not of the estate: ")
    assert "no control judges Microsoft.Compute/disks" in other


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize("lost", ["disk full", "reader gone"])
def test_alerts_that_could_not_be_printed_are_printed_the_next_time(
    tmp_path: Path, form: str, lost: str
) -> None:
    """They count as told when they are written, not before."""
    arguments = ("replay", *MONDAY, "--store", tmp_path / "s.db", "--format")
    with Path("/dev/full").open("wb") as full:
        process = subprocess.Popen(
            [*COMMAND, *map(str, arguments), form],
            stdout=full if lost == "disk full" else subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        if process.stdout is not None:
            process.stdout.close()
        assert process.wait(60) == (2 if lost == "disk full" else 141)

    again = run(*arguments, "json")

    assert again.status == 0
    assert len(again.result["alerts"]) == again.result["posture"]["fail"] > 0


def test_two_replays_at_once_print_each_alert_once(tmp_path: Path) -> None:
    """One tells at a time; the other goes on with what is left."""
    arguments = ("replay", *MONDAY, "--store", tmp_path / "s.db", "--format", "json")
    started = [
        subprocess.Popen([*COMMAND, *map(str, arguments)], stdout=subprocess.PIPE) for _ in range(3)
    ]
    told = [json.loads(each.communicate(timeout=60)[0])["alerts"] for each in started]
    ids = Counter(alert["id"] for alerts in told for alert in alerts)

    assert [each.returncode for each in started] == [0] * 3
    assert set(ids.values()) == {1}
    assert len(ids) == run(*arguments).result["posture"]["fail"]
