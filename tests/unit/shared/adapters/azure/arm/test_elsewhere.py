"""Sources that do not lie below their root."""

from collections.abc import Collection

import pytest

from shared.domain.outbound_rule import outbound_rules
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import CORE_SOURCES, ResourceType, Source
from shared.domain.verdict import Cause
from tests.arm_inventory import ArmWorld, arm_world
from tests.records import ACCOUNT, GROUP, OTHER_ACCOUNT, OTHER_SUBSCRIPTION, SUBSCRIPTION
from tests.worlds import resource

WORKSPACES = f"{GROUP}/Microsoft.MachineLearningServices/workspaces"
HUB, PROJECT = f"{WORKSPACES}/hub", f"{WORKSPACES}/project"
ITSELF = f"/subscriptions/{SUBSCRIPTION}"
CLUSTER = f"{GROUP}/Microsoft.Kusto/clusters/telemetry"
STORAGE = f"{GROUP}/Microsoft.Storage/storageAccounts/telemetry"
ELSEWHERE = OTHER_ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)


async def read(world: ArmWorld, root: str, *sources: Source) -> dict[Source, SourceReading]:
    """Read sources of a root."""
    return dict(
        await world.inventory.read(ResourceId.parse(root), sources, after=world.clock.now())
    )


async def one(world: ArmWorld, root: str, source: Source) -> SourceReading:
    """Read one source of a root."""
    return (await read(world, root, source))[source]


def ids(items: Collection[Resource]) -> list[str]:
    """Return the ids of resources in the order of the alphabet."""
    return sorted(each.id.text for each in items)


# --- hub ---


async def test_a_project_brings_its_hub_with_the_hubs_outbound_rules() -> None:
    """A project is judged by them."""
    hub = resource(
        HUB,
        kind="Hub",
        properties={"managedNetwork": {"isolationMode": "AllowOnlyApprovedOutbound"}},
    )
    rule = resource(f"{HUB}/outboundRules/open", properties={"type": "FQDN"})
    project = resource(PROJECT, kind="Project", properties={"hubResourceId": HUB})
    async with arm_world(hub, rule, project) as world:
        found = await read(world, PROJECT, Source.WORKSPACE, Source.HUB)

        (shown,) = found[Source.HUB].items
        assert [each.name for each in outbound_rules(shown)] == ["open"]
        assert sorted(world.reads) == [HUB, f"{HUB}/outboundRules", PROJECT]


@pytest.mark.parametrize(
    "named",
    ["/not/an/id", "", STORAGE, f"{WORKSPACES}/..", f"{HUB}?x=1#y", 7, False, [], {"id": HUB}],
)
async def test_what_is_no_workspace_is_no_hub(named: object) -> None:
    """A property that a person wrote leads to no other path, and none to `has no hub`."""
    project = resource(PROJECT, kind="Project", properties={"hubResourceId": named})
    async with arm_world(resource(HUB), project) as world:
        reading = await one(world, PROJECT, Source.HUB)

        assert reading.items == ()
        assert reading.problem is not None
        assert not reading.complete


async def test_the_hub_of_a_project_that_cannot_be_read_is_not_known() -> None:
    """The problem says why."""
    async with arm_world(resource(PROJECT, properties={"hubResourceId": HUB})) as world:
        world.azure.permissions.revoke("Microsoft.MachineLearningServices/workspaces/read")

        reading = await one(world, PROJECT, Source.HUB)

        assert reading.problem is not None
        assert reading.problem.detail.startswith("the workspace that names it could not be read: ")
        assert reading.problem.permission == "Microsoft.MachineLearningServices/workspaces/read"


# --- referenced ---


def naming(*models: str) -> list[Resource]:
    """Return the account, whose telemetry goes to a cluster, and deployments of others' models."""
    told = {"raiMonitorConfig": {"adxStorageResourceId": f"{CLUSTER}/databases/db"}}
    return [
        resource(ACCOUNT, properties=told),
        *(
            resource(f"{ACCOUNT}/deployments/d{n}", properties={"model": {"sourceAccount": each}})
            for n, each in enumerate(models)
        ),
    ]


async def test_what_is_named_elsewhere_is_read() -> None:
    """Clusters, storage accounts and accounts, of other subscriptions too, each once."""
    others = [resource(each, location="westus") for each in (CLUSTER, STORAGE, ELSEWHERE)]
    async with arm_world(*naming(STORAGE, ELSEWHERE, ELSEWHERE, ACCOUNT), *others) as world:
        found = await read(world, ACCOUNT, *CORE_SOURCES[ResourceType.ACCOUNT.lower()])

        reading = found[Source.REFERENCED]
        assert ids(reading.items) == sorted([CLUSTER, STORAGE, ELSEWHERE])
        assert (reading.problem, reading.complete) == (None, True)
        assert len(world.reads) == 2 + 3


async def test_a_refused_reference_names_the_action_and_the_resource() -> None:
    """The others are there."""
    async with arm_world(*naming(ELSEWHERE), resource(CLUSTER), resource(ELSEWHERE)) as world:
        world.azure.permissions.revoke(scope=f"/subscriptions/{OTHER_SUBSCRIPTION}")

        reading = await one(world, ACCOUNT, Source.REFERENCED)

        assert ids(reading.items) == [CLUSTER]
        assert reading.problem is not None
        assert reading.problem.permission == "Microsoft.CognitiveServices/accounts/read"
        assert reading.problem.detail.startswith(f"{ELSEWHERE}: ")
        assert not reading.complete


@pytest.mark.parametrize(
    ("named", "cause"),
    [(ELSEWHERE, Cause.UNREADABLE), (f"{GROUP}/Microsoft.Web/sites/s", Cause.UNDETERMINED)],
)
async def test_a_reference_to_what_is_not_there_or_not_read_is_a_problem(
    named: str, cause: Cause
) -> None:
    """Where it lies decides about the account, and is not known."""
    async with arm_world(*naming(named), resource(CLUSTER)) as world:
        reading = await one(world, ACCOUNT, Source.REFERENCED)

        assert reading.problem is not None
        assert reading.problem.cause is cause
        assert not reading.complete


async def test_references_of_deployments_that_cannot_be_read_are_not_known() -> None:
    """Those that are known are read."""
    async with arm_world(*naming(ELSEWHERE), resource(CLUSTER)) as world:
        world.azure.permissions.revoke("Microsoft.CognitiveServices/accounts/deployments/read")

        reading = await one(world, ACCOUNT, Source.REFERENCED)

        assert ids(reading.items) == [CLUSTER]
        assert reading.problem is not None
        assert reading.problem.detail.startswith("the deployments that name it could not")


# --- the subscription ---


async def test_the_models_are_those_of_every_location_with_ai_accounts() -> None:
    """Each with an id below its location, reduced to what says when it retires."""
    accounts = [
        resource(ACCOUNT, kind="OpenAI", location="Sweden Central"),
        resource(OTHER_ACCOUNT, kind="AIServices", location="westus"),
        resource(f"{ACCOUNT}2", kind="OpenAI", location="swedencentral"),
        resource(f"{ACCOUNT}3", kind="SpeechServices", location="eastus"),
        resource(f"{ACCOUNT}4", kind="OpenAI", location="global"),
    ]
    model = {
        "format": "OpenAI",
        "name": "gpt 5/x",
        "version": "1",
        "lifecycleStatus": "Preview",
        "deprecation": {"inference": "2027-01-01T00:00:00Z"},
        "capabilities": {"chatCompletion": "true"},
    }
    listed = {"kind": "OpenAI", "skuName": "S0", "model": model}
    place = f"{ITSELF}/providers/Microsoft.CognitiveServices/locations"
    async with arm_world(*accounts) as world:
        # The same model once more under another SKU.
        world.azure.estate.put_items(
            f"{place}/swedencentral/models", [listed, {**listed, "skuName": "S1"}]
        )
        world.azure.estate.put_items(f"{place}/westus/models", [{"kind": "AIServices"}])

        reading = await one(world, ITSELF, Source.MODELS)

        names = [
            f"{place}/swedencentral/models/OpenAI:OpenAI:gpt%205%2Fx:1",
            f"{place}/westus/models/AIServices:::",
        ]
        assert ids(reading.items) == names
        shown = next(each for each in reading.items if each.id.text == names[0])
        assert shown.body["model"] == {
            key: value for key, value in model.items() if key != "capabilities"
        }
        assert shown.id.root.text == ITSELF
        assert (reading.problem, reading.complete) == (None, True)
        assert not world.azure.log.matching("locations/eastus")
        assert not world.azure.log.matching("locations/global")


async def test_models_of_a_location_that_fails_are_a_gap() -> None:
    """So are those of accounts that cannot be listed."""
    async with arm_world(resource(ACCOUNT, kind="OpenAI", location="westus")) as world:
        world.azure.permissions.revoke("Microsoft.CognitiveServices/locations/models/read")
        reading = await one(world, ITSELF, Source.MODELS)
        assert reading.problem is not None
        assert reading.problem.permission == "Microsoft.CognitiveServices/locations/models/read"

        world.azure.permissions.revoke("Microsoft.CognitiveServices/accounts/read")
        reading = await one(world, ITSELF, Source.MODELS)
        assert reading.problem is not None
        assert reading.problem.detail.startswith("the accounts could not all be read: ")


async def test_the_features_and_plans_of_a_subscription_are_read() -> None:
    """With their state, below the subscription."""
    feature = (
        f"{ITSELF}/providers/Microsoft.Features/providers/Microsoft.CognitiveServices/features/x"
    )
    plan = f"{ITSELF}/providers/Microsoft.Security/pricings/AI"
    async with arm_world(
        resource(feature, properties={"state": "Registered"}), resource(plan)
    ) as world:
        found = await read(world, ITSELF, Source.FEATURES, Source.DEFENDER_PLANS)

        assert ids(found[Source.FEATURES].items) == [feature]
        assert ids(found[Source.DEFENDER_PLANS].items) == [plan]


async def test_the_groups_above_a_subscription_come_from_resource_graph() -> None:
    """Nearest first, as scopes of policy."""
    async with arm_world(resource(ACCOUNT)) as world:
        world.azure.estate.management_groups[SUBSCRIPTION] = ["team", "root"]

        reading = await one(world, ITSELF, Source.MANAGEMENT_GROUPS)

        (shown,) = reading.items
        assert shown.id.text == ITSELF
        chain = shown.objects("properties.managementGroupAncestorsChain")
        assert [each.text("name").value for each in chain] == ["team", "root"]
        assert (reading.problem, reading.complete) == (None, True)


async def test_groups_that_resource_graph_does_not_tell_are_not_known() -> None:
    """Whether it fails or does not show the subscription."""
    async with arm_world(resource(ACCOUNT)) as world:
        world.azure.fault("ResourceGraph", status=403, times=1)
        refused = await one(world, ITSELF, Source.MANAGEMENT_GROUPS)
        world.azure.resource_graph.hide(ITSELF)
        hidden = await one(world, ITSELF, Source.MANAGEMENT_GROUPS)

        assert refused.problem is not None
        assert refused.problem.cause is Cause.UNREADABLE
        assert hidden.problem is not None
        assert hidden.problem.cause is Cause.UNDETERMINED
        assert not refused.complete
        assert not hidden.complete
