"""Findings as events of OCSF 1.8.0: class 2003, Compliance Finding.

Who made the change is in `evidences`: the class has no `actor`.
"""

from datetime import datetime

from shared.adapters.formats import ocsf_words as words
from shared.adapters.formats.ocsf_event import Told, event_of
from shared.adapters.formats.ocsf_objects import Json
from shared.adapters.formats.product import Producer
from shared.domain.control import Control
from shared.domain.finding import Transition, finding_uid
from shared.domain.verdict import Verdict
from shared.pipeline.evaluate import Observation


def compliance_finding_of_alert(
    alert: Transition, control: Control | None, producer: Producer
) -> Json:
    """Return an alert; `control` is None for one that no longer exists, or when it is of none.

    The same alert is always the same event, so that whoever gets it twice can tell
    (`metadata.uid`), and `finding_info.uid` is the same for all alerts of a finding.
    """
    by = alert.attribution
    metadata: Json = {"sequence": alert.sequence}
    if by is not None and by.correlation_id is not None:
        metadata["correlation_uid"] = by.correlation_id
    told = Told(
        uid=alert.id,
        code=str(alert.kind),
        name=alert.control or str(alert.kind),
        control=control,
        activity=words.activity(alert),
        status=words.status(alert),
        result=words.result(alert),
        severity=words.SEVERITIES[alert.severity],
        at=alert.at,
        message=alert.message,
        resource_id=alert.resource_id,
        resource_type=alert.resource_type,
        evidence=alert.evidence,
        remediation=alert.remediation,
        details=() if alert.reason is None else (str(alert.reason),),
        actor=by.actor if by is not None else None,
        metadata=metadata,
        tables=alert.tables,
        occurred_at=by.occurred_at if by is not None else None,
        before=alert.before,
    )
    return event_of(told, producer)


def compliance_finding_of_evaluation(seen: Observation, at: datetime, producer: Producer) -> Json:
    """Return what a control says of a resource, judged `at` a time and once."""
    judgement, resource = seen.judgement, seen.resource
    verdict = judgement.verdict
    uid = finding_uid(seen.control_id, resource.text)
    mend = verdict in {Verdict.FAIL, Verdict.UNKNOWN}
    told = Told(
        uid=f"{uid}-{at:%Y%m%dT%H%M%S%f}",
        code=str(verdict),
        name=seen.control_id,
        control=seen.control,
        activity=words.CREATE,
        status=words.status_of_verdict(verdict),
        result=words.result_of_verdict(verdict),
        severity=words.severity_of_verdict(verdict, seen.control.severity),
        at=at,
        message=judgement.message,
        resource_id=resource.text,
        resource_type=resource.type,
        evidence=judgement.evidence,
        remediation=seen.control.remediation_for(resource) if mend else "",
        details=() if judgement.cause is None else (str(judgement.cause),),
    )
    return event_of(told, producer)
