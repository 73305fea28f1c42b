"""Whose a connection is."""

import pytest

from shared.domain.connections import Connections, connections_of
from shared.domain.resource import Resource
from shared.domain.topology import Source
from tests.arm import ACCOUNT_ID, FORBIDDEN, WORKSPACE_ID, account, resource, snapshot_of, workspace

PROJECT = resource(f"{ACCOUNT_ID}/projects/alpha")
OF_ACCOUNT = resource(f"{ACCOUNT_ID}/connections/search")
OF_PROJECT = resource(f"{ACCOUNT_ID}/projects/ALPHA/connections/search")
OF_ANOTHER = resource(f"{ACCOUNT_ID}/projects/alphabet/connections/search")
OF_WORKSPACE = resource(f"{WORKSPACE_ID}/connections/search")


@pytest.mark.parametrize(
    ("owner", "source", "own"),
    [
        (account(), Source.CONNECTIONS, OF_ACCOUNT),
        (PROJECT, Source.PROJECT_CONNECTIONS, OF_PROJECT),
    ],
)
def test_an_account_and_its_projects_have_connections_of_their_own(
    owner: Resource, source: Source, own: Resource
) -> None:
    """The list of all projects is parted by id, in any case."""
    snapshot = snapshot_of(account(), PROJECT, OF_ACCOUNT, OF_PROJECT, OF_ANOTHER)

    assert connections_of(owner, snapshot) == Connections(source, (own,), None)


def test_a_workspace_has_connections() -> None:
    """Those are in a list of the workspace."""
    snapshot = snapshot_of(workspace(), OF_WORKSPACE)

    assert connections_of(workspace(), snapshot) == Connections(
        Source.WORKSPACE_CONNECTIONS, (OF_WORKSPACE,), None
    )


def test_what_was_read_comes_with_what_went_wrong() -> None:
    """The part that was read counts."""
    snapshot = snapshot_of(account(), OF_ACCOUNT, problems={Source.CONNECTIONS: FORBIDDEN})

    assert connections_of(account(), snapshot) == Connections(
        Source.CONNECTIONS, (OF_ACCOUNT,), FORBIDDEN
    )
