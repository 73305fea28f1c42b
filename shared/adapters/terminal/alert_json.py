"""The JSON object of an alert: the same wherever alerts are printed."""

from dataclasses import asdict
from datetime import UTC, datetime

from shared.adapters.terminal.resource_names import type_name
from shared.domain.finding import Transition


def alert_json(alert: Transition) -> dict[str, object]:
    """Return an alert; every key is always there, null where it does not apply."""
    by = alert.attribution
    return {
        "id": alert.id,
        "kind": alert.kind,
        "reason": alert.reason,
        "control": alert.control,
        "resource_id": alert.resource_id,
        "resource_type": type_name(alert.resource_type),
        "severity": alert.severity,
        "at": utc(alert.at),
        "occurred_at": utc(by.occurred_at) if by is not None else None,
        "actor": by.actor if by is not None else None,
        "correlation_id": by.correlation_id if by is not None else None,
        "message": alert.message,
        "evidence": [asdict(each.bounded()) for each in alert.evidence],
        "remediation": alert.remediation or None,
    }


def utc(time: datetime) -> str:
    """Return a time as ISO 8601 in UTC, with Z."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
