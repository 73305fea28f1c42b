"""The event itself: an OCSF 1.8.0 Compliance Finding, put together from what is told.

Source: ocsf-schema 1.8.0, events/findings/compliance_finding.json and what it is made of. Beside
the class itself its profiles `cloud` and `datetime` are used.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from shared.adapters.formats import ocsf_objects as objects
from shared.adapters.formats import ocsf_words as words
from shared.adapters.formats.ocsf_objects import Json, moments
from shared.adapters.formats.ocsf_words import Word
from shared.adapters.formats.product import Producer
from shared.domain.control import Control
from shared.domain.finding import finding_uid
from shared.domain.verdict import Evidence

VERSION = "1.8.0"
CLASS = Word(2003, "Compliance Finding")
CATEGORY = Word(2, "Findings")
PROFILES = ("cloud", "datetime")
LOG = "azure_ai_compliance"


@dataclass(frozen=True, slots=True)
class Told:
    """What an alert and an evaluation have in common, in OCSF's words.

    `code` is our own word for what happened. `name` is what the finding is of: its control, or the
    kind of an alert that is of none.
    """

    uid: str
    code: str
    name: str
    control: Control | None
    activity: Word
    status: Word
    result: Word
    severity: Word
    at: datetime
    message: str
    resource_id: str
    resource_type: str
    evidence: tuple[Evidence, ...]
    remediation: str
    details: tuple[str, ...] = ()
    actor: str | None = None
    metadata: Json = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    occurred_at: datetime | None = None
    before: tuple[Evidence, ...] = ()


def event_of(told: Told, producer: Producer) -> Json:
    """Put the event together; what is not known is left out, as OCSF wants it."""
    event: Json = {
        "activity_id": told.activity.id,
        "activity_name": told.activity.caption,
        "category_uid": CATEGORY.id,
        "category_name": CATEGORY.caption,
        "class_uid": CLASS.id,
        "class_name": CLASS.caption,
        "type_uid": CLASS.id * 100 + told.activity.id,
        "type_name": f"{CLASS.caption}: {told.activity.caption}",
        **dict(moments(told.at, "time")),
        "timezone_offset": 0,
        "severity_id": told.severity.id,
        "severity": told.severity.caption,
        "status_id": told.status.id,
        "status": told.status.caption,
        "message": told.message,
        "metadata": {
            "version": VERSION,
            "profiles": list(PROFILES),
            "product": objects.product(producer),
            "uid": told.uid,
            "event_code": told.code,
            "log_name": LOG,
            **dict(moments(told.at, "logged_time")),
            **told.metadata,
        },
        "finding_info": _finding_info(told),
        "compliance": _compliance(told),
        "resources": [objects.resource(told.resource_id, told.resource_type, producer)],
        "cloud": objects.cloud(told.resource_id, producer),
        "observables": objects.observables(told.resource_id, told.actor),
    }
    if told.occurred_at is not None:
        event.update(moments(told.occurred_at, "start_time"))
    if told.details:
        event["status_detail"] = ", ".join(told.details)
    if told.evidence or told.actor is not None:
        event["evidences"] = objects.evidences(told.evidence, told.actor)
    if told.remediation:
        event["remediation"] = objects.remediation(told.remediation, told.control)
    unmapped: Json = {"tables": dict(told.tables)} if told.tables else {}
    if told.before:
        unmapped["before"] = [asdict(each.bounded()) for each in told.before]
    if unmapped:
        event["unmapped"] = unmapped
    return event


def _finding_info(told: Told) -> Json:
    """Return what stays the same while the finding lives, and what is known of its times."""
    times = {
        words.CREATE: ("created_time", "first_seen_time", "last_seen_time"),
        words.UPDATE: ("modified_time", "last_seen_time"),
        words.CLOSE: ("modified_time",),
    }
    return {
        "uid": finding_uid(told.name, told.resource_id),
        "title": told.control.requirement if told.control else told.message,
        "desc": told.message,
        "types": [told.name.partition(".")[0]],
        "analytic": {"uid": told.name, "name": told.name, "type_id": 1, "type": "Rule"},
        **dict(moments(told.at, *times[told.activity])),
    }


def _compliance(told: Told) -> Json:
    """Return the control, in words, and what it says of the resource.

    `standards` is left out: our controls are the organisation's own.
    """
    about: Json = {}
    if told.control is not None:
        about = {"desc": told.control.why, "requirements": [told.control.requirement]}
    return {
        "control": told.name,
        "category": told.name.partition(".")[0],
        **about,
        "status_id": told.result.id,
        "status": told.result.caption,
        "status_details": [told.message, *told.details],
    }
