"""The object of an alert is the same everywhere, and complete."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from shared.adapters.formats.alert_object import alert_json, utc
from shared.adapters.formats.portal import PUBLIC, portal_link
from shared.domain.finding import (
    Acknowledgement,
    Attribution,
    ResolvedReason,
    Snooze,
    TransitionKind,
    finding_uid,
)
from shared.domain.topology import ResourceType
from shared.domain.verdict import Evidence, Severity
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
    "finding",
    "before",
    "opened_at",
    "detected_after_seconds",
    "author",
    "acknowledged",
    "snoozed",
    "escalated_to",
    "route",
    "exemption",
    "portal_url",
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
        "finding": finding_uid("deployment_type.sku_allowed", f"{arm.ACCOUNT_ID}/deployments/chat"),
        "before": None,
        "opened_at": None,
        "detected_after_seconds": 31.0,
        "author": None,
        "acknowledged": None,
        "snoozed": None,
        "escalated_to": None,
        "route": None,
        "exemption": None,
        "portal_url": f"https://portal.azure.com/#resource{arm.ACCOUNT_ID}",
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
        *KEYS[KEYS.index("finding") : KEYS.index("portal_url")],
    }


def test_what_was_decided_is_told() -> None:
    """Who knows of it, who snoozed it until when, since when it is open, and what was before."""
    told = replace(
        transition(TransitionKind.REMINDER, attribution=None),
        before=(Evidence("deployments", "sku.name", ("Standard",), "Standard"),),
        opened_at=CHANGED,
        author="mara",
        acknowledged=Acknowledgement("mara", CHANGED, "known"),
        snoozed=Snooze("jo", CHANGED, "window", CHANGED + timedelta(days=1)),
        also_to=("teams:oncall",),
    )

    found = alert_json(told, portal=None)

    assert found["before"] == [
        {
            "source": "deployments",
            "path": "sku.name",
            "expected": ["Standard"],
            "observed": "Standard",
        }
    ]
    at = "2026-11-20T07:59:30Z"
    assert found["opened_at"] == at
    assert (found["author"], found["detected_after_seconds"]) == ("mara", None)
    assert found["acknowledged"] == {"by": "mara", "at": at, "reason": "known"}
    until = "2026-11-21T07:59:30Z"
    assert found["snoozed"] == {"by": "jo", "at": at, "reason": "window", "until": until}
    assert (found["escalated_to"], found["portal_url"]) == (["teams:oncall"], None)


def test_a_clock_that_is_behind_makes_no_negative_delay() -> None:
    """Azure stamped the change after we recorded it."""
    ahead = Attribution("mara", CHANGED + timedelta(hours=1), None, exact=True)

    assert alert_json(transition(attribution=ahead))["detected_after_seconds"] == 0


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


def test_half_a_character_in_a_name_is_no_crash() -> None:
    """The link leads to the root, whose name is whole."""
    odd = replace(transition(), resource_id=f"{arm.ACCOUNT_ID}/deployments/\ud800")

    assert alert_json(odd)["portal_url"] == f"https://portal.azure.com/#resource{arm.ACCOUNT_ID}"
    assert portal_link(f"{arm.ACCOUNT_ID}\ud800", PUBLIC) is not None
