"""Resources sorted by root and source."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shared.domain.embedding import embed
from shared.domain.references import referenced_ids
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.topology import (
    EMBEDDED_TYPES,
    ROOT_TYPES,
    ResourceType,
    Source,
    resource_type,
    source_of,
    sources_of,
)


def _shown_by(root: ResourceId) -> tuple[Source, ...]:
    """Return the sources of a root; a vault's diagnostic settings lie under no root of ours."""
    return sources_of(root.type)


@dataclass(slots=True)
class ResourceIndex:
    """Resources by root (key), source and id (key).

    `twice` are ids that were added more than once. What is judged nowhere (a storage account) is
    only found by its id.
    """

    twice: list[str] = field(default_factory=list)
    _roots: dict[str, dict[Source, dict[str, Resource]]] = field(default_factory=dict)
    _ids: dict[str, ResourceId] = field(default_factory=dict)
    _elsewhere: dict[str, Resource] = field(default_factory=dict)
    _waiting: list[Resource] = field(default_factory=list)
    """Embedded children whose parent was not added yet."""

    def add(self, resources: Iterable[Resource]) -> None:
        """Add resources; of two with the same id the later counts."""
        embedded = [*self._waiting]
        for resource in resources:
            source = source_of(resource.id.type)
            if source is None or source not in _shown_by(resource.id.root):
                self._elsewhere[resource.id.key] = resource
            elif resource.id.type.lower() in EMBEDDED_TYPES:
                embedded.append(resource)
            else:
                self._put(source, resource)
        self._waiting = [each for each in embedded if not self._embed(each)]

    def _put(self, source: Source, resource: Resource) -> None:
        """Sort a resource in."""
        root = resource.id.root
        self._ids.setdefault(root.key, root)
        items = self._roots.setdefault(root.key, {}).setdefault(source, {})
        if resource.id.key in items:
            self.twice.append(resource.id.text)
        items[resource.id.key] = resource

    def _embed(self, child: Resource) -> bool:
        """Put a child into its parent; False while the parent is not here."""
        parent, source = child.id.parent, source_of(child.id.type)
        items = {} if source is None else self._roots.get(child.id.root.key, {}).get(source, {})
        owner = items.get(parent.key)
        if owner is None:
            return False
        items[parent.key] = embed(owner, child)
        return True

    def roots(self) -> Iterator[ResourceId]:
        """Go through the roots of which anything is known."""
        return iter(self._ids.values())

    def knows(self, root: ResourceId) -> bool:
        """Whether anything of a root is here."""
        return root.key in self._roots

    def holds(self, subscription: ResourceId) -> bool:
        """Whether anything of a subscription is here."""
        return any(root.subscription == subscription.subscription for root in self.roots())

    def items(self, root: ResourceId, source: Source) -> tuple[Resource, ...]:
        """Return the resources of one source."""
        if source is Source.ACCOUNTS:
            return self._accounts(root.subscription)
        if source is Source.MANAGEMENT_GROUPS:
            return self._with_ancestors(root)
        return tuple(self._roots.get(root.key, {}).get(source, {}).values())

    def _with_ancestors(self, subscription: ResourceId) -> tuple[Resource, ...]:
        """Return a subscription if it came from Resource Graph: with the groups above it."""
        body = self.body(subscription)
        named = (
            None if body is None else body.list("properties.managementGroupAncestorsChain").value
        )
        return () if body is None or named is None else (body,)

    def body(self, root: ResourceId) -> Resource | None:
        """Return the body of a root itself."""
        source = ROOT_TYPES.get(root.type.lower())
        if source is None:
            return None
        return self._roots.get(root.key, {}).get(source, {}).get(root.key)

    def hub(self, root: ResourceId) -> tuple[str | None, Resource | None]:
        """Return what a project workspace names as its hub, and the hub itself if it is here."""
        owner = self.body(root)
        name = None if owner is None else owner.text("properties.hubResourceId").value
        found = None if name is None else self._find(name)
        is_one = found is not None and resource_type(found.id.type) is ResourceType.WORKSPACE
        return name, found if is_one else None

    def referenced(self, root: ResourceId) -> tuple[tuple[Resource, ...], bool]:
        """Return what a root names elsewhere and is here, and whether that is all that it names."""
        named = referenced_ids(
            [*self.items(root, Source.ACCOUNT), *self.items(root, Source.DEPLOYMENTS)]
        )
        found = tuple(each for key in named if (each := self._find(key)) is not None)
        return found, len(found) == len(named)

    def _find(self, text: str) -> Resource | None:
        """Return a top-level resource by its id in any spelling."""
        key = text.lower().rstrip("/")
        for items in self._roots.get(key, {}).values():
            if key in items:
                return items[key]
        return self._elsewhere.get(key)

    def _accounts(self, subscription: str) -> tuple[Resource, ...]:
        """Return the accounts of a subscription."""
        account = ResourceType.ACCOUNT.lower()
        return tuple(
            body
            for root in self._ids.values()
            if root.subscription == subscription and root.type.lower() == account
            for body in (self.body(root),)
            if body is not None
        )
