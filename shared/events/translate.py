"""The one way in: a message of any wire form becomes a change, or is ignored or malformed."""

from collections.abc import Mapping

from shared.domain.change import ResourceChange
from shared.events import activity_log, resource_notifications, subscription_events
from shared.events.envelope import Envelope, opened
from shared.events.fields import described
from shared.events.outcome import Ignored, IgnoredReason, Malformed, MalformedEventError, shown

# What each form is told by: the first key decides, the others show what was meant.
_SIGNS = {
    "an Event Grid event": ("eventType", "eventTime", "subject"),
    "a CloudEvent": ("specversion", "type", "source"),
    "an AzureActivity row": ("OperationNameValue", "TimeGenerated", "ResourceId"),
    "an activity log entry": ("operationName", "eventTimestamp", "resourceId"),
}
_KEYS_SHOWN = 4


def translate(payload: object) -> ResourceChange | Ignored | Malformed:
    """Turn one parsed JSON value into what it means to us; never raises.

    Understood are events of the Event Grid schema and CloudEvents 1.0 (subscription events,
    Resource Notifications, dead letters of both) and rows of the Activity Log (AzureActivity,
    REST).
    """
    try:
        return _read(payload)
    except MalformedEventError as error:
        return Malformed(str(error))


def _read(payload: object) -> ResourceChange | Ignored:
    if not isinstance(payload, dict):
        raise MalformedEventError(f"an event is an object, and this is {described(payload)}")
    envelope = opened(payload)
    if envelope is not None:
        return _of_type(envelope)
    columns = activity_log.columns_of(payload)
    if columns is None:
        raise MalformedEventError(_unknown_form(payload))
    return activity_log.read(payload, columns)


def _of_type(envelope: Envelope) -> ResourceChange | Ignored:
    """Hand an event to the reader of its type."""
    event_type = envelope.event_type.lower()
    if event_type in subscription_events.TYPES:
        return subscription_events.read(envelope, *subscription_events.TYPES[event_type])
    if event_type in resource_notifications.TYPES:
        return resource_notifications.read(envelope, resource_notifications.TYPES[event_type])
    if event_type == "microsoft.eventgrid.subscriptionvalidationevent":
        return Ignored(IgnoredReason.SUBSCRIPTION_VALIDATION)
    if event_type.startswith("microsoft.policyinsights."):
        return Ignored(IgnoredReason.POLICY)
    return Ignored(IgnoredReason.OTHER_EVENT_TYPE)


def _unknown_form(payload: Mapping[str, object]) -> str:
    """Say what an object lacks for the form that it resembles most, or that it resembles none."""
    nearest = max(_SIGNS, key=lambda form: sum(key in payload for key in _SIGNS[form]))
    missing = [key for key in _SIGNS[nearest] if key not in payload]
    if len(missing) < len(_SIGNS[nearest]):
        return f"no known wire form: as {nearest} it lacks {', '.join(missing)}"
    keys = [str(key)[:40] for _, key in zip(range(_KEYS_SHOWN), payload, strict=False)]
    has = f"its keys are {shown(', '.join(keys))}" if keys else "it has no keys"
    needed = ", ".join(signs[0] for signs in _SIGNS.values())
    return f"no known wire form: it has none of {needed}; {has}"
