"""Which workspace's network settings hold: a project has its hub's, others have their own."""

from dataclasses import dataclass

from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import Source
from shared.domain.verdict import Cause, UndecidableError


@dataclass(frozen=True, slots=True)
class NetworkWorkspace:
    """The workspace whose network settings decide, and the source that shows it."""

    workspace: Resource
    source: Source

    @property
    def words(self) -> str:
        """`The workspace` or `The project's hub`, for messages."""
        return "The project's hub" if self.source is Source.HUB else "The workspace"


def network_workspace(workspace: Resource, snapshot: Snapshot) -> NetworkWorkspace:
    """Return the workspace that decides over this one's network.

    A workspace that names a hub, if only by what is no id, but states no kind counts as a project:
    it may be one, and then its own settings mean nothing.

    Raises:
        UndecidableError: it is a project, and its hub could not be read or is not named.
    """
    hub_id = workspace.text("properties.hubResourceId")
    kind = workspace.kind
    is_project = hub_id.observed is not None if kind is None else kind.lower() == "project"
    if not is_project:
        return NetworkWorkspace(workspace, Source.WORKSPACE)
    if not hub_id.value:
        message = f"the project names no hub{hub_id.wrong}, whose network counts"
        raise UndecidableError(Cause.UNDETERMINED, message)
    return NetworkWorkspace(snapshot.one(Source.HUB), Source.HUB)
