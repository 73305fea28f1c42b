"""Alerts and evaluations are Compliance Findings by the rules of the class, whatever they tell."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given

from shared.adapters.formats.ocsf import (
    compliance_finding_of_alert,
    compliance_finding_of_evaluation,
)
from shared.adapters.formats.product import PARTITIONS, Producer
from shared.domain.control import Control
from shared.domain.finding import Attribution, ResolvedReason, Transition, TransitionKind
from shared.domain.resource_id import ResourceId
from shared.domain.verdict import Cause, Judgement, Severity, failed, not_applicable, passed
from shared.domain.verdict import unknown as undetermined
from shared.pipeline.evaluate import Observation
from tests import arm
from tests.card_alerts import kind
from tests.ocsf_class import problems
from tests.unit.shared.adapters.formats.drawn import alerts, observations
from tests.unit.shared.adapters.terminal.samples import CHANGED, RECORDED, monitor, transition

PRODUCER = Producer("1.2.3", PARTITIONS["public"])
MONITOR = monitor()
CONTROLS = {MONITOR.id: MONITOR.control}


def of_alert(alert: Transition, control: Control | None = MONITOR.control) -> dict[str, Any]:
    """Return the event of an alert as it arrives elsewhere; it holds to the rules."""
    event = json.loads(json.dumps(compliance_finding_of_alert(alert, control, PRODUCER)))
    assert problems(event) == []
    return dict(event)


def of_judgement(judgement: Judgement) -> dict[str, Any]:
    """Return the event of an evaluation as it arrives elsewhere; it holds to the rules."""
    resource = ResourceId.parse(arm.ACCOUNT_ID)
    seen = Observation(MONITOR.id, MONITOR.control, resource, judgement)
    event = json.loads(json.dumps(compliance_finding_of_evaluation(seen, RECORDED, PRODUCER)))
    assert problems(event) == []
    return dict(event)


@given(observations())
def test_every_evaluation_is_a_valid_event(seen: Observation) -> None:
    """Whatever stands in names, messages and values."""
    event = compliance_finding_of_evaluation(seen, RECORDED, Producer("unknown"))

    assert problems(json.loads(json.dumps(event))) == []


@given(alerts())
def test_every_alert_is_a_valid_event(alert: Transition) -> None:
    """Also one of a control that no longer exists, of none, or of what is no ARM resource."""
    control = CONTROLS.get(alert.control or "")
    event = compliance_finding_of_alert(alert, control, Producer("1", PARTITIONS["china"]))

    assert problems(json.loads(json.dumps(event))) == []


@pytest.mark.parametrize(
    ("happened", "reason", "activity", "status", "result"),
    [
        (TransitionKind.OPENED, None, "Create", "New", "Fail"),
        (TransitionKind.REOPENED, None, "Update", "New", "Fail"),
        (TransitionKind.WORSENED, None, "Update", "New", "Fail"),
        (TransitionKind.IMPROVED, None, "Update", "New", "Fail"),
        (TransitionKind.EVIDENCE_CHANGED, None, "Update", "New", "Fail"),
        (TransitionKind.RESOLVED, ResolvedReason.FIXED, "Close", "Resolved", "Pass"),
        (TransitionKind.RESOLVED, ResolvedReason.DELETED, "Close", "Resolved", "Not applicable"),
        (TransitionKind.RESOLVED, ResolvedReason.POLICY, "Close", "Archived", "Not applicable"),
        (TransitionKind.BLIND_SPOT, None, "Create", "New", "Warning"),
        (TransitionKind.BLIND_SPOT_CLEARED, None, "Close", "Resolved", "Pass"),
    ],
)
def test_the_kind_of_an_alert_says_what_became_of_the_finding(
    happened: TransitionKind,
    reason: ResolvedReason | None,
    activity: str,
    status: str,
    result: str,
) -> None:
    """Our own word for it is the event's code, and the reason its detail."""
    event = of_alert(transition(happened, reason=reason))

    assert (event["activity_name"], event["status"]) == (activity, status)
    assert event["compliance"]["status"] == result
    assert event["metadata"]["event_code"] == happened
    assert event.get("status_detail") == reason


def test_a_kind_that_is_not_known_here_is_an_update_of_what_fails() -> None:
    """A reminder is one; nothing new is ever taken for a pass."""
    event = of_alert(transition(kind("reminder")))

    assert (event["activity_name"], event["compliance"]["status"]) == ("Update", "Fail")


def test_a_baseline_is_of_no_control_and_says_so() -> None:
    """Its result is none of those of a control."""
    digest = transition(TransitionKind.BASELINE, control=None, resource_id="/subscriptions/s-1")
    event = of_alert(digest, None)

    assert event["compliance"]["control"] == "baseline"
    assert (event["compliance"]["status_id"], event["compliance"]["status"]) == (99, "baseline")
    assert event["cloud"]["account"]["uid"] == "s-1"


@pytest.mark.parametrize(
    ("judgement", "severity", "status", "result"),
    [
        (failed("No."), "High", "New", "Fail"),
        (undetermined(Cause.UNREADABLE, "403."), "High", "New", "Warning"),
        (passed("Yes."), "Informational", "pass", "Pass"),
        (not_applicable("Other kind."), "Informational", "not_applicable", "Not applicable"),
    ],
)
def test_unknown_is_a_warning_and_never_a_pass(
    judgement: Judgement, severity: str, status: str, result: str
) -> None:
    """OCSF's own word for no result because of missing information."""
    event = of_judgement(judgement)

    assert (event["severity"], event["status"]) == (severity, status)
    assert event["compliance"]["status"] == result
    assert ("remediation" in event) == (status == "New")


@pytest.mark.parametrize("severity", Severity)
def test_severities_keep_their_order(severity: Severity) -> None:
    """Informational is 1, critical 5."""
    assert of_alert(transition(severity=severity))["severity_id"] == severity.rank + 1


def test_an_alert_tells_who_what_when_and_how_to_mend_it() -> None:
    """In the places where readers of OCSF look for it."""
    event = of_alert(transition())
    deployment = f"{arm.ACCOUNT_ID}/deployments/chat"

    assert event["time_dt"] == "2026-11-20T08:00:01.000Z"
    assert event["time"] == int(RECORDED.timestamp() * 1000)
    assert event["start_time"] == int(CHANGED.timestamp() * 1000)
    assert event["metadata"]["uid"] == "1"
    assert event["metadata"]["correlation_uid"] == "c-1"
    assert event["metadata"]["product"]["version"] == "1.2.3"
    assert event["resources"] == [
        {
            "uid": deployment,
            "name": "chat",
            "type": "Microsoft.CognitiveServices/accounts/deployments",
            "role_id": 1,
            "role": "Target",
            "group": {"name": "rg-ai"},
            "provider": "Azure",
            "cloud_partition": "AzureCloud",
        }
    ]
    assert event["evidences"] == [
        {
            "name": "deployments sku.name",
            "data": {
                "source": "deployments",
                "path": "sku.name",
                "expected": ["Standard"],
                "observed": "GlobalStandard",
            },
        },
        {"name": "change", "actor": {"user": {"name": "mara"}}},
    ]
    assert event["remediation"] == {
        "desc": "az resource delete --ids x",
        "references": ["https://learn.microsoft.com/azure/answers"],
    }
    assert event["finding_info"]["title"] == "The answer is one that is allowed."
    assert [each["value"] for each in event["observables"]] == [deployment, "mara"]


def test_all_alerts_of_a_finding_name_the_same_finding() -> None:
    """However its resource is spelt, whatever it says; the same alert is the same event."""
    opened = of_alert(transition())
    closed = of_alert(
        transition(
            TransitionKind.RESOLVED,
            reason=ResolvedReason.FIXED,
            resource_id=f"{arm.ACCOUNT_ID}/deployments/chat".upper(),
            message="It is allowed now.",
        )
    )
    other = of_alert(transition(control="family.other"))

    assert opened["finding_info"]["uid"] == closed["finding_info"]["uid"]
    assert opened["finding_info"]["uid"] != other["finding_info"]["uid"]
    assert of_alert(transition()) == opened


def test_times_are_utc_whatever_zone_they_came_in() -> None:
    """Milliseconds, cut and not rounded up into the future."""
    local = datetime(2026, 1, 1, 1, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
    by = Attribution(None, local, None, exact=False)
    event = of_alert(replace(transition(attribution=by), at=local))

    assert event["time_dt"] == event["start_time_dt"] == "2026-01-01T00:00:00.999Z"
    assert event["time"] % 1000 == 999
    assert datetime.fromtimestamp(event["time"] // 1000, UTC) == datetime(2026, 1, 1, tzinfo=UTC)
    assert [each["name"] for each in event["evidences"]] == ["deployments sku.name"]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"time": 1_795_180_785}, ".time is no timestamp: 1795180785"),
        ({"activity_id": 4}, ".activity_id is none of its numbers: 4"),
        ({"status": "Open"}, ".status is not the caption of 1: 'Open'"),
        ({"type_uid": 200302}, "type_uid is not made of the class and the activity"),
        ({"actor": {}}, ".actor is no attribute of compliance_finding"),
        ({"cloud": {}}, ".cloud.provider is required"),
        ({"evidences": [{"name": "x"}]}, ".evidences[0] needs one of actor, data, resources"),
        ({"finding_info": None}, ".finding_info is required"),
    ],
)
def test_the_rules_refuse_what_is_no_compliance_finding(change: object, wrong: str) -> None:
    """Each kind of mistake that the tests above rely on being found."""
    event = of_alert(transition())
    assert isinstance(change, dict)

    assert wrong in problems({**event, **change})
