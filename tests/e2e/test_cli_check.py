"""`cli.py check` judges files as a person or a pipeline hands them over."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.command_line import ACCOUNT, COMMAND, RUNS, Ended, call, environment, run

pytestmark = pytest.mark.e2e

MONDAY = RUNS / "monday"


@pytest.fixture(name="monday", scope="module")
def _monday() -> Ended:
    """Judge the estate of Monday, in JSON."""
    return run("check", MONDAY, "--format", "json")


def test_a_folder_is_judged_whole(monday: Ended) -> None:
    """Status 1, every evaluation with every key, and a summary that adds up.

    Its preview features stand for the subscription, which is judged too.
    """
    evaluations, summary = monday.result["evaluations"], monday.result["summary"]

    assert (monday.status, monday.err) == (1, "")
    assert {tuple(each) for each in evaluations} == {
        (
            "control",
            "resource_id",
            "resource_type",
            "verdict",
            "cause",
            "severity",
            "message",
            "evidence",
            "remediation",
            "exemption",
        )
    }
    assert summary["resources"] == 5
    verdicts = ("pass", "fail", "unknown", "not_applicable")
    assert {name: summary[name] for name in verdicts} == {
        name: sum(each["verdict"] == name for each in evaluations) for name in verdicts
    }


def test_resources_in_one_call_see_each_other(monday: Ended) -> None:
    """The location of a deployment is that of its account, which is in another file."""
    failing = {
        (each["control"], each["resource_id"])
        for each in monday.result["evaluations"]
        if each["verdict"] == "fail"
    }

    assert {
        ("deployment_type.processing_location_allowed", f"{ACCOUNT}/deployments/gpt-support"),
        ("deployment_type.sku_allowed", f"{ACCOUNT}/deployments/gpt-support"),
    } <= failing


def test_a_deployment_alone_is_unknown_where_its_account_decides() -> None:
    """What is not in the input is not made up, and what is unknown does not fail."""
    document = json.loads((MONDAY / "deployments.json").read_text("utf-8"))
    data_zone = json.dumps(document["value"][1]).encode()

    ended = call("check", "-", "--format", "json", stdin=data_zone)

    by_control = {each["control"]: each for each in ended.result["evaluations"]}
    unknown = by_control["deployment_type.processing_location_allowed"]
    assert ended.status == 0
    assert (unknown["verdict"], unknown["cause"]) == ("unknown", "undetermined")


def test_more_can_be_logged_before_and_behind_the_command(monday: Ended) -> None:
    """The result stays the same."""
    ended = run("-v", "check", MONDAY, "--verbose", "--format", "json")

    assert (ended.status, ended.out) == (monday.status, monday.out)


def test_the_table_fits_80_columns_and_ends_with_a_summary(monday: Ended) -> None:
    """Only ids within commands, which must stay whole, are longer."""
    ended = run("check", MONDAY)
    summary = monday.result["summary"]

    assert ended.status == 1
    assert all(len(line) <= 80 or "/providers/" in line for line in ended.lines)
    assert f"5 resources judged: {summary['fail']} failing" in ended.out
    assert ended.lines[-1] == "`cli.py controls ID` explains a control."
    assert "\x1b" not in ended.out


@pytest.mark.parametrize(
    ("options", "status"), [(["--fail-on", "critical"], 0), (["--fail-on", "HIGH"], 1), ([], 1)]
)
def test_the_severity_that_fails_can_be_chosen(options: list[str], status: int) -> None:
    """High when nothing is said."""
    assert call("check", MONDAY, *options).status == status


def test_standard_input_and_files_go_together() -> None:
    """A dash stands for what is piped in."""
    account = (MONDAY / "account.json").read_bytes()

    ended = run("check", "-", MONDAY / "deployments.json", "--format", "json", stdin=account)

    assert ended.result["summary"]["resources"] == 3


def test_a_resource_given_twice_is_noted() -> None:
    """The last one counts."""
    ended = call(
        "check", MONDAY / "account.json", RUNS / "tuesday/account.json", "--format", "json"
    )

    found = {each["control"]: each["verdict"] for each in ended.result["evaluations"]}
    assert found["identity.local_auth_disabled"] == "fail"
    assert ended.err == f"note: given twice, the last one counts: {ACCOUNT}\n"


MEASURED = """
import atexit, re, runpy, sys
def tell():
    found = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())
    sys.stderr.write(f"peak {found[1]}\\n")
atexit.register(tell)
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak there")
def test_ten_thousand_files_fit_into_little_memory(tmp_path: Path) -> None:
    """The result is written while it is made."""
    deployment = json.loads((MONDAY / "deployments.json").read_text("utf-8"))["value"][0]
    for number in range(10_000):
        body = deployment | {"id": f"{ACCOUNT}{number // 50}/deployments/d{number}"}
        (tmp_path / f"{number}.json").write_text(json.dumps(body), encoding="utf-8")
    with (tmp_path / "result").open("wb") as result:
        ended = subprocess.run(
            [sys.executable, "-c", MEASURED, COMMAND[1], "check", tmp_path, "--format", "json"],
            stdout=result,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    peak = re.fullmatch(rb"peak (\d+)\n", ended.stderr)

    assert ended.returncode == 1
    assert (tmp_path / "result").stat().st_size > 10_000_000
    assert peak is not None
    assert int(peak[1]) < 200 * 1024
