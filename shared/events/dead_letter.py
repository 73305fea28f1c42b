"""Dead-letter records: the event that could not be delivered, plus why.

Event Grid adds `deadLetterReason`, `publishTime`, … to an event of its own schema, and the same
names in lower case to a CloudEvent ("Event Grid message delivery and retry", Microsoft Learn).
"""

from collections.abc import Mapping

_REASONS = ("deadLetterReason", "deadletterreason")
_PUBLISHED = ("publishTime", "publishtime")


def is_dead_letter(record: Mapping[str, object]) -> bool:
    """Whether an event was written by dead-lettering."""
    return any(key in record for key in _REASONS)


def published_at(record: Mapping[str, object]) -> object:
    """Return when Event Grid took the event in, for a CloudEvent that states no time; else None."""
    return next((record[key] for key in _PUBLISHED if key in record), None)
