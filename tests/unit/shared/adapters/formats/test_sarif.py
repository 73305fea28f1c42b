"""Evaluations and alerts are valid SARIF, whatever they tell, and code scanning can use them."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given

from monitors import load_catalogue
from shared.adapters.formats.controls import known_controls
from shared.adapters.formats.sarif import SCHEMA, Notice, run_members
from shared.adapters.formats.sarif_results import result_of_alert, result_of_evaluation
from shared.adapters.formats.sarif_rules import Rules
from shared.domain.finding import ResolvedReason, Transition, TransitionKind
from shared.domain.resource_id import ResourceId
from shared.domain.verdict import Cause, Judgement, Severity, failed, not_applicable, passed
from shared.domain.verdict import unknown as undetermined
from shared.pipeline.evaluate import Observation
from tests import arm
from tests.sarif_schema import problems
from tests.unit.shared.adapters.formats.drawn import alerts, observations
from tests.unit.shared.adapters.terminal.samples import RECORDED, monitor, transition

MONITOR = monitor()
RULES = Rules({MONITOR.id: MONITOR.control})


def log(
    *results: dict[str, object], rules: Rules = RULES, notices: Iterable[Notice] = ()
) -> dict[str, Any]:
    """Return a whole log as it arrives elsewhere; it is valid."""
    run = {
        name: list(results) if name == "results" else value
        for name, value in run_members("1.2.3", rules, iter(results), notices)
    }
    made = json.loads(json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}))
    assert problems(made) == []
    return dict(made)


def of_judgement(judgement: Judgement, severity: Severity = Severity.HIGH) -> dict[str, Any]:
    """Return the result of an evaluation."""
    control = replace(MONITOR.control, severity=severity)
    resource = ResourceId.parse(arm.ACCOUNT_ID)
    seen = Observation(MONITOR.id, control, resource, judgement)
    return dict(log(result_of_evaluation(seen, RULES))["runs"][0]["results"][0])


def of_alert(alert: Transition) -> dict[str, Any]:
    """Return the result of an alert."""
    result = result_of_alert(alert, alert.control or "none", RULES)
    return dict(log(result)["runs"][0]["results"][0])


@given(observations())
def test_every_evaluation_is_a_valid_result(seen: Observation) -> None:
    """Whatever stands in names, messages and values; its place is below where the log is."""
    result = result_of_evaluation(seen, RULES)
    log(result)

    locations: Any = result["locations"]
    uri = locations[0]["physicalLocation"]["artifactLocation"]["uri"]
    base = "https://host.example/repository/"
    assert urlsplit(uri).scheme == ""
    assert urljoin(base, uri).startswith(f"{base}subscriptions/")
    assert unquote(uri, errors="surrogatepass").count("/") == seen.resource.text.count("/") - 1


@given(alerts())
def test_every_alert_of_a_control_is_a_valid_result(alert: Transition) -> None:
    """Also one of a control that no longer exists, or of what is no ARM resource."""
    if alert.resource_id.strip("/"):
        log(result_of_alert(alert, alert.control or "gone.too", RULES))


@pytest.mark.parametrize(
    ("judgement", "kind", "level"),
    [
        (failed("No."), "fail", "error"),
        (undetermined(Cause.UNDETERMINED, "Not there."), "open", "none"),
        (passed("Yes."), "pass", "none"),
        (not_applicable("Other kind."), "notApplicable", "none"),
    ],
)
def test_only_what_fails_has_a_level(judgement: Judgement, kind: str, level: str) -> None:
    """Unknown is open: there was too little to decide."""
    result = of_judgement(judgement)

    assert (result["kind"], result["level"]) == (kind, level)
    assert result["properties"]["severity"] == "high"


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        (Severity.CRITICAL, "error"),
        (Severity.HIGH, "error"),
        (Severity.MEDIUM, "warning"),
        (Severity.LOW, "note"),
        (Severity.INFO, "note"),
    ],
)
def test_a_severity_is_a_level_and_a_score(severity: Severity, level: str) -> None:
    """GitHub sorts by the score."""
    rules = Rules({"a.b": replace(MONITOR.control, severity=severity)})
    rule = log(rules=rules)["runs"][0]["tool"]["driver"]["rules"][0]
    bounds = {"critical": (9.1, 10), "high": (7, 8.9), "medium": (4, 6.9), "low": (0.1, 3.9)}
    lowest, highest = bounds["low" if severity is Severity.INFO else severity]

    assert of_judgement(failed("No."), severity)["level"] == level
    assert rule["defaultConfiguration"]["level"] == level
    assert lowest <= float(rule["properties"]["security-severity"]) <= highest


def test_a_finding_keeps_its_fingerprints() -> None:
    """In another spelling, with other words, as an alert, and at another severity."""
    first = of_judgement(failed("No."))
    again = of_alert(
        transition(
            TransitionKind.WORSENED,
            control=MONITOR.id,
            resource_id=arm.ACCOUNT_ID.upper(),
            message="Still no, and worse.",
            severity=Severity.CRITICAL,
        )
    )
    other = of_alert(transition(control=MONITOR.id))

    same = ("fingerprints", "partialFingerprints")
    assert [first[name] for name in same] == [again[name] for name in same]
    assert all(first[name] != other[name] for name in same)
    place = "physicalLocation"
    assert first["locations"][0][place] == again["locations"][0][place]


@pytest.mark.parametrize(
    ("kind", "reason", "expected"),
    [
        (TransitionKind.OPENED, None, ("fail", "new")),
        (TransitionKind.REOPENED, None, ("fail", "new")),
        (TransitionKind.IMPROVED, None, ("fail", "updated")),
        (TransitionKind.RESOLVED, ResolvedReason.FIXED, ("pass", "absent")),
        (TransitionKind.RESOLVED, ResolvedReason.DELETED, ("notApplicable", "absent")),
        (TransitionKind.RESOLVED, ResolvedReason.POLICY, ("notApplicable", "absent")),
        (TransitionKind.BLIND_SPOT, None, ("open", "new")),
        (TransitionKind.BLIND_SPOT_CLEARED, None, ("pass", "absent")),
        ("reminder", None, ("fail", "unchanged")),
    ],
)
def test_an_alert_tells_what_is_and_what_changed(
    kind: TransitionKind, reason: ResolvedReason | None, expected: tuple[str, str]
) -> None:
    """The state is against what was before the alert."""
    result = of_alert(transition(kind, reason=reason))

    assert (result["kind"], result["baselineState"]) == expected
    assert result["properties"]["actor"] == "mara"


def test_a_control_that_no_longer_exists_has_its_id_and_no_rule() -> None:
    """The result stays readable."""
    result = of_alert(transition(control="gone.long_ago"))

    assert result["ruleId"] == "gone.long_ago"
    assert "ruleIndex" not in result
    assert of_alert(transition(control=MONITOR.id))["ruleIndex"] == 0


def test_no_name_or_value_becomes_a_link_or_a_placeholder() -> None:
    """Braces are doubled as the standard wants, and what would be a link is none."""
    result = of_judgement(failed("[click](https://evil.example) {0} ![i](javascript:x)"))
    text = result["message"]["text"]

    assert text.startswith("[click] (https://evil.example) {{0}} ![i] (javascript:x)\nResource: ")


def test_every_control_of_the_catalogue_is_a_rule_that_people_can_use() -> None:
    """With its steps, names left open, and a page to read; those of the own sight too."""
    controls = known_controls(load_catalogue())
    rules = log(rules=Rules(controls))["runs"][0]["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == list(controls)
    assert {"coverage.resource_readable", "deployment_type.sku_allowed"} <= set(controls)
    for rule in rules:
        control = controls[rule["id"]]
        assert control.why in rule["fullDescription"]["text"]
        assert rule.get("helpUri") in {None, *control.references}
        assert "{id}" not in rule["help"]["text"]
        assert rule["help"]["markdown"].startswith("**")


def test_without_controls_and_results_the_log_is_valid() -> None:
    """An empty run is one in which nothing was found."""
    run = log(rules=Rules({}))["runs"][0]

    assert run["results"] == run["tool"]["driver"]["rules"] == []
    assert run["invocations"] == [
        {"executionSuccessful": True, "toolExecutionNotifications": []},
    ]


def test_what_could_not_be_used_is_in_the_log() -> None:
    """A run over part of the input is no success; a note is no error."""
    told = Notice("Swept.", at=RECORDED)
    whole = log(notices=[told])["runs"][0]["invocations"][0]
    part = log(notices=[told, Notice("a{b}.json: empty", "error")])["runs"][0]["invocations"][0]

    assert (whole["executionSuccessful"], part["executionSuccessful"]) == (True, False)
    assert part["toolExecutionNotifications"] == [
        {"message": {"text": "Swept."}, "level": "note", "timeUtc": "2026-11-20T08:00:01.000Z"},
        {"message": {"text": "a{{b}}.json: empty"}, "level": "error"},
    ]
