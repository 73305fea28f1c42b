"""Lists below lists: every parent's children, with the parents read once."""

from collections.abc import Collection

from shared.domain.outbound_rule import outbound_rules
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from tests.arm_inventory import ArmWorld, arm_world
from tests.records import ACCOUNT, GROUP
from tests.worlds import resource

WORKSPACE = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/ws"
PROJECTS = [f"{ACCOUNT}/projects/{name}" for name in ("one", "two")]
BELOW_PROJECTS = {
    Source.PROJECT_CONNECTIONS: "connections",
    Source.PROJECT_CAPABILITY_HOSTS: "capabilityHosts",
    Source.APPLICATIONS: "applications",
}


async def read(world: ArmWorld, root: str, *sources: Source) -> dict[Source, SourceReading]:
    """Read sources of a root."""
    return dict(
        await world.inventory.read(ResourceId.parse(root), sources, after=world.clock.now())
    )


def ids(items: Collection[Resource]) -> list[str]:
    """Return the ids of resources in the order of the alphabet."""
    return sorted(each.id.text for each in items)


def endpoint(kind: str, name: str) -> list[Resource]:
    """Return an endpoint with one deployment and one diagnostic setting."""
    own = f"{WORKSPACE}/{kind}/{name}"
    return [
        resource(own),
        resource(f"{own}/deployments/blue"),
        resource(f"{own}/providers/Microsoft.Insights/diagnosticSettings/logs"),
    ]


async def test_what_lies_below_projects_is_read_of_each_of_them() -> None:
    """And their list once, whoever needs it."""
    below = [
        resource(f"{project}/{name}/x")
        for project in PROJECTS
        for name in ("connections", "capabilityHosts", "applications")
    ]
    async with arm_world(resource(ACCOUNT), *map(resource, PROJECTS), *below) as world:
        found = await read(world, ACCOUNT, *BELOW_PROJECTS)

        for source, name in BELOW_PROJECTS.items():
            assert ids(found[source].items) == [f"{project}/{name}/x" for project in PROJECTS]
            assert (found[source].problem, found[source].complete) == (None, True)
        answered = world.azure.log.matching(f"{ACCOUNT}/projects", status=200)
        assert len([each for each in answered if each.path.endswith("/projects")]) == 1


async def test_deployments_of_endpoints_are_read_of_each_endpoint() -> None:
    """Online and batch ones, beside each other."""
    parts = [*endpoint("onlineEndpoints", "a"), *endpoint("onlineEndpoints", "b")]
    async with arm_world(resource(WORKSPACE), *parts, *endpoint("batchEndpoints", "c")) as world:
        found = await read(world, WORKSPACE, Source.ONLINE_DEPLOYMENTS, Source.BATCH_DEPLOYMENTS)

        assert ids(found[Source.ONLINE_DEPLOYMENTS].items) == [
            f"{WORKSPACE}/onlineEndpoints/{name}/deployments/blue" for name in "ab"
        ]
        assert len(found[Source.BATCH_DEPLOYMENTS].items) == 1


async def test_diagnostic_settings_are_those_of_a_root_and_of_its_online_endpoints() -> None:
    """Of an account or registry only its own."""
    own = [
        resource(f"{root}/providers/Microsoft.Insights/diagnosticSettings/own")
        for root in (ACCOUNT, WORKSPACE)
    ]
    parts = endpoint("onlineEndpoints", "a")
    async with arm_world(resource(ACCOUNT), resource(WORKSPACE), *own, *parts) as world:
        of_account = (await read(world, ACCOUNT, Source.DIAGNOSTIC_SETTINGS)).popitem()[1]
        of_workspace = (await read(world, WORKSPACE, Source.DIAGNOSTIC_SETTINGS)).popitem()[1]

        assert ids(of_account.items) == [own[0].id.text]
        assert ids(of_workspace.items) == sorted([own[1].id.text, parts[2].id.text])
        assert of_workspace.api_version == "2021-05-01-preview"
        assert not world.azure.log.matching(f"{ACCOUNT}/onlineEndpoints")


async def test_parents_that_cannot_all_be_read_leave_a_gap_below_them() -> None:
    """The problem names what is above and the action that is missing."""
    async with arm_world(resource(ACCOUNT), resource(PROJECTS[0])) as world:
        world.azure.permissions.revoke("Microsoft.CognitiveServices/accounts/projects/read")

        reading = (await read(world, ACCOUNT, Source.PROJECT_CONNECTIONS)).popitem()[1]

        assert reading.problem is not None
        assert reading.problem.detail.startswith("the projects could not all be read: ")
        assert reading.problem.permission == "Microsoft.CognitiveServices/accounts/projects/read"
        assert not reading.complete


async def test_one_parent_that_fails_leaves_the_others() -> None:
    """Its own children are not proven absent."""
    children = [resource(f"{project}/connections/c") for project in PROJECTS]
    async with arm_world(resource(ACCOUNT), *map(resource, PROJECTS), *children) as world:
        world.azure.fault("/projects/one/connections", status=403)

        reading = (await read(world, ACCOUNT, Source.PROJECT_CONNECTIONS)).popitem()[1]

        assert ids(reading.items) == [children[1].id.text]
        assert reading.problem is not None
        assert not reading.complete


# --- outbound rules ---

RULE = {"type": "FQDN", "destination": "example.org", "category": "UserDefined"}


def managed(owner: str, mode: str) -> Resource:
    """Return a resource with a managed network."""
    return resource(owner, properties={"managedNetwork": {"isolationMode": mode}})


async def test_the_rules_of_a_workspace_are_listed_and_put_into_it() -> None:
    """As ARM shows them in part."""
    rule = resource(f"{WORKSPACE}/outboundRules/open", properties=RULE)
    async with arm_world(managed(WORKSPACE, "AllowOnlyApprovedOutbound"), rule) as world:
        # ARM's answer for the workspace shows none of them here.
        world.azure.arm.edits["microsoft.machinelearningservices/workspaces"] = lambda body, _: {
            **body,
            "properties": {"managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound"}},
        }
        reading = (await read(world, WORKSPACE, Source.WORKSPACE)).popitem()[1]

        (found,) = outbound_rules(reading.items[0])
        assert (found.name, found.body.text("destination").value) == ("open", "example.org")
        assert len(world.reads) == 2


async def test_a_workspace_without_a_managed_network_costs_no_list_of_rules() -> None:
    """Neither where it is Disabled nor where there is none."""
    for body in (managed(WORKSPACE, "Disabled"), resource(WORKSPACE)):
        async with arm_world(body) as world:
            await read(world, WORKSPACE, Source.WORKSPACE)

            assert world.reads == [WORKSPACE]


async def test_rules_that_cannot_be_read_leave_the_workspace_with_a_problem() -> None:
    """It is there all the same."""
    async with arm_world(managed(WORKSPACE, "AllowInternetOutbound")) as world:
        action = "Microsoft.MachineLearningServices/workspaces/outboundRules/read"
        world.azure.permissions.revoke(action)

        reading = (await read(world, WORKSPACE, Source.WORKSPACE)).popitem()[1]

        assert ids(reading.items) == [WORKSPACE]
        assert reading.problem is not None
        assert reading.problem.permission == action
        assert not reading.complete


async def test_the_rules_of_an_accounts_networks_are_put_into_these() -> None:
    """Each network has its own."""
    network = f"{ACCOUNT}/managedNetworks/default"
    rule = resource(f"{network}/outboundRules/open", properties=RULE)
    async with arm_world(
        resource(ACCOUNT), managed(network, "AllowOnlyApprovedOutbound"), rule
    ) as world:
        reading = (await read(world, ACCOUNT, Source.MANAGED_NETWORKS)).popitem()[1]

        (shown,) = reading.items
        assert [each.name for each in outbound_rules(shown)] == ["open"]
        assert (reading.problem, reading.complete) == (None, True)
