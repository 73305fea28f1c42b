"""Evaluations and alerts as results of a SARIF 2.1.0 log.

A result that does not fail has the level `none`, as the standard wants (3.27.10); how bad it would
be is in its properties.
"""

from collections.abc import Mapping
from dataclasses import asdict

from shared.adapters.formats.sarif_rules import LEVELS, Rules
from shared.adapters.formats.sarif_text import artifact_uri, plain
from shared.adapters.formats.times import utc_text
from shared.domain.finding import ResolvedReason, Transition, TransitionKind, finding_uid
from shared.domain.topology import resource_type
from shared.domain.verdict import Evidence, Severity, Verdict
from shared.pipeline.coverage_controls import BLIND_SPOTS
from shared.pipeline.evaluate import Observation

Json = dict[str, object]

FAIL, PASS, OPEN, NOT_APPLICABLE = "fail", "pass", "open", "notApplicable"
"""`open`: there was too little to decide, which is what our `unknown` says."""

_KINDS: Mapping[Verdict, str] = {
    Verdict.PASS: PASS,
    Verdict.FAIL: FAIL,
    Verdict.UNKNOWN: OPEN,
    Verdict.NOT_APPLICABLE: NOT_APPLICABLE,
}
_STATES: Mapping[TransitionKind, str] = {
    TransitionKind.OPENED: "new",
    TransitionKind.REOPENED: "new",
    TransitionKind.BLIND_SPOT: "new",
    TransitionKind.WORSENED: "updated",
    TransitionKind.IMPROVED: "updated",
    TransitionKind.EVIDENCE_CHANGED: "updated",
    TransitionKind.ACKNOWLEDGED: "unchanged",
    TransitionKind.SNOOZED: "unchanged",
    TransitionKind.SNOOZE_ENDED: "unchanged",
    TransitionKind.REMINDER: "unchanged",
    TransitionKind.EXEMPTION_EXPIRING: "unchanged",
    TransitionKind.EXEMPTION_ENDED: "updated",
    TransitionKind.RESOLVED: "absent",
    TransitionKind.BLIND_SPOT_CLEARED: "absent",
}
"""What an alert tells against the state before it; the others are of no finding."""


def result_of_evaluation(seen: Observation, rules: Rules) -> Json:
    """Return what a control says of a resource."""
    judgement, resource = seen.judgement, seen.resource
    mend = judgement.verdict in {Verdict.FAIL, Verdict.UNKNOWN}
    return {
        **rules.reference(seen.control_id),
        **_kind_and_level(_KINDS[judgement.verdict], seen.control.severity),
        "message": _message(judgement.message, resource.text),
        **_place(seen.control_id, resource.text, resource.type),
        "properties": {
            "verdict": judgement.verdict,
            "cause": judgement.cause,
            "severity": seen.control.severity,
            "evidence": _evidence(judgement.evidence),
            "remediation": seen.control.remediation_for(resource) if mend else None,
        },
    }


def result_of_alert(alert: Transition, control_id: str, rules: Rules) -> Json:
    """Return an alert of a finding; `control_id` is the alert's own, which some have not."""
    by = alert.attribution
    return {
        **rules.reference(control_id),
        **_kind_and_level(_kind_of(alert), alert.severity),
        "baselineState": _STATES.get(alert.kind, "unchanged"),
        "message": _message(alert.message, alert.resource_id),
        **_place(control_id, alert.resource_id, alert.resource_type),
        "properties": {
            "id": alert.id,
            "alert": alert.kind,
            "reason": alert.reason,
            "severity": alert.severity,
            "at": utc_text(alert.at),
            "occurredAt": utc_text(by.occurred_at) if by is not None else None,
            "actor": by.actor if by is not None else None,
            "before": _evidence(alert.before),
            "evidence": _evidence(alert.evidence),
            "remediation": alert.remediation or None,
        },
    }


def _kind_of(alert: Transition) -> str:
    """Return what the control says of the resource at the alert."""
    still = alert.kind not in {TransitionKind.RESOLVED, TransitionKind.BLIND_SPOT_CLEARED}
    if alert.kind is TransitionKind.BLIND_SPOT or (still and alert.control in BLIND_SPOTS):
        return OPEN
    if alert.reason in {ResolvedReason.DELETED, ResolvedReason.POLICY}:
        return NOT_APPLICABLE
    return FAIL if still else PASS


def _kind_and_level(kind: str, severity: Severity) -> Json:
    return {"kind": kind, "level": LEVELS[severity] if kind == FAIL else "none"}


def _message(text: str, resource_id: str) -> Json:
    """Return what was found, and where: viewers show a result without its location too."""
    return {"text": plain(f"{text}\nResource: {resource_id}")}


def _place(control_id: str, resource_id: str, kind: str) -> Json:
    """Return where it is, and by what others know it again.

    GitHub compares `primaryLocationLineHash` alone, and would work it out of the file otherwise.
    """
    uid = finding_uid(control_id, resource_id)
    uri = artifact_uri(resource_id)
    return {
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}},
                "logicalLocations": [
                    {
                        "fullyQualifiedName": resource_id,
                        "name": resource_id.rpartition("/")[2],
                        "kind": "resource",
                        "properties": {"resourceType": resource_type(kind) or kind},
                    }
                ],
            }
        ],
        "fingerprints": {"finding/v1": uid},
        "partialFingerprints": {"primaryLocationLineHash": f"{uid}:1"},
    }


def _evidence(evidence: tuple[Evidence, ...]) -> list[Json]:
    return [asdict(each.bounded()) for each in evidence]
