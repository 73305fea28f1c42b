"""Azure Resource Notifications: a resource as Resource Graph saw it change.

They carry no caller, and a body that cannot be judged (`1` for `true`, no `sku`): only the id and
the time are read. Source: "Azure Resource Notifications - Resource Management events in Azure Event
Grid", Microsoft Learn.
"""

from shared.domain.change import Operation, Origin, Outcome, ResourceChange
from shared.events.envelope import Envelope
from shared.events.fields import json_object, object_at, text_at
from shared.events.notice import Notice, Told, change_from
from shared.events.outcome import Ignored

TYPES = {
    "microsoft.resourcenotifications.resources.createdorupdated": Operation.WRITE,
    "microsoft.resourcenotifications.resources.deleted": Operation.DELETE,
}
"""Event type (lower case) → what was done."""


def read(envelope: Envelope, operation: Operation) -> ResourceChange | Ignored:
    """Read the `data` of a notification.

    Raises:
        MalformedEventError: a field that decides the change cannot be read.
    """
    data = object_at(envelope.fields, "data")
    info = object_at(data, "resourceInfo", "data.resourceInfo")
    resource_type = text_at(info, "type", "data.resourceInfo.type")
    resource = Told("data.resourceInfo.id", text_at(info, "id", "data.resourceInfo.id"))
    if resource.text is None:
        resource = Told("subject", text_at(envelope.fields, "subject"))
    happened = (json_object(data.get("operationalInfo")) or {}).get("resourceEventTime")
    return change_from(
        Notice(
            # They name no operation; ARM's name for what they tell of is made from the type.
            operation=Told(
                "data.resourceInfo.type", resource_type and f"{resource_type}/{operation}"
            ),
            kind=operation,
            outcome=Outcome.SUCCEEDED,
            resource=resource,
            time=(
                (envelope.time_field, envelope.time)
                if happened is None
                else ("data.operationalInfo.resourceEventTime", happened)
            ),
            claims=None,
            caller=None,
            correlation_id=None,
            origin=Origin.DEAD_LETTER if envelope.dead_letter else Origin.RESOURCE_NOTIFICATION,
        )
    )
