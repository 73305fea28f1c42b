"""Private endpoint connections, as accounts and workspaces embed them."""

from shared.domain.resource import Resource

CONNECTIONS = "properties.privateEndpointConnections"
STATUS = "properties.privateLinkServiceConnectionState.status"


def connection_statuses(resource: Resource) -> tuple[str, ...]:
    """Return the status of each connection as Azure spells it; `no status` where there is none."""
    return tuple(each.text(STATUS).shown("no status") for each in resource.objects(CONNECTIONS))


def is_approved(status: str) -> bool:
    """Whether a connection of this status is one that the resource's owner has approved."""
    return status.lower() == "approved"
