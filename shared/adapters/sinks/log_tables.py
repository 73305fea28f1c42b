"""The tables in Log Analytics, in one place: rows, streams and documentation are made from here.

No column has a name that Azure keeps for itself; the names of resources begin with `Target`, for
`ResourceId` and `SubscriptionId` differ by an underscore only from Azure's own.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from shared.adapters.sinks.log_columns import TIME, Column, Kind, LogTable, moment
from shared.domain.finding import Acknowledgement, Snooze, Transition, finding_uid
from shared.domain.health import HealthRecord
from shared.domain.resource_id import MalformedResourceIdError, ResourceId
from shared.domain.topology import resource_type
from shared.domain.verdict import Evidence
from shared.pipeline.evaluated import Evaluated

RESERVED = frozenset(
    {
        "_BilledSize",
        "_IsBillable",
        "_ItemId",
        "_ResourceId",
        "_SubscriptionId",
        "_TimeReceived",
        "Computer",
        "id",
        "ManagementGroupName",
        "MG",
        "RawData",
        "SourceSystem",
        "TenantId",
        "Title",
        "Type",
        "UniqueId",
    }
)
"""Names that Azure has given a meaning, in any case.

https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview
https://learn.microsoft.com/azure/azure-monitor/logs/log-standard-columns
"""


def _evidence(evidence: tuple[Evidence, ...]) -> list[dict[str, object]]:
    return [asdict(each.bounded()) for each in evidence]


def _finding(alert: Transition) -> str | None:
    return None if alert.control is None else finding_uid(alert.control, alert.resource_id)


def _decision(made: Acknowledgement | Snooze | None) -> dict[str, str] | None:
    """Return what somebody decided, times as in cells of type datetime."""
    if made is None:
        return None
    return {
        key: moment(value) if isinstance(value, datetime) else value
        for key, value in asdict(made).items()
    }


def _type(text: str) -> str:
    """Return a type in ARM's own spelling where we judge it: texts in KQL compare by case."""
    return resource_type(text) or text


def _subscription(text: str) -> str | None:
    found = _parsed(text)
    return None if found is None else found.subscription.lower()


def _group(text: str) -> str | None:
    found = _parsed(text)
    return None if found is None else found.resource_group or None


def _parsed(text: str) -> ResourceId | None:
    try:
        return ResourceId.parse(text)
    except MalformedResourceIdError:
        return None


def _seconds(time: timedelta | None) -> float | None:
    return None if time is None else time.total_seconds()


S, D, J = Kind.STRING, Kind.DATETIME, Kind.DYNAMIC

ALERTS: LogTable[Transition] = LogTable(
    "ComplianceAlerts_CL",
    "Every alert. One that was told twice has two rows with the same AlertId.",
    lambda alert: alert.at,
    (
        Column("AlertId", S, "Id, the same in every sink", lambda a: a.id),
        Column("AlertKind", S, "What happened: `opened`, `resolved`, …", lambda a: a.kind),
        Column("Reason", S, "Why it was resolved", lambda a: a.reason),
        Column("FindingId", S, "Id of the finding, the same in OCSF and SARIF", _finding),
        Column("Control", S, "Control, `family.name`", lambda a: a.control),
        Column(
            "Severity", S, "`info`, `low`, `medium`, `high` or `critical`", lambda a: a.severity
        ),
        Column("SeverityRank", Kind.LONG, "0 for info up to 4", lambda a: a.severity.rank),
        Column("TargetResourceId", S, "Resource that is judged", lambda a: a.resource_id),
        Column("TargetResourceType", S, "Its type", lambda a: _type(a.resource_type)),
        Column(
            "TargetSubscriptionId", S, "Its subscription", lambda a: _subscription(a.resource_id)
        ),
        Column("TargetResourceGroup", S, "Its resource group", lambda a: _group(a.resource_id)),
        Column("RootId", S, "Root that was looked at, lower case", lambda a: a.root),
        Column("RootSequence", Kind.LONG, "Order among those of a root", lambda a: a.sequence),
        Column("RecordedAt", D, "When the monitor recorded it", lambda a: a.at),
        Column(
            "OccurredAt",
            D,
            "When Azure says it happened",
            lambda a: a.attribution and a.attribution.occurred_at,
        ),
        Column(
            "DetectedSeconds",
            Kind.REAL,
            "How long after the change in Azure it was recorded, where that is known",
            lambda a: _seconds(a.detected_after),
        ),
        Column("OpenedAt", D, "Since when the finding is or was open", lambda a: a.opened_at),
        Column("Actor", S, "Who made the change", lambda a: a.attribution and a.attribution.actor),
        Column(
            "ActorIsExact",
            Kind.BOOLEAN,
            "The change was made to this very resource, not beside or above it",
            lambda a: a.attribution and a.attribution.exact,
        ),
        Column(
            "CorrelationId",
            S,
            "Azure's id of the operation",
            lambda a: a.attribution and a.attribution.correlation_id,
        ),
        Column("Message", S, "What is wrong, in words", lambda a: a.message),
        Column(
            "Evidence",
            J,
            "Source, path, expected and observed of each",
            lambda a: _evidence(a.evidence),
        ),
        Column(
            "EvidenceBefore",
            J,
            "The same before the change, where that is known",
            lambda a: _evidence(a.before) or None,
        ),
        Column("Remediation", S, "How to mend it", lambda a: a.remediation or None),
        Column("Author", S, "Who decided it: ended a snooze by hand", lambda a: a.author),
        Column(
            "Acknowledged",
            J,
            "Who knows of it: by, at, reason",
            lambda a: _decision(a.acknowledged),
        ),
        Column(
            "Snoozed", J, "Who snoozed it: by, at, reason, until", lambda a: _decision(a.snoozed)
        ),
        Column(
            "EscalatedTo", J, "Sinks that it was escalated to", lambda a: list(a.also_to) or None
        ),
        Column(
            "DataTables", J, "Dates of the data tables that judged it", lambda a: dict(a.tables)
        ),
    ),
)
EVALUATIONS: LogTable[Evaluated] = LogTable(
    "ComplianceEvaluations_CL",
    "What every control came to on every resource, at each look.",
    lambda each: each.looked_at,
    (
        Column("LookedAt", D, "When the look began", lambda e: e.looked_at),
        Column("RootId", S, "Root that was looked at, lower case", lambda e: e.root),
        Column(
            "FindingId",
            S,
            "Id of the finding that it is, if it fails",
            lambda e: finding_uid(e.seen.control_id, e.seen.resource.text),
        ),
        Column("Control", S, "Control, `family.name`", lambda e: e.seen.control_id),
        Column("Severity", S, "Severity of the control", lambda e: e.seen.control.severity),
        Column("TargetResourceId", S, "Resource that is judged", lambda e: e.seen.resource.text),
        Column("TargetResourceType", S, "Its type", lambda e: _type(e.seen.resource.type)),
        Column(
            "TargetSubscriptionId",
            S,
            "Its subscription",
            lambda e: e.seen.resource.subscription.lower(),
        ),
        Column(
            "TargetResourceGroup",
            S,
            "Its resource group",
            lambda e: e.seen.resource.resource_group or None,
        ),
        Column(
            "Verdict",
            S,
            "`pass`, `fail`, `not_applicable`, `unknown`",
            lambda e: e.seen.judgement.verdict,
        ),
        Column("Cause", S, "Why it is unknown", lambda e: e.seen.judgement.cause),
        Column("Message", S, "The verdict in words", lambda e: e.seen.judgement.message),
        Column(
            "Evidence",
            J,
            "Source, path, expected and observed of each",
            lambda e: _evidence(e.seen.judgement.evidence),
        ),
    ),
)
HEALTH: LogTable[HealthRecord] = LogTable(
    "ComplianceHealth_CL",
    "How the monitor itself is, every five minutes. No row for long: it is dead.",
    lambda each: each.at,
    (
        Column("RecordedAt", D, "When it was found so", lambda h: h.at),
        Column("Health", S, "The worst of its checks: `ok`, `warn`, `fault`", lambda h: h.health),
        Column(
            "Checks", J, "Each check with its remedy", lambda h: [asdict(each) for each in h.checks]
        ),
        Column("CanarySentAt", D, "When the last canary set out", lambda h: h.canary_sent_at),
        Column(
            "CanarySeconds",
            Kind.REAL,
            "How long it took from the queue to the table",
            lambda h: _seconds(h.canary_took),
        ),
        Column("Measures", J, "Further numbers by name", lambda h: dict(h.measures)),
        Column("MonitorVersion", S, "Version that runs", lambda h: h.version),
        Column("MonitorInstance", S, "Instance that says so", lambda h: h.instance),
    ),
)
TABLES: tuple[LogTable[Any], ...] = (ALERTS, EVALUATIONS, HEALTH)


def columns_of(table: LogTable[Any]) -> list[dict[str, str]]:
    """Return the columns of a table as a data collection rule declares them."""
    names = [(TIME, Kind.DATETIME), *((each.name, each.kind) for each in table.columns)]
    return [{"name": name, "type": str(kind)} for name, kind in names]


def stream_declarations() -> dict[str, dict[str, list[dict[str, str]]]]:
    """Return `properties.streamDeclarations` of the data collection rule."""
    return {table.stream: {"columns": columns_of(table)} for table in TABLES}


def documentation() -> str:
    """Return the tables as Markdown."""
    shown = []
    for table in TABLES:
        rows = [(TIME, Kind.DATETIME, "As Azure keeps it; see above")]
        rows += [(each.name, each.kind, each.meaning) for each in table.columns]
        lines = [f"| `{name}` | {kind} | {meaning} |" for name, kind, meaning in rows]
        head = "| column | type | meaning |\n|---|---|---|\n"
        shown.append(f"### {table.name}\n\n{table.meaning}\n\n{head}" + "\n".join(lines) + "\n")
    return "\n".join(shown)
