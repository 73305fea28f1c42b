"""The resources that the local Azure holds, ready to be sent.

Bodies are kept as JSON text, so that a hundred thousand resources take little memory and a list is
put together without parsing.
"""

import sys
from collections.abc import Iterable, Mapping

import orjson

from shared.domain.embedding import embed
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.topology import EMBEDDED_TYPES
from tests.local_azure import arm_path
from tests.local_azure.arm_path import ArmPath

TENANT = "99999999-9999-9999-9999-999999999999"


_MODELS = "microsoft.cognitiveservices/locations/models"
_SUBSCRIPTION = "microsoft.resources/subscriptions"
_CHAIN = "managementGroupAncestorsChain"


class UnknownPathError(ValueError):
    """The text is no path in a subscription."""


class Estate:
    """Resources by the key of their id, and the lists they stand in.

    `management_groups` are the ancestors of a subscription (lower case), nearest first; `writes`
    counts the changes.
    """

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}
        self._shown: dict[str, bytes] = {}
        """What is shown in place of the body: with embedded children in it."""
        self._before: dict[str, bytes | None] = {}
        """The state before the last write, of what was written since the start."""
        self._lists: dict[str, dict[str, None]] = {}
        self._sorted: dict[str, list[str]] = {}
        self._types: dict[str, dict[str, None]] = {}
        self._subscriptions: dict[str, None] = {}
        self.management_groups: dict[str, list[str]] = {}
        self.writes = 0

    # --- writing ---

    def load(self, bodies: Iterable[Resource | Mapping[str, object]]) -> None:
        """Put resources that were always there: nothing was before them."""
        for body in bodies:
            self._put(body.body if isinstance(body, Resource) else body)

    def put(self, *bodies: Resource | Mapping[str, object]) -> None:
        """Create or replace resources, each a `Resource` or a body with its `id`.

        Raises:
            UnknownPathError: an id is none of anything in a subscription.
        """
        for body in bodies:
            plain = body.body if isinstance(body, Resource) else body
            self._remember(_read(str(plain.get("id", ""))))
            self._put(plain)

    def put_items(self, path: str, items: Iterable[Mapping[str, object]]) -> None:
        """Fill a list whose items have no ids of their own (`…/locations/{l}/models`)."""
        self._listed(path)
        for number, item in enumerate(items):
            key = f"{path.lower().rstrip('/')}/{number:06}"
            self._enter(key, _read(key), orjson.dumps(item))

    def delete(self, resource_id: str, *, below: bool = True) -> None:
        """Delete a resource with everything below it, or, unless `below`, alone."""
        top = resource_id.rstrip("/").lower()
        gone = [top] if top in self._bodies else []
        if below:
            gone += [key for key in self._bodies if key.startswith(f"{top}/")]
        for key in gone:
            self._remove(key)

    def _put(self, body: Mapping[str, object]) -> None:
        path = _read(str(body.get("id", "")))
        if path.type.lower() == _MODELS:
            # ARM gives them none; an estate needs one to tell them apart.
            body = {name: value for name, value in body.items() if name != "id"}
        if path.type.lower() == _SUBSCRIPTION:
            body = self._without_groups(path.subscription, body)
        self._enter(path.key, path, orjson.dumps(body))
        if path.type.lower() in EMBEDDED_TYPES:
            self._show(path.parent)
        elif any(f"{path.key}/{name}" in self._lists for name in _EMBEDDED):
            self._show(path.key)

    def _without_groups(
        self, subscription: str, body: Mapping[str, object]
    ) -> Mapping[str, object]:
        """Keep apart the ancestors of a subscription, which Resource Graph alone shows."""
        properties = body.get("properties")
        chain = properties.get(_CHAIN) if isinstance(properties, dict) else None
        if not isinstance(properties, dict) or not isinstance(chain, list):
            return body
        self.management_groups[subscription] = [each["name"] for each in chain]
        return {
            **body,
            "properties": {name: each for name, each in properties.items() if name != _CHAIN},
        }

    def _enter(self, key: str, path: ArmPath, body: bytes) -> None:
        """Store a body and enter it in its lists."""
        self.writes += 1
        if key not in self._bodies:
            for name in self._lists_of(path):
                self._listed(name)[key] = None
                self._sorted.pop(name, None)
            self._types.setdefault(sys.intern(path.type.lower()), {})[key] = None
        self._subscriptions.setdefault(path.subscription)
        # A copy: orjson gives bytes that hold on to eight times the memory.
        self._bodies[key] = bytes(memoryview(body))
        self._shown.pop(key, None)

    def _remember(self, path: ArmPath) -> None:
        """Keep what is shown now, for answers that are stale after the write that follows."""
        self._before[path.key] = self.shown(path.key)
        if path.type.lower() in EMBEDDED_TYPES:
            self._before[path.parent] = self.shown(path.parent)

    def _remove(self, key: str) -> None:
        path = _read(key)
        self._remember(path)
        self.writes += 1
        del self._bodies[key]
        self._shown.pop(key, None)
        for name in self._lists_of(path):
            del self._lists[name][key]
            self._sorted.pop(name, None)
        del self._types[path.type.lower()][key]
        if path.type.lower() in EMBEDDED_TYPES:
            self._show(path.parent)

    def _listed(self, name: str) -> dict[str, None]:
        return self._lists.setdefault(name.lower().rstrip("/"), {})

    @staticmethod
    def _lists_of(path: ArmPath) -> list[str]:
        """Name the lists that a resource stands in: beside its like, and in its subscription."""
        wide = arm_path.subscription_list(path)
        return [path.collection] if wide is None else [path.collection, sys.intern(wide)]

    def _show(self, key: str) -> None:
        """Put the embedded children of a resource into what is shown of it."""
        self._shown.pop(key, None)
        body = self._bodies.get(key)
        children = [child for name in _EMBEDDED for child in self._lists.get(f"{key}/{name}", ())]
        if body is None or not children:
            return
        owner = _resource(body)
        for child in children:
            owner = embed(owner, _resource(self._bodies[child]))
        self._shown[key] = orjson.dumps(owner.body)

    # --- reading ---

    def exists(self, key: str) -> bool:
        """Whether a resource, or a subscription in which anything ever was, exists."""
        return key in self._bodies or _subscription_in(key) in self._subscriptions

    def shown(self, key: str, *, stale: bool = False) -> bytes | None:
        """Return what ARM shows of a resource; `stale`: before its last write."""
        if stale and key in self._before:
            return self._before[key]
        found = self._shown.get(key) or self._bodies.get(key)
        return self._subscription(_subscription_in(key)) if found is None else found

    def listed(self, name: str, *, stale: bool = False) -> list[str]:
        """Return the keys in a list, sorted; `stale`: before the last write of each."""
        if name == "/subscriptions":
            return [f"{name}/{each}" for each in sorted(self._subscriptions)]
        found = self._sorted.get(name)
        if found is None:
            found = self._sorted[name] = sorted(self._lists.get(name, ()))
        if not stale:
            return found
        keys = {key for key in found if self._before.get(key, b"") is not None}
        keys |= {
            key
            for key, body in self._before.items()
            if body is not None and name in self._lists_of(_read(key))
        }
        return sorted(keys)

    def of_type(self, kind: str) -> Iterable[str]:
        """Go through the keys of the resources of a type (lower case)."""
        return self._types.get(kind, {})

    @property
    def types(self) -> list[str]:
        """The types (lower case) of which there ever was a resource."""
        return list(self._types)

    @property
    def subscriptions(self) -> list[str]:
        """Ids (lower case) of the subscriptions in which anything ever was."""
        return sorted(self._subscriptions)

    def _subscription(self, name: str | None) -> bytes | None:
        """Return the body of a subscription that nobody put, if anything lies in it."""
        if name is None or name not in self._subscriptions:
            return None
        body = {
            "id": f"/subscriptions/{name}",
            "subscriptionId": name,
            "tenantId": TENANT,
            "displayName": f"Subscription {name[:8]}",
            "state": "Enabled",
        }
        return orjson.dumps(body)


_EMBEDDED = sorted({kind.rpartition("/")[2] for kind in EMBEDDED_TYPES})


def _subscription_in(key: str) -> str | None:
    """Return the subscription that a key names, if it names no more than that."""
    above, _, name = key.rpartition("/")
    return name if above == "/subscriptions" else None


def _read(text: str) -> ArmPath:
    path = arm_path.parse(text)
    if path is None:
        raise UnknownPathError(f"{text!r} is nothing in a subscription")
    return path


def _resource(body: bytes) -> Resource:
    plain = orjson.loads(body)
    return Resource(ResourceId.parse(plain["id"]), plain)
