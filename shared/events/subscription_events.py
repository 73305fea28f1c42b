"""Events of a subscription or resource group: somebody wrote, deleted or acted on an ARM resource.

Six types of three outcomes and three operations; none carries the resource's body. Source: "Azure
subscription as an Event Grid source", Microsoft Learn.
"""

from shared.domain.change import Operation, Origin, Outcome, ResourceChange
from shared.events.envelope import Envelope
from shared.events.fields import json_object, object_at, text_at
from shared.events.notice import Notice, Told, change_from
from shared.events.outcome import Ignored

_OUTCOMES = {
    "success": Outcome.SUCCEEDED,
    "failure": Outcome.FAILED,
    "cancel": Outcome.CANCELED,
}
TYPES = {
    f"microsoft.resources.resource{operation}{ending}": (operation, outcome)
    for operation in Operation
    for ending, outcome in _OUTCOMES.items()
}
"""Event type (lower case) → what was done, and how it ended."""


def read(envelope: Envelope, operation: Operation, outcome: Outcome) -> ResourceChange | Ignored:
    """Read the `data` of a subscription event.

    Raises:
        MalformedEventError: a field that decides the change cannot be read.
    """
    data = object_at(envelope.fields, "data")
    name = text_at(data, "operationName", "data.operationName")
    if name is None:
        authorization = json_object(data.get("authorization")) or {}
        name = text_at(authorization, "action", "data.authorization.action")
    resource = Told(
        "data.resourceUri",
        text_at(data, "resourceUri", "data.resourceUri"),
    )
    if resource.text is None:
        resource = Told("subject", text_at(envelope.fields, "subject"))
    return change_from(
        Notice(
            operation=Told("data.operationName", name),
            kind=operation,
            outcome=outcome,
            resource=resource,
            time=(envelope.time_field, envelope.time),
            claims=data.get("claims"),
            caller=None,
            correlation_id=data.get("correlationId"),
            origin=Origin.DEAD_LETTER if envelope.dead_letter else Origin.SUBSCRIPTION_EVENT,
        )
    )
