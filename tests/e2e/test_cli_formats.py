"""`--format sarif` and `--format ocsf` of `check` and `alerts`: for the tools of others."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests import ocsf_class, sarif_schema
from tests.e2e.command_line import RUNS, Ended, call, run

pytestmark = pytest.mark.e2e

MONDAY = RUNS / "monday"
FORMATS = ("table", "json", "sarif", "ocsf")


def sarif(ended: Ended) -> dict[str, Any]:
    """Return the run of a log that was printed; the log is valid."""
    assert sarif_schema.problems(ended.result) == []
    return dict(ended.result["runs"][0])


def ocsf(ended: Ended) -> list[dict[str, Any]]:
    """Return the events that were printed; each holds to the rules of its class."""
    assert [problem for each in ended.result for problem in ocsf_class.problems(each)] == []
    return list(ended.result)


@pytest.fixture(name="store", scope="module")
def _store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Remember Monday and Tuesday."""
    store = tmp_path_factory.mktemp("store") / "compliance.db"
    for events, day in (("monday.json", "monday"), ("tuesday.jsonl", "tuesday")):
        call("replay", RUNS / events, "--estate", RUNS / day, "--store", store)
    return store


# --- check ---


def test_check_prints_what_fails_or_is_unknown_as_sarif() -> None:
    """The same in number as in JSON, every control as a rule, from a process of its own."""
    told = Counter(
        each["verdict"] for each in call("check", MONDAY, "--format", "json").result["evaluations"]
    )
    ended = run("check", MONDAY, "--format", "SARIF")
    printed = sarif(ended)

    assert (ended.status, ended.err) == (1, "")
    kinds = Counter(result["kind"] for result in printed["results"])
    assert kinds == {"fail": told["fail"], "open": told["unknown"]}
    assert len(printed["tool"]["driver"]["rules"]) >= 44
    assert printed["invocations"][0]["executionSuccessful"] is True
    assert not any("suppressions" in result for result in printed["results"])


def test_check_prints_what_controls_say_as_ocsf() -> None:
    """An array of events, one a line; what does not concern a resource is left out."""
    told = Counter(
        each["verdict"] for each in call("check", MONDAY, "--format", "json").result["evaluations"]
    )
    ended = run("check", MONDAY, "--format", "ocsf")
    printed = ocsf(ended)

    assert (ended.status, ended.err) == (1, "")
    assert len(ended.lines) == len(printed) + 2
    assert Counter(each["compliance"]["status"] for each in printed) == {
        "Pass": told["pass"],
        "Fail": told["fail"],
        "Warning": told["unknown"],
    }


def test_two_runs_tell_of_the_same_findings() -> None:
    """Fingerprints are stable, and the same in both formats."""
    first, again = (sarif(call("check", MONDAY, "--format", "sarif")) for _ in range(2))
    events = ocsf(call("check", MONDAY, "--format", "ocsf"))
    uids = [result["fingerprints"]["finding/v1"] for result in first["results"]]

    assert first == again
    assert len(set(uids)) == len(uids)
    assert set(uids) == {
        each["finding_info"]["uid"] for each in events if each["compliance"]["status"] != "Pass"
    }


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("fail_on", ["high", "critical"])
def test_the_status_is_the_same_in_every_format(output: str, fail_on: str) -> None:
    """A pipeline can change the format and nothing else."""
    expected = call("check", MONDAY, "--fail-on", fail_on).status

    assert call("check", MONDAY, "--fail-on", fail_on, "--format", output).status == expected


def test_an_empty_input_is_an_empty_result() -> None:
    """Valid in both formats; nothing found is no failure, and is said."""
    logged = call("check", "-", "--format", "sarif", stdin=b"[]")
    told = call("check", "-", "--format", "ocsf", stdin=b"[]")

    assert (logged.status, sarif(logged)["results"]) == (0, [])
    assert (told.status, ocsf(told)) == (0, [])
    assert logged.err == told.err
    assert "nothing was judged" in told.err


def test_a_broken_file_is_in_the_log_and_the_rest_is_judged(tmp_path: Path) -> None:
    """Status 2, and whoever reads only the log sees that it is not of all."""
    broken = tmp_path / "broken.json"
    broken.write_text('{"id": ', "utf-8")
    ended = call("check", MONDAY, broken, "--format", "sarif")
    printed = sarif(ended)
    told = call("check", MONDAY, broken, "--format", "ocsf")

    assert ended.status == told.status == 2
    assert printed["invocations"][0]["executionSuccessful"] is False
    (notice,) = printed["invocations"][0]["toolExecutionNotifications"]
    assert notice["level"] == "error"
    assert "broken.json" in notice["message"]["text"]
    assert printed["results"]
    assert ocsf(told)


@pytest.mark.parametrize("output", ["sarif", "ocsf"])
def test_a_name_cannot_break_out_of_the_output(output: str) -> None:
    """ASCII only, whatever stands in the input."""
    account = (
        b'{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices'
        b'/accounts/a\xe2\x80\xae](x)", "kind": "OpenAI", "properties": {"publicNetworkAccess":'
        b' "\\u001b[31m {0}"}}'
    )
    ended = call("check", "-", "--format", output, stdin=account)

    assert ended.out.isascii()
    assert "\x1b" not in ended.out
    printed = sarif(ended)["results"] if output == "sarif" else ocsf(ended)
    assert any("[31m" in str(each["message"]) for each in printed)


# --- alerts ---


def test_alerts_are_events_newest_first(store: Path) -> None:
    """One for each alert, with the alert's own id."""
    told = call("alerts", "--store", store, "--format", "json").result
    ended = call("alerts", "--store", store, "--format", "ocsf")
    printed = ocsf(ended)

    assert (ended.status, ended.err) == (0, "")
    assert [each["metadata"]["uid"] for each in printed] == [each["id"] for each in told]
    assert [each["metadata"]["event_code"] for each in printed] == [each["kind"] for each in told]
    assert {each["activity_name"] for each in printed} == {"Create", "Close"}


def test_alerts_as_sarif_are_findings_as_they_are_now(store: Path) -> None:
    """The newest alert of each finding; one that was resolved does not fail."""
    told = call("alerts", "--store", store, "--format", "json").result
    newest = {(each["control"], each["resource_id"]): each for each in reversed(told)}
    ended = call("alerts", "--store", store, "--format", "sarif")
    results = sarif(ended)["results"]

    assert (ended.status, ended.err) == (0, "")
    assert {each["properties"]["id"] for each in results} == {
        each["id"] for each in newest.values()
    }
    assert len(results) == len(newest)
    assert all(
        (each["kind"] == "fail") == (each["properties"]["alert"] != "resolved") for each in results
    )


def test_filters_hold_in_every_format(store: Path) -> None:
    """None found is an empty result."""
    options = ("alerts", "--store", store, "--severity", "low", "--format")

    assert ocsf(call(*options, "ocsf")) == []
    assert sarif(call(*options, "sarif"))["results"] == []


def test_a_baseline_is_an_event_and_no_result(tmp_path: Path) -> None:
    """It is of no control: a log has it as a notification."""
    store = tmp_path / "compliance.db"
    call("sweep", "--estate", MONDAY, "--store", store)

    printed = sarif(call("alerts", "--store", store, "--format", "sarif"))
    events = ocsf(call("alerts", "--store", store, "--format", "ocsf"))

    texts = [
        each["message"]["text"] for each in printed["invocations"][0]["toolExecutionNotifications"]
    ]
    assert any(text.startswith("First sweep of the subscription") for text in texts)
    assert "baseline" in {each["metadata"]["event_code"] for each in events}


# --- elsewhere ---


@pytest.mark.parametrize("command", [("controls",), ("doctor",)])
def test_what_is_of_no_finding_has_not_these_formats(command: tuple[str, ...]) -> None:
    """The option's help says which there are."""
    ended = call(*command, "--format", "sarif")

    assert ended.status == 2
    assert "none of table, json" in ended.err
    assert "table|json|sarif|ocsf" in call("check", "--help").out
