"""The JSON object of an alert: the same wherever alerts are printed, and for whoever is told."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from shared.adapters.formats.portal import PUBLIC, portal_link
from shared.domain.finding import Transition, finding_uid
from shared.domain.topology import resource_type
from shared.domain.verdict import Evidence


def alert_json(alert: Transition, portal: str | None = PUBLIC) -> dict[str, object]:
    """Return an alert; every key is always there, null where it does not apply.

    `portal` is the address of the cloud's portal, None where there is none. `route` and `exemption`
    are null as long as there is no policy file.
    """
    by = alert.attribution
    known, snoozed, delay = alert.acknowledged, alert.snoozed, alert.detected_after
    return {
        "id": alert.id,
        "kind": alert.kind,
        "reason": alert.reason,
        "control": alert.control,
        "resource_id": alert.resource_id,
        # In ARM's own spelling where it is a type that we judge.
        "resource_type": resource_type(alert.resource_type) or alert.resource_type,
        "severity": alert.severity,
        "at": utc(alert.at),
        "occurred_at": utc(by.occurred_at) if by is not None else None,
        "actor": by.actor if by is not None else None,
        "correlation_id": by.correlation_id if by is not None else None,
        "message": alert.message,
        "evidence": _evidence(alert.evidence),
        "remediation": alert.remediation or None,
        "finding": None if alert.control is None else finding_uid(alert.control, alert.resource_id),
        "before": _evidence(alert.before) or None,
        "opened_at": None if alert.opened_at is None else utc(alert.opened_at),
        "detected_after_seconds": None if delay is None else delay.total_seconds(),
        "author": alert.author,
        "acknowledged": None
        if known is None
        else {"by": known.by, "at": utc(known.at), "reason": known.reason},
        "snoozed": None
        if snoozed is None
        else {
            "by": snoozed.by,
            "at": utc(snoozed.at),
            "reason": snoozed.reason,
            "until": utc(snoozed.until),
        },
        "escalated_to": list(alert.also_to) or None,
        "route": None,
        "exemption": None,
        "portal_url": None if portal is None else portal_link(alert.resource_id, portal),
    }


def _evidence(evidence: Sequence[Evidence]) -> list[dict[str, object]]:
    return [asdict(each.bounded()) for each in evidence]


def utc(time: datetime) -> str:
    """Return a time as ISO 8601 in UTC, with Z."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
