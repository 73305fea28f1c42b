"""Resources sorted by root and source."""

import copy
from collections.abc import Collection

import pytest

from shared.adapters.local.readings import (
    NOT_IN_ESTATE,
    estate_reading,
    open_world_snapshot,
)
from shared.adapters.local.resource_index import ResourceIndex
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import NOT_IN_INPUT, Snapshot
from shared.domain.topology import Source

GROUP = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers"
ACCOUNT = f"{GROUP}/Microsoft.CognitiveServices/accounts/Acct"
DEPLOYMENT = f"{ACCOUNT}/deployments/d"
CONNECTION = f"{ACCOUNT}/privateEndpointConnections/p"
WORKSPACE = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/ws"
HUB = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/Hub"
CONNECTIONS = "properties.privateEndpointConnections"


def item(text: str, **body: object) -> Resource:
    """Make a resource."""
    return Resource(ResourceId.parse(text), {"id": text, **body}, "2026-07-01")


def indexed(*resources: Resource) -> ResourceIndex:
    """Make an index of resources."""
    index = ResourceIndex()
    index.add(resources)
    return index


def open_world(index: ResourceIndex, root: ResourceId) -> Snapshot:
    """Return what the input of `check` says of a root."""
    return open_world_snapshot(index, root, frozenset(), {})


def ids(items: Collection[Resource]) -> list[str]:
    """Return the ids of resources."""
    return [each.id.text for each in items]


def connections(index: ResourceIndex, root: str = ACCOUNT) -> list[object]:
    """Return the private endpoint connections that the body of a root shows."""
    owner = index.body(ResourceId.parse(root))
    assert owner is not None
    return list(owner.list(CONNECTIONS).value or ())


def test_resources_are_found_by_root_and_source_in_any_case() -> None:
    """The root's own body as well as what lies below it."""
    index = indexed(item(DEPLOYMENT), item(ACCOUNT), item(WORKSPACE))
    root = ResourceId.parse(ACCOUNT.upper())

    assert ids(index.items(root, Source.ACCOUNT)) == [ACCOUNT]
    assert ids(index.items(root, Source.DEPLOYMENTS)) == [DEPLOYMENT]
    assert index.items(root, Source.MANAGED_NETWORKS) == ()
    assert sorted(each.key for each in index.roots()) == [ACCOUNT.lower(), WORKSPACE.lower()]


def test_a_root_is_known_by_a_child_alone() -> None:
    """It is listed, and has no body."""
    index = indexed(item(DEPLOYMENT))
    root = ResourceId.parse(ACCOUNT)

    assert index.knows(root)
    assert index.body(root) is None
    assert [each.key for each in index.roots()] == [root.key]
    assert not index.knows(ResourceId.parse(WORKSPACE))


def test_of_two_with_one_id_the_later_counts() -> None:
    """In one call or in two, and each repetition is told."""
    index = indexed(item(ACCOUNT, kind="one"), item(ACCOUNT.lower(), kind="two"))
    index.add([item(ACCOUNT, kind="three")])

    (kept,) = index.items(ResourceId.parse(ACCOUNT), Source.ACCOUNT)
    assert kept.kind == "three"
    assert index.twice == [ACCOUNT.lower(), ACCOUNT]


@pytest.mark.parametrize("root", [ACCOUNT, WORKSPACE])
def test_a_private_endpoint_connection_shows_in_the_body_of_its_root(root: str) -> None:
    """As in ARM's answer; before or after the root, together with it or in another file."""
    connection = item(f"{root}/privateEndpointConnections/p", properties={"a": 1})
    for first, second in ((connection, item(root)), (item(root), connection)):
        together = indexed(first, second)
        apart = indexed(first)
        apart.add([second])
        for index in (together, apart):
            assert connections(index, root) == [connection.body]
            assert index.twice == []


def test_an_embedded_connection_is_replaced_and_others_are_kept() -> None:
    """By its id in any case; what else stands in the list stays as it is."""
    told = [{"id": CONNECTION.upper(), "old": True}, "junk", {"id": 7}, {"properties": {}}]
    owner = item(ACCOUNT, kind="OpenAI", properties={"privateEndpointConnections": told, "b": 2})
    connection = item(CONNECTION, new=True)

    index = indexed(owner, connection)

    assert connections(index) == ["junk", {"id": 7}, {"properties": {}}, connection.body]
    body = index.body(ResourceId.parse(ACCOUNT))
    assert body is not None
    assert (body.kind, body.api_version) == ("OpenAI", "2026-07-01")
    assert body.object("properties").value != owner.body["properties"]
    assert dict(body.object("properties").value or {})["b"] == 2


@pytest.mark.parametrize("properties", [None, [], "text", {"privateEndpointConnections": {}}])
def test_a_connection_is_embedded_whatever_stands_in_its_place(properties: object) -> None:
    """A body that lacks the list, or has something else there."""
    index = indexed(item(ACCOUNT, properties=properties), item(CONNECTION))

    assert connections(index) == [item(CONNECTION).body]


def test_embedding_leaves_the_resource_that_was_added_alone() -> None:
    """It may be kept for the next scan."""
    owner = item(ACCOUNT, properties={"privateEndpointConnections": [{"id": "x"}]})
    before = copy.deepcopy(owner.body)

    indexed(owner, item(CONNECTION))

    assert owner.body == before


def test_a_connection_without_its_root_makes_no_root_known() -> None:
    """It is not judged by itself."""
    index = indexed(item(CONNECTION))

    assert list(index.roots()) == []
    assert not index.knows(ResourceId.parse(ACCOUNT))


@pytest.mark.parametrize("named", [HUB, HUB.upper(), HUB.lower(), f"{HUB}/"])
def test_the_hub_is_found_by_any_spelling_of_its_id(named: str) -> None:
    """Azure does not spell ids alike everywhere."""
    index = indexed(item(WORKSPACE, properties={"hubResourceId": named}), item(HUB, kind="Hub"))

    reading = estate_reading(index, ResourceId.parse(WORKSPACE), Source.HUB, None)

    assert (ids(reading.items), reading.problem, reading.complete) == ([HUB], None, True)


@pytest.mark.parametrize("named", [HUB, "", "text", ACCOUNT, f"{HUB}/onlineEndpoints/e"])
def test_a_hub_that_is_not_there_is_a_problem(named: str) -> None:
    """Also when it is named by what is no id, or no workspace."""
    project = item(WORKSPACE, properties={"hubResourceId": named})
    index = indexed(project, item(ACCOUNT), item(f"{HUB}/onlineEndpoints/e"))

    reading = estate_reading(index, project.id, Source.HUB, None)

    assert (reading.items, reading.problem, reading.complete) == ((), NOT_IN_ESTATE, False)


@pytest.mark.parametrize("named", [None, 7, ["x"]])
def test_a_workspace_that_names_no_hub_has_none(named: object) -> None:
    """Nothing of another type is a name."""
    index = indexed(item(WORKSPACE, properties={"hubResourceId": named}))

    reading = estate_reading(index, ResourceId.parse(WORKSPACE), Source.HUB, None)

    assert (reading.items, reading.problem, reading.complete) == ((), None, True)


# --- the input of `check` ---


def test_in_an_open_world_the_deployments_beside_an_account_are_complete() -> None:
    """Its other sources are undetermined where nothing of them is in the input."""
    index = indexed(item(ACCOUNT), item(f"{ACCOUNT}/managedNetworks/default"))

    snapshot = open_world(index, ResourceId.parse(ACCOUNT))

    assert snapshot.reading(Source.DEPLOYMENTS).complete
    assert snapshot.reading(Source.DEPLOYMENTS).problem is None
    assert snapshot.reading(Source.MANAGED_NETWORKS).problem is None
    perimeters = snapshot.reading(Source.PERIMETER_CONFIGURATIONS)
    assert (perimeters.problem, perimeters.complete) == (NOT_IN_INPUT, False)
    assert {each.read_at for each in snapshot.readings.values()} == {None}


def test_in_an_open_world_a_missing_root_is_undetermined() -> None:
    """A child by itself is judged with its parent not in the input."""
    snapshot = open_world(indexed(item(DEPLOYMENT)), ResourceId.parse(ACCOUNT))

    assert snapshot.root_reading.problem == NOT_IN_INPUT
    assert ids(snapshot.reading(Source.DEPLOYMENTS).items) == [DEPLOYMENT]


def test_in_an_open_world_a_missing_hub_is_undetermined() -> None:
    """One that is in the input is read."""
    project = item(WORKSPACE, properties={"hubResourceId": HUB})

    alone = open_world(indexed(project), project.id).reading(Source.HUB)
    beside = open_world(indexed(project, item(HUB)), project.id).reading(Source.HUB)

    assert (alone.items, alone.problem) == ((), NOT_IN_INPUT)
    assert (ids(beside.items), beside.problem) == ([HUB], None)
