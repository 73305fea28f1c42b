"""Which workspace's network settings hold."""

import pytest

from shared.domain.resource import Resource
from shared.domain.topology import Source
from shared.domain.verdict import Cause, UndecidableError
from shared.domain.workspace_network import NetworkWorkspace, network_workspace
from tests.arm import FORBIDDEN, HUB_ID, hub, project, snapshot_of, workspace


@pytest.mark.parametrize("kind", ["Default", "Hub", "FeatureStore", "SomethingNew", None])
def test_a_workspace_has_its_own_network(kind: str | None) -> None:
    """Whatever its kind, unless it is a project."""
    judged = workspace(kind=kind)
    found = network_workspace(judged, snapshot_of(judged))

    assert found == NetworkWorkspace(judged, Source.WORKSPACE)
    assert found.words == "The workspace"


@pytest.mark.parametrize(
    "judged",
    [
        project(),
        workspace(kind="PROJECT", hubResourceId=HUB_ID.upper()),
        workspace(kind=None, hubResourceId=HUB_ID),
    ],
)
def test_a_project_has_its_hubs_network(judged: Resource) -> None:
    """Its kind is read in any case; with a hub and no kind it may be one."""
    above = hub()
    found = network_workspace(judged, snapshot_of(judged, above))

    assert found == NetworkWorkspace(above, Source.HUB)
    assert found.words == "The project's hub"


@pytest.mark.parametrize(
    ("judged", "cause", "message"),
    [
        (project(), Cause.UNREADABLE, "the hub could not be read: 403 Forbidden"),
        (
            project(hubResourceId=None),
            Cause.UNDETERMINED,
            "the project names no hub, whose network counts",
        ),
        (
            project(hubResourceId=5),
            Cause.UNDETERMINED,
            (
                "the project names no hub (hubResourceId is a number, not text, and counts as "
                "absent), whose network counts"
            ),
        ),
        (
            workspace(kind=None, hubResourceId=["x"]),
            Cause.UNDETERMINED,
            (
                "the project names no hub (hubResourceId is a list, not text, and counts as "
                "absent), whose network counts"
            ),
        ),
    ],
)
def test_without_the_hub_it_cannot_be_told(judged: Resource, cause: Cause, message: str) -> None:
    """The project's own settings mean nothing."""
    snapshot = snapshot_of(judged, problems={Source.HUB: FORBIDDEN})
    with pytest.raises(UndecidableError) as undecided:
        network_workspace(judged, snapshot)

    assert (undecided.value.cause, str(undecided.value)) == (cause, message)
