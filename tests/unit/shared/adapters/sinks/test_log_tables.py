"""The tables: names that Azure takes, rows as the columns say, and documents that say the same."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.sinks.log_tables import (
    ALERTS,
    EVALUATIONS,
    HEALTH,
    RESERVED,
    TABLES,
    columns_of,
    documentation,
    stream_declarations,
)
from shared.domain.control import Control
from shared.domain.finding import (
    Acknowledgement,
    Attribution,
    ResolvedReason,
    Snooze,
    TransitionKind,
    finding_uid,
)
from shared.domain.health import Health, HealthCheck, HealthRecord
from shared.domain.resource_id import ResourceId
from shared.domain.verdict import Cause, Severity, failed, unknown
from shared.pipeline.evaluate import Observation
from shared.pipeline.evaluated import Evaluated
from shared.pipeline.own_sight import OWN_SIGHT
from tests.fakes import BEGINNING
from tests.records import ACCOUNT, EVIDENCE, SUBSCRIPTION, moment, transition
from tests.records import CONTROL as CONTROL_ID

ROOT = Path(__file__).resolve().parents[5]
NAMES = [(table.name, each["name"]) for table in TABLES for each in columns_of(table)]
BY = Attribution("ann@example.com", moment(-6), "c0ffee", exact=True)
CONTROL: Control = next(iter(OWN_SIGHT.values()))


@pytest.mark.parametrize(("table", "name"), NAMES)
def test_azure_takes_every_name(table: str, name: str) -> None:
    """Letters, digits, up to 45, and none that Azure uses itself; the case makes no difference."""
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,44}", name), table
    assert name.lower() not in {each.lower() for each in RESERVED}
    assert NAMES.count((table, name)) == 1


def test_the_streams_are_those_that_the_deployment_makes() -> None:
    """Each named after its table."""
    assert list(stream_declarations()) == [
        "Custom-ComplianceAlerts_CL",
        "Custom-ComplianceEvaluations_CL",
        "Custom-ComplianceHealth_CL",
    ]


def test_a_stream_declares_every_column_of_its_rows() -> None:
    """In the types of a data collection rule."""
    columns = stream_declarations()[ALERTS.stream]["columns"]

    assert columns[0] == {"name": "TimeGenerated", "type": "datetime"}
    assert [each["name"] for each in columns] == list(ALERTS.row(transition(), BEGINNING))
    assert {each["type"] for each in columns} == {
        "string",
        "datetime",
        "dynamic",
        "long",
        "real",
        "boolean",
    }
    assert json.loads(json.dumps(columns)) == columns


def test_an_alert_is_a_row() -> None:
    """With who, what, where and when; the time of the record is the row's."""
    alert = replace(
        transition(3, kind=TransitionKind.RESOLVED, reason=ResolvedReason.FIXED, attribution=BY),
        before=EVIDENCE[2:3],
        opened_at=moment(1),
        author="bo@example.com",
        acknowledged=Acknowledgement("ann@example.com", moment(2), "It is a test."),
        snoozed=Snooze("ann@example.com", moment(2), "Later.", until=moment(3600)),
        also_to=("teams:boss",),
    )

    row = ALERTS.row(alert, moment(60))

    assert row == {
        "TimeGenerated": "2026-11-20T08:00:03Z",
        "AlertId": alert.id,
        "AlertKind": "resolved",
        "Reason": "fixed",
        "FindingId": finding_uid(CONTROL_ID, ACCOUNT),
        "Control": "network_isolation.public_access_restricted",
        "Severity": "high",
        "SeverityRank": 3,
        "TargetResourceId": ACCOUNT,
        "TargetResourceType": "Microsoft.CognitiveServices/accounts",
        "TargetSubscriptionId": SUBSCRIPTION,
        "TargetResourceGroup": "rg",
        "RootId": ACCOUNT.lower(),
        "RootSequence": 3,
        "RecordedAt": "2026-11-20T08:00:03Z",
        "OccurredAt": "2026-11-20T07:59:54Z",
        "DetectedSeconds": 9.0,
        "OpenedAt": "2026-11-20T08:00:01Z",
        "Actor": "ann@example.com",
        "ActorIsExact": True,
        "CorrelationId": "c0ffee",
        "Message": "Public network access is Enabled.",
        "Evidence": [
            {
                "source": each.source,
                "path": each.path,
                "expected": each.expected,
                "observed": each.observed,
            }
            for each in EVIDENCE
        ],
        "EvidenceBefore": [
            {
                "source": "account",
                "path": "properties.capacity",
                "expected": 1,
                "observed": 2.5,
            }
        ],
        "Remediation": "az …\nand so on",
        "Author": "bo@example.com",
        "Acknowledged": {
            "by": "ann@example.com",
            "at": "2026-11-20T08:00:02Z",
            "reason": "It is a test.",
        },
        "Snoozed": {
            "by": "ann@example.com",
            "at": "2026-11-20T08:00:02Z",
            "reason": "Later.",
            "until": "2026-11-20T09:00:00Z",
        },
        "EscalatedTo": ["teams:boss"],
        "DataTables": {"sku_scopes": "2026-10-01"},
    }


def test_what_is_not_known_is_empty() -> None:
    """Nobody is named who was not told of."""
    row = ALERTS.row(transition(), BEGINNING)

    empty = {name for name, value in row.items() if value is None}
    assert empty == {
        "Acknowledged",
        "Actor",
        "ActorIsExact",
        "Author",
        "CorrelationId",
        "DetectedSeconds",
        "EscalatedTo",
        "EvidenceBefore",
        "OccurredAt",
        "OpenedAt",
        "Reason",
        "Snoozed",
    }


def test_an_alert_of_a_subscription_has_no_group() -> None:
    """It is of the subscription all the same; odd ids are kept as they are."""
    baseline = transition(
        resource_id=f"/subscriptions/{SUBSCRIPTION}", kind=TransitionKind.BASELINE, control=None
    )
    odd = replace(transition(), resource_id="somewhere")

    of_it, of_odd = (ALERTS.row(each, BEGINNING) for each in (baseline, odd))
    assert of_it["TargetSubscriptionId"] == SUBSCRIPTION
    assert of_it["TargetResourceGroup"] is None
    assert of_odd["TargetResourceId"] == "somewhere"
    assert of_odd["TargetSubscriptionId"] is None


def test_an_old_alert_keeps_its_time_in_another_column() -> None:
    """Azure would replace it in TimeGenerated."""
    row = ALERTS.row(transition(1), BEGINNING + timedelta(days=6))

    assert row["TimeGenerated"] == "2026-11-26T08:00:00Z"
    assert row["RecordedAt"] == "2026-11-20T08:00:01Z"


def test_an_evaluation_is_a_row() -> None:
    """Of whatever verdict."""
    resource = ResourceId.parse(ACCOUNT)
    wrong = Observation("a.b", CONTROL, resource, failed("It is open.", *EVIDENCE[:1]))
    dark = Observation("a.c", CONTROL, resource, unknown(Cause.UNREADABLE, "403"))

    rows = [
        EVALUATIONS.row(Evaluated(ACCOUNT.lower(), BEGINNING, each), BEGINNING)
        for each in (wrong, dark)
    ]

    assert [each["Verdict"] for each in rows] == ["fail", "unknown"]
    assert [each["Cause"] for each in rows] == [None, "unreadable"]
    assert rows[0]["Control"] == "a.b"
    assert rows[0]["Severity"] == CONTROL.severity
    assert rows[0]["TargetResourceId"] == ACCOUNT
    assert rows[0]["TargetResourceGroup"] == "rg"
    assert rows[0]["TimeGenerated"] == rows[0]["LookedAt"] == "2026-11-20T08:00:00Z"
    assert len(list(rows[0]["Evidence"])) == 1  # type: ignore[call-overload] # a list
    json.dumps(rows)


def test_health_is_a_row() -> None:
    """The worst check is the health of all."""
    checks = (
        HealthCheck("a", Health.OK, "Fine."),
        HealthCheck("b", Health.FAULT, "Broken.", "Mend it."),
        HealthCheck("c", Health.WARN, "Old."),
    )
    record = HealthRecord(
        BEGINNING,
        "1.2.3",
        "i-1",
        checks,
        moment(-60),
        timedelta(seconds=6.5),
        {"looks_waiting": 3.0},
    )

    row = HEALTH.row(record, BEGINNING)

    assert row["Health"] == "fault"
    assert row["CanarySeconds"] == 6.5
    assert row["CanarySentAt"] == "2026-11-20T07:59:00Z"
    assert row["Measures"] == {"looks_waiting": 3.0}
    assert row["MonitorVersion"] == "1.2.3"
    assert row["Checks"] == [
        {"name": "a", "health": "ok", "message": "Fine.", "remedy": None},
        {"name": "b", "health": "fault", "message": "Broken.", "remedy": "Mend it."},
        {"name": "c", "health": "warn", "message": "Old.", "remedy": None},
    ]


def test_without_a_canary_its_columns_are_empty() -> None:
    """An alert rule watches for that; no checks are no fault."""
    row = HEALTH.row(HealthRecord(BEGINNING, "1", "i"), BEGINNING)

    assert row["CanarySentAt"] is None
    assert row["CanarySeconds"] is None
    assert row["Health"] == "ok"


def test_severities_rank_from_info_to_critical() -> None:
    """As the documentation of the column says."""
    ranks = [ALERTS.row(transition(severity=each), BEGINNING)["SeverityRank"] for each in Severity]

    assert ranks == [0, 1, 2, 3, 4]


def test_the_guide_has_the_tables_as_they_are() -> None:
    """They are written from the code, and nobody forgot to."""
    guide = (ROOT / "docs" / "sinks.md").read_text("utf-8")

    assert guide.endswith(documentation())
