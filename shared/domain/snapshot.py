"""The snapshot of a root: what its sources said, and when they were read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar, cast

from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.topology import OTHER_VIEWS, ROOT_TYPES, Source
from shared.domain.verdict import Cause, UndecidableError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a source could not be read, or says nothing: a cause and words for people.

    `permission` names the missing ARM action when Azure refused the read (403). `retry_after` is
    how long to wait before trying again where that helps (throttled, an outage); None: it does not.
    """

    cause: Cause
    detail: str
    permission: str | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class SourceReading:
    """One ARM answer about a root.

    `items` are the resources it shows: one or none for a single resource (none without a problem
    means 404), any number for a list. `read_at` is when the read *began* (UTC); None: from an input
    that does not say. With a `problem`, `items` may hold the part that was read. `complete` says
    whether a resource missing from `items` is proven absent. `api_version` is the one that Azure
    answered to; None where nothing was asked.
    """

    source: Source
    items: tuple[Resource, ...] = ()
    read_at: datetime | None = None
    problem: Problem | None = None
    complete: bool = True
    api_version: str | None = None

    @property
    def is_absent_from_input(self) -> bool:
        """Whether the files that `check` was given hold nothing of this source."""
        return self.problem == NOT_IN_INPUT


NOT_READ = Problem(Cause.UNDETERMINED, "not read yet")
"""No look has read the source so far."""
_NEVER_READ = {each: SourceReading(each, problem=NOT_READ, complete=False) for each in Source}
NOT_IN_INPUT = Problem(Cause.UNDETERMINED, "not in the input")
"""The files that `check` was given hold nothing of the source."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything known of one root; monitors judge this and nothing else."""

    root: ResourceId
    readings: Mapping[Source, SourceReading]
    watched: frozenset[str] = frozenset()
    """The subscriptions (lower case) that the monitor watches."""
    parameters: Mapping[str, object] = field(default_factory=dict)
    """The parameters in force of every control, by its id; `parameters_of` reads them."""
    _by_key: dict[str, Resource] = field(init=False, repr=False, default_factory=dict)
    _derived: dict[object, object] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Index the resources by id."""
        for source, reading in self.readings.items():
            for item in () if source in OTHER_VIEWS else reading.items:
                self._by_key.setdefault(item.id.key, item)

    def reading(self, source: Source) -> SourceReading:
        """Return a source's reading; one that was never read has the problem `not read yet`."""
        return self.readings.get(source) or _NEVER_READ[source]

    def find(self, resource_id: str | ResourceId) -> Resource | None:
        """Return the resource of this id in any source of this root, or None."""
        key = (
            resource_id.key
            if isinstance(resource_id, ResourceId)
            else resource_id.lower().rstrip("/")
        )
        return self._by_key.get(key)

    def one(self, source: Source) -> Resource:
        """Return the single resource of a source (`account`, `workspace`, `hub`).

        Raises:
            UndecidableError: the source could not be read, or does not say.
        """
        reading = self.reading(source)
        if reading.items:
            return reading.items[0]
        problem = reading.problem or Problem(Cause.UNREADABLE, "does not exist")
        raise UndecidableError(
            problem.cause, f"the {source.replace('_', ' ')} could not be read: {problem.detail}"
        )

    def all(self, source: Source) -> tuple[Resource, ...]:
        """Return every resource of a list source.

        Raises:
            UndecidableError: the list could not be read whole, or does not say.
        """
        reading = self.reading(source)
        if reading.problem is not None:
            words = f"the {source.replace('_', ' ')} could not be read: {reading.problem.detail}"
            raise UndecidableError(reading.problem.cause, words)
        return reading.items

    def referenced(self, root: ResourceId) -> Resource:
        """Return a top-level resource elsewhere that this root names.

        Raises:
            UndecidableError: it could not be read, or the input does not say.
        """
        found = self.find(root)
        if found is not None:
            return found
        reading = self.reading(Source.REFERENCED)
        problem = reading.problem or Problem(Cause.UNREADABLE, "it does not exist")
        raise UndecidableError(problem.cause, f"{root.name} could not be read: {problem.detail}")

    def once(self, derive: "Callable[[Snapshot], T]") -> T:
        """Return what a function derives of this snapshot; it is called once, unless it raises.

        For what is the same for all resources of the root. Give it functions of a module: each is
        remembered as long as the snapshot.
        """
        if derive not in self._derived:
            self._derived[derive] = derive(self)
        return cast("T", self._derived[derive])

    def parameters_of(self, control: str, kind: type[T]) -> T:
        """Return the parameters of another control, its defaults where none are in force."""
        found = self.parameters.get(control)
        return found if isinstance(found, kind) else kind()

    @property
    def root_reading(self) -> SourceReading:
        """The reading of the root's own body."""
        return self.reading(ROOT_TYPES[self.root.type.lower()])
