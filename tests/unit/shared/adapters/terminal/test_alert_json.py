"""The object of an alert is the same everywhere, and complete."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from shared.adapters.terminal.alert_json import alert_json, utc
from shared.domain.finding import Attribution, ResolvedReason, TransitionKind
from shared.domain.topology import ResourceType
from shared.domain.verdict import Severity
from tests import arm
from tests.unit.shared.adapters.terminal.samples import CHANGED, transition

KEYS = [
    "id",
    "kind",
    "reason",
    "control",
    "resource_id",
    "resource_type",
    "severity",
    "at",
    "occurred_at",
    "actor",
    "correlation_id",
    "message",
    "evidence",
    "remediation",
]


def test_an_alert_tells_everything() -> None:
    """Who, what, when, why and how it is mended; times in UTC with Z."""
    assert alert_json(transition()) == {
        "id": "1",
        "kind": "opened",
        "reason": None,
        "control": "deployment_type.sku_allowed",
        "resource_id": f"{arm.ACCOUNT_ID}/deployments/chat",
        "resource_type": "Microsoft.CognitiveServices/accounts/deployments",
        "severity": "high",
        "at": "2026-11-20T08:00:01Z",
        "occurred_at": "2026-11-20T07:59:30Z",
        "actor": "mara",
        "correlation_id": "c-1",
        "message": "SKU GlobalStandard is not allowed.",
        "evidence": [
            {
                "source": "deployments",
                "path": "sku.name",
                "expected": ["Standard"],
                "observed": "GlobalStandard",
            }
        ],
        "remediation": "az resource delete --ids x",
    }


def test_every_key_is_there_also_when_it_does_not_apply() -> None:
    """A baseline has no control, no actor and nothing to mend: null."""
    digest = replace(
        transition(TransitionKind.BASELINE, control=None, remediation="", attribution=None),
        evidence=(),
        resource_type=ResourceType.SUBSCRIPTION,
        severity=Severity.INFO,
    )

    found = alert_json(digest)

    assert list(found) == KEYS
    assert {key for key, value in found.items() if value is None} == {
        "reason",
        "control",
        "occurred_at",
        "actor",
        "correlation_id",
        "remediation",
    }


def test_a_resolution_tells_its_reason() -> None:
    """Fixed, deleted or by policy."""
    resolved = transition(TransitionKind.RESOLVED, reason=ResolvedReason.DELETED)

    assert alert_json(resolved)["reason"] == "deleted"


def test_an_actor_can_be_unknown_while_the_change_is_known() -> None:
    """Azure Resource Notifications do not name anybody."""
    found = alert_json(transition(attribution=Attribution(None, CHANGED, None, exact=False)))

    assert (found["actor"], found["occurred_at"]) == (None, "2026-11-20T07:59:30Z")


def test_times_of_other_zones_become_utc() -> None:
    """A reader never has to look for an offset."""
    zone = timezone(timedelta(hours=2))

    assert utc(datetime(2026, 11, 20, 10, 0, tzinfo=zone)) == "2026-11-20T08:00:00Z"
