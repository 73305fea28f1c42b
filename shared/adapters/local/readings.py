"""What an index of resources answers for a source, and the snapshot that `check` gets of it.

An estate is complete: a child that is not in it does not exist. The input of `check` is not: only
the deployments beside a root that is in it are complete.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from shared.adapters.local.resource_index import ResourceIndex
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import NOT_IN_INPUT, Problem, Snapshot, SourceReading
from shared.domain.topology import CORE_SOURCES, DEEP_SOURCES, ROOT_TYPES, Source
from shared.domain.verdict import Cause

NOT_IN_ESTATE = Problem(Cause.UNREADABLE, "it is not in the estate")


def estate_reading(
    index: ResourceIndex, root: ResourceId, source: Source, at: datetime | None
) -> SourceReading:
    """Answer for one source of a root as a complete estate does."""
    if source is Source.HUB:
        named, hub = index.hub(root)
        lost = named is not None and hub is None
        return _reading(source, () if hub is None else (hub,), at, lost=lost)
    if source is Source.REFERENCED:
        found, is_all = index.referenced(root)
        return _reading(source, found, at, lost=not is_all)
    items = index.items(root, source)
    if source is Source.SUBSCRIPTION and not items and index.holds(root):
        # Nobody exports the subscription itself; what lies in it says that it is there.
        items = (Resource(root, {"id": root.text}),)
    orphaned = source is ROOT_TYPES[root.type.lower()] and not items and index.knows(root)
    return _reading(source, items, at, lost=orphaned)


def _reading(
    source: Source, items: tuple[Resource, ...], at: datetime | None, *, lost: bool
) -> SourceReading:
    """Return a reading; `lost`: something that it should show is not in the estate."""
    return SourceReading(source, items, at, NOT_IN_ESTATE if lost else None, complete=not lost)


def open_world_snapshot(
    index: ResourceIndex,
    root: ResourceId,
    watched: frozenset[str],
    parameters: Mapping[str, object],
) -> Snapshot:
    """Return what the input of `check` says of a root; what is not in it is undetermined."""
    kind = root.type.lower()
    has_body = index.body(root) is not None
    readings = {}
    for source in (*CORE_SOURCES[kind], *DEEP_SOURCES.get(kind, ())):
        reading = estate_reading(index, root, source, None)
        beside = source in CORE_SOURCES[kind] and source not in _NEVER_WHOLE
        told = has_body if beside else bool(reading.items)
        if source is Source.SUBSCRIPTION:
            told = bool(reading.items)
        if source in {Source.HUB, Source.REFERENCED}:
            told = reading.problem is None
        problem = None if told else NOT_IN_INPUT
        readings[source] = replace(reading, problem=problem, complete=told)
    return Snapshot(root, readings, watched, parameters)


_NEVER_WHOLE = frozenset({Source.FEATURES, Source.ACCOUNTS})
"""Core sources of a subscription that its own body says nothing of."""
