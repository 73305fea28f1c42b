"""Resources sorted by root and source, and the readings that follow from them.

An estate folder is complete: a child that is not in it does not exist. The input of `check` is
not: only the deployments beside a root that is in it are complete.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import NOT_IN_INPUT, Problem, Snapshot, SourceReading
from shared.domain.topology import CORE_SOURCES, DEEP_SOURCES, ROOT_TYPES, Source, source_of
from shared.domain.verdict import Cause


@dataclass(slots=True)
class ResourceIndex:
    """Resources by root (key), source and id (key).

    `twice` are ids that were added more than once.
    """

    twice: list[str] = field(default_factory=list)
    _roots: dict[str, dict[Source, dict[str, Resource]]] = field(default_factory=dict)
    _ids: dict[str, ResourceId] = field(default_factory=dict)
    _waiting: list[Resource] = field(default_factory=list)
    """Private endpoint connections whose root was not added yet."""

    def add(self, resources: Iterable[Resource]) -> None:
        """Add resources that have a source; of two with the same id the later counts."""
        embedded = [*self._waiting]
        for resource in resources:
            source = source_of(resource.id.type)
            root = resource.id.root
            if source is None:
                continue
            if source in ROOT_TYPES.values() and resource.id != root:
                embedded.append(resource)
                continue
            self._ids.setdefault(root.key, root)
            items = self._roots.setdefault(root.key, {}).setdefault(source, {})
            if resource.id.key in items:
                self.twice.append(resource.id.text)
            items[resource.id.key] = resource
        self._waiting = [each for each in embedded if not self._embed(each)]

    def _embed(self, connection: Resource) -> bool:
        """Put a private endpoint connection that came by itself where ARM shows it: in its root.

        False while the root is not here.
        """
        root = connection.id.root
        items = self._roots.get(root.key, {}).get(ROOT_TYPES[root.type.lower()], {})
        owner = items.get(root.key)
        if owner is None:
            return False
        properties = dict(owner.object("properties").value or {})
        others = [
            each
            for each in owner.list("properties.privateEndpointConnections").value or ()
            if not (isinstance(each, dict) and str(each.get("id", "")).lower() == connection.id.key)
        ]
        properties["privateEndpointConnections"] = [*others, connection.body]
        items[root.key] = Resource(
            root, {**owner.body, "properties": properties}, owner.api_version
        )
        return True

    def roots(self) -> Iterator[ResourceId]:
        """Go through the roots of which anything is known."""
        return iter(self._ids.values())

    def knows(self, root: ResourceId) -> bool:
        """Whether anything of a root is here."""
        return root.key in self._roots

    def items(self, root: ResourceId, source: Source) -> tuple[Resource, ...]:
        """Return the resources of one source."""
        return tuple(self._roots.get(root.key, {}).get(source, {}).values())

    def body(self, root: ResourceId) -> Resource | None:
        """Return the body of a root itself."""
        source = ROOT_TYPES.get(root.type.lower())
        return (
            None if source is None else self._roots.get(root.key, {}).get(source, {}).get(root.key)
        )

    def hub(
        self, root: ResourceId, when_missing: Problem, read_at: datetime | None = None
    ) -> SourceReading:
        """Read the hub that a project workspace names; other roots have none."""
        owner = self.body(root)
        name = None if owner is None else owner.text("properties.hubResourceId").value
        if name is None:
            return SourceReading(Source.HUB, (), read_at)
        for source in (
            self._roots.get(name.lower().rstrip("/"), {}).get(Source.WORKSPACE, {}).values()
        ):
            return SourceReading(Source.HUB, (source,), read_at)
        return SourceReading(Source.HUB, (), read_at, when_missing, complete=False)

    def open_world_snapshot(self, root: ResourceId) -> Snapshot:
        """Return what the input of `check` says of a root.

        What is not in it is undetermined, not absent.
        """
        kind = root.type.lower()
        has_body = self.body(root) is not None
        readings = {}
        for source in (*CORE_SOURCES[kind], *DEEP_SOURCES.get(kind, ())):
            items = self.items(root, source)
            told = bool(items) or (has_body and source in CORE_SOURCES[kind])
            problem = None if told else NOT_IN_INPUT
            readings[source] = SourceReading(source, items, None, problem, complete=told)
        if Source.HUB in readings:
            readings[Source.HUB] = self.hub(root, NOT_IN_INPUT)
        return Snapshot(root, readings)


NOT_IN_ESTATE = Problem(Cause.UNREADABLE, "it is not in the estate")
