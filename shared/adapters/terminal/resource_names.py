"""Resource ids as people read them."""

from shared.domain.resource_id import ResourceId
from shared.domain.topology import resource_type

ELLIPSIS = "…"
SHORT_SUBSCRIPTION = 8


def type_name(text: str) -> str:
    """Return a resource type in ARM's own spelling; one that we do not judge stays as it came."""
    return resource_type(text) or text


def short_type(text: str) -> str:
    """Return a type without its provider: `accounts/deployments`."""
    return type_name(text).partition("/")[2]


def short_id(text: str, width: int) -> str:
    """Return an id that fits into `width`: what tells least is left out first, then the middle."""
    for candidate in _shorter(text):
        if len(candidate) <= width:
            return candidate
    room = max(width - len(ELLIPSIS), 2)
    # The end tells more than the beginning.
    head = room // 3
    return f"{text[:head]}{ELLIPSIS}{text[head - room :]}"


def _shorter(text: str) -> list[str]:
    """Return ever shorter forms of an id."""
    try:
        resource = ResourceId.parse(text)
    except ValueError:
        return [text]
    parts = text.split("/")
    if not resource.resource_group or not resource.provider:
        return [text]
    subscription, group, rest = parts[2], parts[4], "/".join(parts[7:])
    cut = subscription[:SHORT_SUBSCRIPTION] + ELLIPSIS * (len(subscription) > SHORT_SUBSCRIPTION)
    return [
        text,
        f"/subscriptions/{subscription}/resourceGroups/{group}/{ELLIPSIS}/{rest}",
        f"/subscriptions/{cut}/resourceGroups/{group}/{ELLIPSIS}/{rest}",
        f"/{cut}/{group}/{ELLIPSIS}/{rest}",
        f"{ELLIPSIS}/{group}/{ELLIPSIS}/{rest}",
    ]
