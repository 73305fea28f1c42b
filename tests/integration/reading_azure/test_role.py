"""The role is what the monitor needs: with it everything is read, without one action not all is.

`NEEDED_BY` says of every action which sources of which roots must be unreadable without it, those
included that cannot be known without them: what lies below the projects, if these cannot be listed.
"""

import pytest

from shared.adapters.azure.arm.role import ACTIONS
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.topology import Source, sources_of
from shared.domain.verdict import Cause
from shared.ports import PortError
from tests.arm_inventory import ArmWorld, arm_world
from tests.worlds import SUBSCRIPTION, resource

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
ITSELF = f"/subscriptions/{SUBSCRIPTION}"
ACCOUNT = f"{GROUP}/Microsoft.CognitiveServices/accounts/acct"
TRAINED = f"{GROUP}/Microsoft.CognitiveServices/accounts/training"
WORKSPACE = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/project"
HUB = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/hub"
REGISTRY = f"{GROUP}/Microsoft.MachineLearningServices/registries/reg"
STORE = f"{GROUP}/Microsoft.Storage/storageAccounts/store"
CLUSTER = f"{GROUP}/Microsoft.Kusto/clusters/adx"
ROOTS = (ITSELF, ACCOUNT, WORKSPACE, REGISTRY)
S = Source

_COGNITIVE, _LEARNING = "Microsoft.CognitiveServices", "Microsoft.MachineLearningServices"
_BELOW_PROJECTS = {S.PROJECT_CAPABILITY_HOSTS, S.PROJECT_CONNECTIONS, S.APPLICATIONS}

NEEDED_BY: dict[str, set[Source]] = {
    f"{_COGNITIVE}/accounts/read": {
        S.ACCOUNT,
        S.ACCOUNT_PREVIEW,
        S.REFERENCED,
        S.ACCOUNTS,
        S.MODELS,
    },
    f"{_COGNITIVE}/accounts/capabilityHosts/read": {S.CAPABILITY_HOSTS},
    f"{_COGNITIVE}/accounts/computes/read": {S.ACCOUNT_COMPUTES},
    f"{_COGNITIVE}/accounts/connections/read": {S.CONNECTIONS},
    f"{_COGNITIVE}/accounts/defenderForAISettings/read": {S.DEFENDER_SETTINGS},
    f"{_COGNITIVE}/accounts/deployments/read": {S.DEPLOYMENTS, S.REFERENCED},
    f"{_COGNITIVE}/accounts/managedComputeDeployments/read": {S.MANAGED_COMPUTE_DEPLOYMENTS},
    f"{_COGNITIVE}/accounts/managedNetworks/read": {S.MANAGED_NETWORKS},
    f"{_COGNITIVE}/accounts/managedNetworks/outboundRules/read": {S.MANAGED_NETWORKS},
    f"{_COGNITIVE}/accounts/networkSecurityPerimeterConfigurations/read": {
        S.PERIMETER_CONFIGURATIONS
    },
    f"{_COGNITIVE}/accounts/projects/read": {S.PROJECTS, *_BELOW_PROJECTS},
    f"{_COGNITIVE}/accounts/projects/applications/read": {S.APPLICATIONS},
    f"{_COGNITIVE}/accounts/projects/capabilityHosts/read": {S.PROJECT_CAPABILITY_HOSTS},
    f"{_COGNITIVE}/accounts/projects/connections/read": {S.PROJECT_CONNECTIONS},
    f"{_COGNITIVE}/accounts/raiPolicies/read": {S.RAI_POLICIES},
    f"{_COGNITIVE}/locations/models/read": {S.MODELS},
    "Microsoft.Features/providers/features/read": {S.FEATURES},
    "Microsoft.Insights/diagnosticSettings/read": {S.DIAGNOSTIC_SETTINGS},
    "Microsoft.Kusto/clusters/read": {S.REFERENCED},
    f"{_LEARNING}/registries/read": {S.REGISTRY},
    f"{_LEARNING}/workspaces/read": {S.WORKSPACE, S.HUB},
    f"{_LEARNING}/workspaces/batchEndpoints/read": {S.BATCH_ENDPOINTS, S.BATCH_DEPLOYMENTS},
    f"{_LEARNING}/workspaces/batchEndpoints/deployments/read": {S.BATCH_DEPLOYMENTS},
    f"{_LEARNING}/workspaces/computes/read": {S.COMPUTES},
    f"{_LEARNING}/workspaces/connections/read": {S.WORKSPACE_CONNECTIONS},
    f"{_LEARNING}/workspaces/marketplaceSubscriptions/read": {S.MARKETPLACE_SUBSCRIPTIONS},
    # Their diagnostic settings are listed for each of them.
    f"{_LEARNING}/workspaces/onlineEndpoints/read": {
        S.ONLINE_ENDPOINTS,
        S.ONLINE_DEPLOYMENTS,
        S.DIAGNOSTIC_SETTINGS,
    },
    f"{_LEARNING}/workspaces/onlineEndpoints/deployments/read": {S.ONLINE_DEPLOYMENTS},
    f"{_LEARNING}/workspaces/outboundRules/read": {S.WORKSPACE, S.HUB},
    f"{_LEARNING}/workspaces/serverlessEndpoints/read": {S.SERVERLESS_ENDPOINTS},
    "Microsoft.ResourceGraph/resources/read": {S.MANAGEMENT_GROUPS},
    "Microsoft.Resources/subscriptions/read": {S.SUBSCRIPTION},
    "Microsoft.Security/pricings/read": {S.DEFENDER_PLANS},
    "Microsoft.Storage/storageAccounts/read": {S.REFERENCED},
}


def estate() -> list[Resource]:
    """Return an estate in which every action is needed for something."""
    network = {"managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound"}}
    to_cluster = {"raiMonitorConfig": {"adxStorageResourceId": CLUSTER}}
    to_store = {"raiMonitorConfig": {"adxStorageResourceId": STORE}}
    source = {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "1", "source": TRAINED}}
    here = {"location": "swedencentral"}
    return [
        resource(ITSELF, displayName="one", tenantId="t"),
        resource(ACCOUNT, kind="AIServices", properties=to_cluster, **here),
        resource(TRAINED, kind="OpenAI", **here),
        resource(f"{ACCOUNT}/deployments/d", sku={"name": "Standard"}, properties=source),
        resource(f"{ACCOUNT}/deployments/e", sku={"name": "Standard"}, properties=to_store),
        resource(f"{ACCOUNT}/managedNetworks/default", properties=network),
        resource(f"{ACCOUNT}/projects/p", **here),
        resource(STORE, **here),
        resource(CLUSTER, **here),
        resource(HUB, kind="Hub", properties=network, **here),
        resource(WORKSPACE, kind="Project", properties={"hubResourceId": HUB, **network}, **here),
        resource(f"{WORKSPACE}/onlineEndpoints/e", **here),
        resource(f"{WORKSPACE}/batchEndpoints/b", **here),
        resource(REGISTRY, **here),
    ]


async def unreadable(world: ArmWorld) -> dict[Source, tuple[str | None, str]]:
    """Read everything: the sources that could not be read, each with the action and the words."""
    found: dict[Source, tuple[str | None, str]] = {}
    for root in map(ResourceId.parse, ROOTS):
        readings = await world.inventory.read(root, sources_of(root.type), after=world.clock.now())
        for source, each in readings.items():
            if each.problem is not None and each.problem.cause is Cause.UNREADABLE:
                found[source] = (each.problem.permission, each.problem.detail)
    return found


def test_every_action_is_accounted_for() -> None:
    """No action is in the role that nothing needs."""
    assert set(NEEDED_BY) == set(ACTIONS)


def test_the_role_reads_and_does_nothing_else() -> None:
    """No action writes, lists keys, or is a pattern that allows more than it names."""
    assert [each for each in ACTIONS if not each.endswith("/read") or "*" in each] == []


async def test_without_one_action_what_needs_it_is_unreadable_and_names_it() -> None:
    """Exactly that: nothing else is lost, and nothing is taken for absent."""
    async with arm_world(*estate()) as world:
        assert await unreadable(world) == {}
        wrong: dict[str, object] = {}
        for action in ACTIONS:
            world.azure.permissions.revoke(action)
            found = await unreadable(world)
            world.azure.permissions.grant(action)
            named = {name for name, _ in found.values()}
            if set(found) != NEEDED_BY[action] or named != {action}:
                wrong[action] = found
            assert all(action in words for _, words in found.values())

        assert wrong == {}


async def test_without_resource_graph_the_list_of_accounts_goes_on() -> None:
    """What it shows is looked at; that there may be more is told."""
    action = "Microsoft.ResourceGraph/resources/read"
    async with arm_world(*estate()) as world:
        world.azure.permissions.revoke(action)
        listed: list[str] = []

        async def take_all() -> None:
            async for each in world.inventory.roots(SUBSCRIPTION):
                listed.append(each.root.text)  # noqa: PERF401 - the end is an exception

        with pytest.raises(PortError, match=action):
            await take_all()
        assert listed == [ACCOUNT, TRAINED]
