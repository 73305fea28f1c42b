"""`cli.py sweep` looks at everything and says what it could see."""

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.command_line import COMMAND, RUNS, Ended, call, environment, run

pytestmark = pytest.mark.e2e

SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"


@pytest.fixture(name="sweeps", scope="module")
def _sweeps(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, Ended, Path]:
    """Sweep Monday and then, deeply, Tuesday on one store, in JSON."""
    store = tmp_path_factory.mktemp("store") / "compliance.db"
    options = ("--store", store, "--format", "json")
    first = run("sweep", "--estate", RUNS / "monday", *options)
    second = run("sweep", "--estate", RUNS / "tuesday", "--deep", *options)
    return first, second, store


def test_a_first_sweep_tells_all_that_it_found_and_one_digest(
    sweeps: tuple[Ended, Ended, Path],
) -> None:
    """The digest comes last; nothing is attributed, since no event told of it."""
    result = sweeps[0].result
    kinds = [each["kind"] for each in result["alerts"]]

    assert (sweeps[0].status, sweeps[0].err) == (0, "")
    assert list(result) == ["subscriptions", "alerts", "posture"]
    assert Counter(kinds) == {"opened": result["posture"]["fail"], "baseline": 1}
    assert kinds[-1] == "baseline"
    assert {each["actor"] for each in result["alerts"]} == {None}


def test_coverage_is_told_by_subscription(sweeps: tuple[Ended, Ended, Path]) -> None:
    """As many evaluated as seen is complete; the subscription itself is not counted."""
    assert sweeps[0].result["subscriptions"] == [
        {
            "id": SUBSCRIPTION,
            "seen": 2,
            "evaluated": 2,
            "unknown": 0,
            "denied": [],
            "complete": True,
        }
    ]


def test_a_second_sweep_tells_only_what_changed(sweeps: tuple[Ended, Ended, Path]) -> None:
    """Oldest first; the first deep one belongs to the baseline, and has its digest."""
    alerts = sweeps[1].result["alerts"]
    kinds = Counter(each["kind"] for each in alerts)

    assert kinds == {"opened": 1, "resolved": 3, "baseline": 1}
    assert [each["at"] for each in alerts] == sorted(each["at"] for each in alerts)


def test_what_a_first_sweep_found_can_be_asked_for_later(
    sweeps: tuple[Ended, Ended, Path],
) -> None:
    """`alerts` shows what alerted; with --state also what the digest stands for."""
    store = ("--store", sweeps[2], "--format", "json")

    alerted = call("alerts", *store).result
    is_open = call("alerts", "--state", "open", *store).result

    assert [each["kind"] for each in alerted][-1] == "baseline"
    assert len(alerted) == 5
    assert len(is_open) == sweeps[1].result["posture"]["fail"]


def test_the_table_tells_the_same(tmp_path: Path) -> None:
    """Alerts, coverage, posture and what comes next."""
    ended = call("sweep", "--estate", RUNS / "monday", "--deep", "--store", tmp_path / "s.db")

    order = ["BASELINE", f"Subscription {SUBSCRIPTION}", "2 roots seen", "Posture", "Next: "]
    assert ended.status == 0
    assert max(map(len, ended.lines)) <= 80
    assert sorted(order, key=ended.out.index) == order


def test_an_account_that_only_its_deployment_names_is_told_as_unreadable(tmp_path: Path) -> None:
    """Partial coverage does not look like full."""
    document = (RUNS / "monday/deployments.json").read_bytes()
    (tmp_path / "deployments.json").write_bytes(document)

    ended = call("sweep", "--estate", tmp_path, "--format", "json")

    assert [(each["unknown"], each["complete"]) for each in ended.result["subscriptions"]] == [
        (1, True)
    ]


def test_an_estate_without_anything_of_ours_is_said(tmp_path: Path) -> None:
    """The result is empty, and that is told."""
    (tmp_path / "none.json").write_text("[]", encoding="utf-8")

    ended = call("sweep", "--estate", tmp_path, "--format", "json")

    assert (ended.status, ended.result["subscriptions"]) == (0, [])
    assert "nothing to look at" in ended.err


@pytest.mark.parametrize("form", ["table", "json"])
def test_alerts_that_could_not_be_printed_are_printed_the_next_time(
    tmp_path: Path, form: str
) -> None:
    """They count as told when they are written, not before."""
    arguments = ("sweep", "--estate", RUNS / "monday", "--store", tmp_path / "s.db", "--format")
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [*COMMAND, *map(str, arguments), form],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    assert (ended.returncode, ended.stderr.count(b"\n")) == (2, 1)

    again = run(*arguments, "json")

    assert [each["kind"] for each in again.result["alerts"]] == ["baseline"]
    assert run(*arguments, "json").result["alerts"] == []


@pytest.mark.parametrize("command", ["sweep", "replay"])
def test_an_estate_that_is_empty_all_at_once_resolves_nothing(tmp_path: Path, command: str) -> None:
    """A share that is not mounted is unusable input, not a deleted estate."""
    store, events = ("--store", tmp_path / "s.db"), [RUNS / "tuesday.jsonl"] * (command == "replay")
    (tmp_path / "share").mkdir()
    before = run("sweep", "--estate", RUNS / "monday", *store, "--format", "json").result

    ended = run(command, *events, "--estate", tmp_path / "share", *store, "--format", "json")

    assert (ended.status, ended.out) == (2, "")
    assert ended.err == (
        f"error: the estate {tmp_path}/share holds no .json files; is it mounted?\n"
    )
    found = run("alerts", "--state", "open", *store, "--format", "json").result
    assert len(found) == before["posture"]["fail"]


def test_an_estate_with_a_broken_file_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    """The file is named, and the status is 2."""
    for file in (RUNS / "monday").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")

    ended = call("sweep", "--estate", tmp_path, "--format", "json")

    assert ended.status == 2
    assert ended.result["posture"]["fail"] > 0
    assert ended.err.startswith(f"error: {tmp_path}/broken.json: no valid JSON")


def test_what_a_plain_sweep_leaves_to_a_deep_one_is_said() -> None:
    """In the help, and as a hint at its end."""
    told = "--deep also reads what is read once a day (perimeters, managed networks,"

    plain = call("sweep", "--estate", RUNS / "monday")
    deep = call("sweep", "--estate", RUNS / "monday", "--deep")

    assert told in plain.out
    assert "--deep" not in deep.out
    assert "Without --deep it reads the core" in call("sweep", "--help").out
