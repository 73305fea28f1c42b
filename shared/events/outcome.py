"""What becomes of a message that is no change of ours: ignored, or malformed."""

from dataclasses import dataclass
from enum import StrEnum

LONGEST_SHOWN = 80
"""Values in reasons are cut to this many characters."""


class IgnoredReason(StrEnum):
    """Why a well-formed message is dropped: few, stable phrases, so that they can be counted."""

    OTHER_EVENT_TYPE = "another event type"
    SUBSCRIPTION_VALIDATION = "subscription validation"
    POLICY = "policy event"
    TEMPLATE_DEPLOYMENT = "ARM template deployment"
    OTHER_PROVIDER = "another resource provider"
    READ = "read"
    HARMLESS_ACTION = "action that changes nothing"
    NO_ROOT = "under no account, workspace or registry"


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that is understood, and not about a change of our resources."""

    reason: IgnoredReason


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that cannot be read; `reason` is one sentence for people.

    `excerpt` is the beginning of the raw text where not even a JSON value came of it.
    """

    reason: str
    excerpt: str = ""


class MalformedEventError(ValueError):
    """A message cannot be read; the text is the reason. Never leaves `shared.events`."""


def shown(text: str) -> str:
    """Quote a value for a reason: control characters escaped, at most `LONGEST_SHOWN` long."""
    if len(text) > 2 * LONGEST_SHOWN:
        # The middle is cut anyway; a megabyte of noise is not escaped first.
        text = text[:LONGEST_SHOWN] + text[-LONGEST_SHOWN:]
    quoted, half = repr(text), LONGEST_SHOWN // 2
    # In the middle, because ids differ at their end.
    return quoted if len(quoted) <= LONGEST_SHOWN else f"{quoted[: half - 1]}…{quoted[-half:]}"
