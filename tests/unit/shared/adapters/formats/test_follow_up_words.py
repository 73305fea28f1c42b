"""What is done about a finding, in the words of others."""

import json
from dataclasses import replace

import pytest

from shared.adapters.formats.ocsf import compliance_finding_of_alert
from shared.adapters.formats.ocsf_words import activity, result, status
from shared.adapters.formats.product import Producer
from shared.adapters.formats.sarif_results import result_of_alert
from shared.adapters.formats.sarif_rules import Rules
from shared.domain.finding import Acknowledgement, Snooze, Transition, TransitionKind
from shared.domain.verdict import Evidence
from shared.pipeline.coverage_controls import RESOURCE_READABLE
from tests.ocsf_class import problems
from tests.unit.shared.adapters.terminal.samples import CHANGED, RECORDED, transition

K = TransitionKind
KNOWN = Acknowledgement("mara", CHANGED, "known")
SNOOZED = Snooze("jo", CHANGED, "window", RECORDED)


def told(kind: TransitionKind, *, known: bool = False, snoozed: bool = False) -> Transition:
    """Return a transition of an open finding."""
    return replace(
        transition(kind, attribution=None),
        acknowledged=KNOWN if known else None,
        snoozed=SNOOZED if snoozed else None,
    )


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        (told(K.REMINDER), "New"),
        (told(K.REMINDER, known=True), "In Progress"),
        (told(K.ACKNOWLEDGED, known=True), "In Progress"),
        (told(K.SNOOZED, snoozed=True), "Suppressed"),
        (told(K.IMPROVED, known=True, snoozed=True), "Suppressed"),
        (told(K.SNOOZE_ENDED, snoozed=True), "New"),
        (told(K.SNOOZE_ENDED, known=True, snoozed=True), "In Progress"),
        (told(K.WORSENED, known=True, snoozed=True), "New"),
        (told(K.RESOLVED, known=True, snoozed=True), "Resolved"),
    ],
)
def test_ocsf_says_whether_somebody_knows_or_has_snoozed(alert: Transition, said: str) -> None:
    """What became worse ended both; a snooze that is over suppresses nothing."""
    assert status(alert).caption == said


@pytest.mark.parametrize(
    "kind", [K.REMINDER, K.SNOOZE_ENDED, K.ACKNOWLEDGED, K.SNOOZED, K.EXEMPTION_ENDED]
)
def test_what_is_told_of_an_open_finding_still_fails(kind: TransitionKind) -> None:
    """An update, and never a pass; of a blind spot nobody knows."""
    alert = told(kind)
    blind = replace(alert, control=RESOURCE_READABLE)

    assert (activity(alert).caption, result(alert).caption) == ("Update", "Fail")
    assert result(blind).caption == "Warning"
    assert result_of_alert(alert, "a.b_c", Rules({}))["kind"] == "fail"
    assert result_of_alert(blind, RESOURCE_READABLE, Rules({}))["kind"] == "open"


def test_a_blind_spot_that_is_cleared_passes() -> None:
    """Whatever else is told of it meanwhile."""
    cleared = replace(told(K.BLIND_SPOT_CLEARED), control=RESOURCE_READABLE)

    assert result(cleared).caption == "Pass"
    assert result_of_alert(cleared, RESOURCE_READABLE, Rules({}))["kind"] == "pass"


def test_a_refused_policy_is_of_no_control() -> None:
    """Its result is its kind."""
    refused = replace(told(K.POLICY_REFUSED), control=None)

    assert (result(refused).id, result(refused).caption) == (99, "policy_refused")


def test_sarif_says_whether_the_finding_changed_and_what_was_before() -> None:
    """A reminder tells of one that is as it was."""
    was = Evidence("deployments", "sku.name", "x", "Standard")
    found = result_of_alert(replace(told(K.REMINDER), before=(was,)), "a.b_c", Rules({}))

    assert found["baselineState"] == "unchanged"
    properties = found["properties"]
    assert isinstance(properties, dict)
    assert [each["observed"] for each in properties["before"]] == ["Standard"]


def test_ocsf_has_no_word_for_what_was_before_and_says_it_all_the_same() -> None:
    """Among what is not mapped; the event is valid."""
    was = Evidence("deployments", "sku.name", ("x",), "Standard")
    alert = replace(told(K.IMPROVED), before=(was,))

    event = json.loads(json.dumps(compliance_finding_of_alert(alert, None, Producer("1"))))

    assert problems(event) == []
    assert event["unmapped"] == {
        "before": [
            {"source": "deployments", "path": "sku.name", "expected": ["x"], "observed": "Standard"}
        ]
    }
