"""One evaluation as `check` prints it in JSON."""

from dataclasses import asdict

from shared.adapters.terminal.resource_names import type_name
from shared.domain.verdict import Verdict
from shared.pipeline.evaluate import Observation

MENDABLE = frozenset({Verdict.FAIL, Verdict.UNKNOWN})


def evaluation_json(seen: Observation) -> dict[str, object]:
    """Return what one control says of one resource; every key is always there."""
    resource, judgement = seen.resource, seen.judgement
    mend = judgement.verdict in MENDABLE
    return {
        "control": seen.control_id,
        "resource_id": resource.text,
        "resource_type": type_name(resource.type),
        "verdict": judgement.verdict,
        "cause": judgement.cause,
        "severity": seen.control.severity,
        "message": judgement.message,
        "evidence": [asdict(each.bounded()) for each in judgement.evidence],
        "remediation": seen.control.remediation_for(resource) if mend else None,
        "exemption": None,
    }
