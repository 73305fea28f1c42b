"""Request paths of ARM: what a path names, its type, and what must exist above it."""

from functools import lru_cache
from typing import NamedTuple

_SUBSCRIPTION_DEPTH = 3
_GROUP_DEPTH = 5
_FEATURES = "microsoft.features"


class ArmPath(NamedTuple):
    """A path: of one resource, or of the list of all of one type in a scope (`is_list`).

    `key` is the lower-case path, which is the id of a resource. `type` is in the spelling it came
    in. `parent` is the key of what must exist for the path to be: the resource above, or a scope.
    """

    key: str
    type: str
    is_list: bool
    subscription: str
    parent: str

    @property
    def provider(self) -> str:
        """The namespace: `Microsoft.CognitiveServices`."""
        return self.type.partition("/")[0]

    @property
    def collection(self) -> str:
        """Key of the list that a resource stands in: its id without the name."""
        return self.key if self.is_list else self.key.rpartition("/")[0]


@lru_cache(maxsize=4096)
def parse(path: str) -> ArmPath | None:
    """Read a path; None for one that names nothing in a subscription."""
    clean = path.rstrip("/")
    key = clean.lower()
    parts = clean.split("/")
    low = key.split("/")
    if len(parts) < 2 or low[0] or low[1] != "subscriptions":
        return None
    if len(parts) <= _SUBSCRIPTION_DEPTH:
        named = len(parts) == _SUBSCRIPTION_DEPTH
        subscription = low[2] if named else ""
        return ArmPath(key, "Microsoft.Resources/subscriptions", not named, subscription, "")
    at = _last_provider(low)
    if at is None:
        return _group(key, low)
    below = parts[at + 2 :]
    if not below:
        return None
    kind = "/".join([parts[at + 1], *below[::2]])
    return ArmPath(key, kind, len(below) % 2 == 1, low[2], _parent(low))


def _last_provider(low: list[str]) -> int | None:
    """Return where the `providers` stands that the type is under.

    Preview features have `providers` as a type: /providers/Microsoft.Features/providers/….
    """
    for at in range(len(low) - 2, 2, -1):
        if low[at] == "providers" and low[at - 1] != _FEATURES:
            return at
    return None


def _group(key: str, low: list[str]) -> ArmPath | None:
    """Read the path of a resource group, or of their list."""
    if low[3] != "resourcegroups" or len(low) > _GROUP_DEPTH:
        return None
    kind = "Microsoft.Resources/subscriptions/resourceGroups"
    return ArmPath(key, kind, len(low) < _GROUP_DEPTH, low[2], "/".join(low[:3]))


def _parent(low: list[str]) -> str:
    """Return the key of the resource or scope that this path lies in."""
    end = len(low) - (1 if _is_list(low) else 2)
    while end > _SUBSCRIPTION_DEPTH and low[end - 2] == "providers":
        end -= 2
    return "/".join(low[:end])


def _is_list(low: list[str]) -> bool:
    """Whether a path ends in a type, not a name; scopes and providers come in pairs."""
    return len(low) % 2 == 0


def has_keeper(parent: str) -> bool:
    """Whether a parent is a resource that somebody created, and not part of the platform."""
    return "/providers/" in parent and "/locations/" not in parent and _FEATURES not in parent


def subscription_list(path: ArmPath) -> str | None:
    """Return the key of the subscription-wide list that a top-level resource stands in."""
    low = path.key.split("/")
    is_top = len(low) == _GROUP_DEPTH + 4 and low[3] == "resourcegroups"
    return "/".join([*low[:3], *low[5:-1]]) if is_top else None
