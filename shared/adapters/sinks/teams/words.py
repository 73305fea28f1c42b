"""Times, values and ids in words."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from shared.adapters.sinks.teams.plain_text import plain
from shared.domain.resource_id import MalformedResourceIdError, ResourceId
from shared.domain.topology import ResourceType, resource_type

_TYPES = {
    ResourceType.ACCOUNT: "AI account",
    ResourceType.DEPLOYMENT: "model deployment",
    ResourceType.MANAGED_COMPUTE_DEPLOYMENT: "managed compute deployment",
    ResourceType.WORKSPACE: "machine learning workspace",
    ResourceType.ONLINE_ENDPOINT: "online endpoint",
    ResourceType.ONLINE_DEPLOYMENT: "online deployment",
    ResourceType.BATCH_ENDPOINT: "batch endpoint",
    ResourceType.BATCH_DEPLOYMENT: "batch deployment",
    ResourceType.SERVERLESS_ENDPOINT: "serverless endpoint",
    ResourceType.MARKETPLACE_SUBSCRIPTION: "marketplace subscription",
    ResourceType.PROJECT: "AI project",
    ResourceType.REGISTRY: "model registry",
    ResourceType.SUBSCRIPTION: "subscription",
}
TYPE = 60


def type_words(text: str) -> str:
    """Return a resource type in words; one that we do not judge as it came."""
    known = resource_type(text)
    return plain(text, TYPE) if known is None else _TYPES[known]


def parsed(text: str) -> ResourceId | None:
    """Return a resource id, None where the text is none."""
    try:
        return ResourceId.parse(text)
    except MalformedResourceIdError:
        return None


def name_of(text: str, limit: int) -> str:
    """Return the name of a resource by its id."""
    return plain(text.rstrip("/").rpartition("/")[2] or text, limit)


def clock(time: datetime) -> str:
    """Return a time in UTC: the one that logs and colleagues elsewhere have too."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def value_words(value: object, limit: int) -> str:
    """Return a value of evidence: what is absent or empty says so."""
    return plain(_spelled(value), limit)


def _spelled(value: object) -> str:
    """Spell a JSON value without quotes and brackets."""
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value or "empty text"
    if isinstance(value, Mapping):
        pairs = (f"{key}: {_spelled(item)}" for key, item in value.items())
        return ", ".join(pairs) or "nothing"
    if isinstance(value, list | tuple):
        return ", ".join(map(_spelled, value)) or "none"
    return str(value)


def counted(count: int, word: str) -> str:
    """Return a number of things: `1 alert`, `5,000 alerts`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def joined(parts: Iterable[str]) -> str:
    """Return the parts that are not empty, apart by dots."""
    return " · ".join(filter(None, parts))
