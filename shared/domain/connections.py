"""Connections of accounts, projects and workspaces: what agents, models and jobs can send data to.

Never put a connection's target, credentials or metadata into words or evidence as they are: they
can hold keys.
"""

from dataclasses import dataclass

from shared.domain.resource import Resource
from shared.domain.snapshot import Problem, Snapshot
from shared.domain.topology import ResourceType, Source, resource_type

CATEGORY = "properties.category"
TARGET = "properties.target"

_SOURCES = {
    ResourceType.ACCOUNT: Source.CONNECTIONS,
    ResourceType.PROJECT: Source.PROJECT_CONNECTIONS,
    ResourceType.WORKSPACE: Source.WORKSPACE_CONNECTIONS,
}
"""What shows the connections of a type; those of all projects of an account come together."""


@dataclass(frozen=True, slots=True)
class Connections:
    """The connections of one resource.

    With a `problem`, `items` are the part that could be read.
    """

    source: Source
    items: tuple[Resource, ...]
    problem: Problem | None


def connections_of(owner: Resource, snapshot: Snapshot) -> Connections:
    """Return the connections that an account, project or workspace has itself.

    What an account or hub shares with its projects is its own.
    """
    kind = resource_type(owner.id.type)
    source = Source.CONNECTIONS if kind is None else _SOURCES[kind]
    reading = snapshot.reading(source)
    items = reading.items
    if kind is ResourceType.PROJECT:
        below = f"{owner.id.key}/"
        items = tuple(each for each in items if each.id.key.startswith(below))
    return Connections(source, items, reading.problem)
