"""A resource as ARM shows it, and typed reading of its properties.

A property that is absent, `null`, or of the wrong type has no value: what its absence means is the
monitor's to say, and `Property.wrong` gives the words for a value of the wrong type.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar

from shared.domain.resource_id import ResourceId
from shared.domain.verdict import Evidence

type_names = {bool: "a boolean", str: "text", list: "a list", dict: "an object"}
LONGEST_SHOWN = 80
"""Characters of a value that a message repeats."""

T = TypeVar("T")


@dataclass(slots=True, unsafe_hash=True)
class Property(Generic[T]):
    """One property: its path, its value if that is of the right type, and what is really there.

    Never changed, but not frozen: a look makes hundreds, each three times as fast.
    """

    path: str
    value: T | None
    observed: object
    wanted: type[T]

    @property
    def wrong(self) -> str:
        """` (publicNetworkAccess is a number, not text, and counts as absent)`, or empty."""
        if self.value is not None or self.observed is None:
            return ""
        name = self.path.rpartition(".")[2]
        found = type_names.get(type(self.observed), "a number")
        return f" ({name} is {found}, not {type_names[self.wanted]}, and counts as absent)"

    def shown(self, when_absent: str) -> str:
        """Return the value for a message, or `when_absent` with the note on a wrong type."""
        if self.value is None:
            return f"{when_absent}{self.wrong}"
        if isinstance(self.value, str):
            text: str = self.value
        else:
            # As JSON spells it: true, not True.
            text = str(self.value).lower() if isinstance(self.value, bool) else str(self.value)
        return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"

    def evidence(self, source: str, expected: object) -> Evidence:
        """Return what was found here as evidence: where, what is wanted, and what is there."""
        return Evidence(source, self.path, expected, self.observed)


@dataclass(slots=True, eq=False)
class Resource:
    """One resource: its id and its JSON body.

    `api_version` is what it was read with; None: not stated, counts as current. Never changed, but
    not frozen: a sweep makes tens of thousands, each three times as fast.
    """

    id: ResourceId
    body: Mapping[str, object]
    api_version: str | None = None

    @property
    def kind(self) -> str | None:
        """Top-level `kind`, or None."""
        kind = self.body.get("kind")
        return kind if isinstance(kind, str) else None

    def read_before(self, api_version: str) -> bool:
        """Whether this was read with an API of an earlier date; unstated counts as current."""
        return self.api_version is not None and self.api_version[:10] < api_version[:10]

    def text(self, path: str) -> Property[str]:
        """Read a text property by its dotted path."""
        return _typed(self.body, path, str)

    def flag(self, path: str) -> Property[bool]:
        """Read a boolean property by its dotted path."""
        return _typed(self.body, path, bool)

    def list(self, path: str) -> Property[Sequence[object]]:
        """Read a list property by its dotted path."""
        return _typed(self.body, path, list)

    def object(self, path: str) -> Property[Mapping[str, object]]:
        """Read an object property by its dotted path."""
        return _typed(self.body, path, dict)

    def objects(self, path: str) -> "tuple[Resource, ...]":
        """Read the objects of a list, each as a view with this resource's id; skip all else."""
        found = self.list(path).value or ()
        return tuple(
            Resource(self.id, item, self.api_version) for item in found if isinstance(item, dict)
        )


@dataclass(slots=True, eq=False)
class Subject(Resource):
    """A resource while it is judged: a dozen monitors read the same few properties of it.

    It lives no longer than that, so nothing is remembered of what is kept.
    """

    _texts: dict[str, Property[str]] = field(init=False, repr=False, default_factory=dict)
    _objects: "dict[str, Property[Mapping[str, object]]]" = field(
        init=False, repr=False, default_factory=dict
    )

    def text(self, path: str) -> Property[str]:
        """Read a text property by its dotted path, once."""
        found = self._texts.get(path)
        if found is None:
            found = self._texts[path] = _typed(self.body, path, str)
        return found

    def object(self, path: str) -> Property[Mapping[str, object]]:
        """Read an object property by its dotted path, once."""
        found = self._objects.get(path)
        if found is None:
            found = self._objects[path] = _typed(self.body, path, dict)
        return found


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str, ...]:
    """Split a path once: monitors read the same ones over and over."""
    return tuple(path.split("."))


def _typed(body: Mapping[str, object], path: str, wanted: type[T]) -> Property[T]:
    """Walk `path` through nested objects; anything but an object on the way reads as absent."""
    node: object = body
    for step in _steps(path):
        node = node.get(step) if isinstance(node, dict) else None
    # Not isinstance: a boolean is no number and a number is no flag.
    return Property(path, node if type(node) is wanted else None, node, wanted)
