"""The two envelopes that Event Grid delivers events in: its own schema and CloudEvents 1.0.

Both carry the same `data`. Source: "Azure subscription as an Event Grid source" and "CloudEvents
schema", Microsoft Learn; the CloudEvents specification makes `time` and `subject` optional.
"""

from collections.abc import Mapping
from typing import NamedTuple

from shared.events.dead_letter import is_dead_letter, published_at
from shared.events.fields import text_at
from shared.events.outcome import MalformedEventError


class Envelope(NamedTuple):
    """What both schemas say, under one set of names; only the type has been read."""

    event_type: str
    fields: Mapping[str, object]
    time_field: str
    dead_letter: bool

    @property
    def time(self) -> object:
        """When it happened; for a dead letter that does not say, when it was published."""
        told = self.fields.get(self.time_field)
        return published_at(self.fields) if told is None and self.dead_letter else told


def opened(message: Mapping[str, object]) -> Envelope | None:
    """Return the envelope of a message, or None when it is in neither schema.

    Raises:
        MalformedEventError: its type is missing or no text.
    """
    if "eventType" in message:
        type_field, time_field = "eventType", "eventTime"
    # The sample of a dead-lettered CloudEvent has no specversion.
    elif "specversion" in message or ("type" in message and "source" in message):
        type_field, time_field = "type", "time"
    else:
        return None
    event_type = text_at(message, type_field)
    if event_type is None:
        raise MalformedEventError(f"{type_field} is missing")
    return Envelope(event_type, message, time_field, is_dead_letter(message))
