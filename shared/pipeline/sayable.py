"""What may be said of things: ids and words of our own, where others could have put anything."""

import re

from shared.pipeline.messages import LookMessage
from shared.ports import Attribute

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def correlation(text: str | None) -> str | None:
    """Return a correlation id; None for what is no GUID, and so may say anything.

    Azure's are GUIDs; who forges an event could write what he likes there.
    """
    return text if text is not None and _GUID.fullmatch(text) else None


def of_message(message: LookMessage) -> dict[str, Attribute]:
    """Return what is said of a look message: its root, why, and which change asked for it."""
    change = message.change
    found = correlation(change.correlation_id) if change is not None else None
    told: dict[str, Attribute] = {"root": message.root.lower(), "trigger": message.trigger.value}
    return {**told, "correlation_id": found} if found is not None else told
