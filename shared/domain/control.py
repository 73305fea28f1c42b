"""Controls and monitors: what is required, and the executable check of it."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Judgement, Severity


class Parameters(BaseModel):
    """The tunable values of a control; one with some subclasses this.

    A docstring below each field describes it: whoever shows it reads that from the source.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class FoundBy(StrEnum):
    """What sees a change of the properties that a control judges."""

    EVENT = "event"
    """An ARM write, which Event Grid and the Activity Log tell of."""
    SWEEP = "sweep"
    """Microsoft changes the property itself and no event tells of it: the next sweep finds it."""


@dataclass(frozen=True, slots=True)
class Control:
    """A requirement in words, for people who have never heard of it.

    `requirement` is one sentence that says what must be so. `why` says what happens otherwise, and
    which Microsoft page it follows from. `fails_when` is the exact condition. `remediation` are
    steps (an `az` command or portal path); `{id}`, `{subscription}`, `{resource_group}`, `{root}`
    (name of the account, workspace or registry), `{name}` and `{parent}` are filled in,
    shell-quoted. `limits` are known gaps.
    """

    requirement: str
    why: str
    fails_when: str
    severity: Severity
    remediation: tuple[str, ...]
    references: tuple[str, ...]
    found_by: FoundBy = FoundBy.EVENT
    built_in_policy: str | None = None
    limits: tuple[str, ...] = ()

    def remediation_for(self, resource: ResourceId) -> str:
        """Return the steps with the names of this resource filled in, one a line."""
        quoted = _quoted_names(resource.text)
        return "\n".join(step.format_map(quoted) for step in self.remediation)


@lru_cache(maxsize=128)
def _quoted_names(text: str) -> Mapping[str, str]:
    """Return what is filled into remediations; the findings of a look are on few resources.

    By the text, because two spellings of an id are equal and each is to be repeated as it came.
    """
    resource = ResourceId.parse(text)
    names = {
        "id": resource.text,
        "subscription": resource.subscription,
        "resource_group": resource.resource_group,
        "root": resource.root.name,
        "parent": resource.parent.name,
        "name": resource.name,
    }
    return {key: shlex.quote(value) for key, value in names.items()}


P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True, slots=True)
class AppliesTo:
    """A resource type that a monitor judges; `kinds` (lower case) narrows it to some."""

    type: ResourceType
    kinds: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Monitor(Generic[P]):
    """The executable check of one control.

    `module` is the monitor's `__name__`: the id follows from it. `evaluate` is pure and judges one
    resource of `applies_to`. `needs` are the sources that it reads beside the resource itself.
    `since` is, by type, the first API version whose answers carry the property; a resource read
    with an older one is `unknown`. `tables` are the data tables it judges by, whose dates go on
    every finding. Not `enabled`: it judges only where policy switches it on.
    """

    module: str
    control: Control
    applies_to: tuple[AppliesTo, ...]
    evaluate: Callable[[Resource, Snapshot, P], Judgement]
    parameters: P
    needs: tuple[Source, ...] = ()
    since: Mapping[ResourceType, str] = field(default_factory=dict)
    tables: tuple[str, ...] = ()
    enabled: bool = True
    id: str = field(init=False)
    """`family.name`: the module's path below `monitors`."""

    def __post_init__(self) -> None:
        """Derive the id once; it is asked for with every verdict."""
        object.__setattr__(self, "id", ".".join(self.module.split(".")[-2:]))

    @property
    def family(self) -> str:
        """The folder that the monitor is in."""
        return self.id.partition(".")[0]


AnyMonitor = Monitor[Parameters]


class Catalogue:
    """Every monitor, by id and by the resource type that it judges."""

    def __init__(self, monitors: Sequence["Monitor[Parameters]"]) -> None:
        """Sort by id and index by type.

        Raises:
            ValueError: an id stands twice.
        """
        self._by_id = {
            monitor.id: monitor for monitor in sorted(monitors, key=lambda each: each.id)
        }
        if len(self._by_id) != len(monitors):
            ids = [monitor.id for monitor in monitors]
            twice = sorted({each for each in ids if ids.count(each) > 1})
            raise ValueError(f"two monitors have the same id: {', '.join(twice)}")
        self._parameters = {each.id: each.parameters for each in self._by_id.values()}
        self._by_type: dict[ResourceType, list[tuple[AppliesTo, AnyMonitor]]] = {}
        for monitor in self._by_id.values():
            for applies in monitor.applies_to if monitor.enabled else ():
                self._by_type.setdefault(applies.type, []).append((applies, monitor))

    @property
    def parameters(self) -> Mapping[str, Parameters]:
        """The parameters of every control, by its id."""
        return self._parameters

    def __iter__(self) -> Iterator["Monitor[Parameters]"]:
        """Go through the monitors in the order of their ids."""
        return iter(self._by_id.values())

    def __len__(self) -> int:
        """Count the monitors."""
        return len(self._by_id)

    def get(self, control_id: str) -> "Monitor[Parameters] | None":
        """Return the monitor of a control, or None."""
        return self._by_id.get(control_id)

    def judging(self, kind: ResourceType) -> "Sequence[tuple[AppliesTo, Monitor[Parameters]]]":
        """Return the monitors that judge a type, in the order of their ids."""
        return self._by_type.get(kind, ())
