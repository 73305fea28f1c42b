"""What a complete estate answers for a source, and what the input of `check` leaves open."""

import pytest

from shared.adapters.local.readings import NOT_IN_ESTATE, estate_reading, open_world_snapshot
from shared.adapters.local.resource_index import ResourceIndex
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import NOT_IN_INPUT, Snapshot
from shared.domain.topology import Source
from tests.arm import (
    ACCOUNT_ID,
    GROUP,
    SUBSCRIPTION,
    WORKSPACE_ID,
    account,
    deployment,
    managed_network,
    resource,
    workspace,
)

ITSELF = ResourceId.parse(f"/subscriptions/{SUBSCRIPTION}")
OTHER = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/other"
STORE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/telemetry"
FEATURES = f"{ITSELF}/providers/Microsoft.Features"
PREVIEW = f"{FEATURES}/providers/Microsoft.CognitiveServices/features/OpenAI.X"
REGISTERED = (
    f"{FEATURES}/featureProviders/Microsoft.CognitiveServices"
    "/subscriptionFeatureRegistrations/OpenAI.Y"
)


def indexed(*resources: Resource) -> ResourceIndex:
    """Return an index of these."""
    index = ResourceIndex()
    index.add(resources)
    return index


def checked(root: str | ResourceId, *resources: Resource) -> Snapshot:
    """Return what the input of `check` says of a root."""
    wanted = root if isinstance(root, ResourceId) else ResourceId.parse(root)
    return open_world_snapshot(indexed(*resources), wanted, frozenset(), {})


def names(items: tuple[Resource, ...]) -> list[str]:
    """Return the names of resources."""
    return [each.id.name for each in items]


# --- the subscription ---


def test_a_subscription_is_there_with_anything_that_lies_in_it() -> None:
    """Nobody exports it; empty, it is gone."""
    there = estate_reading(indexed(account()), ITSELF, Source.SUBSCRIPTION, None)
    gone = estate_reading(indexed(), ITSELF, Source.SUBSCRIPTION, None)

    assert (names(there.items), there.problem) == ([SUBSCRIPTION], None)
    assert (gone.items, gone.problem, gone.complete) == ((), None, True)


def test_a_subscription_holds_its_accounts_and_its_features_in_both_forms() -> None:
    """Features belong to the subscription, not to the provider whose they are."""
    index = indexed(account(), workspace(), resource(PREVIEW), resource(REGISTERED))

    accounts = estate_reading(index, ITSELF, Source.ACCOUNTS, None)
    features = estate_reading(index, ITSELF, Source.FEATURES, None)

    assert names(accounts.items) == ["acct"]
    assert names(features.items) == ["OpenAI.X", "OpenAI.Y"]


def test_a_subscription_holds_its_plans_and_models() -> None:
    """They lie in no resource group."""
    plan = f"{ITSELF}/providers/Microsoft.Security/pricings/AI"
    model = f"{ITSELF}/providers/Microsoft.CognitiveServices/locations/westus/models/m"
    index = indexed(resource(plan), resource(model))

    assert list(index.roots()) == [ITSELF]
    for source, name in ((Source.DEFENDER_PLANS, "AI"), (Source.MODELS, "m")):
        assert names(estate_reading(index, ITSELF, source, None).items) == [name]


def test_the_groups_above_a_subscription_are_in_its_export_from_resource_graph() -> None:
    """`az account show` does not have them."""
    chain = {"managementGroupAncestorsChain": [{"name": "team"}]}
    with_groups = indexed(resource(ITSELF.text, properties=chain))
    without = indexed(resource(ITSELF.text, properties={"state": "Enabled"}))

    shown = estate_reading(with_groups, ITSELF, Source.MANAGEMENT_GROUPS, None)

    assert [each.id for each in shown.items] == [ITSELF]
    assert estate_reading(without, ITSELF, Source.MANAGEMENT_GROUPS, None).items == ()


def test_diagnostic_settings_belong_to_the_root_that_they_extend() -> None:
    """An endpoint's are its workspace's; those of other resources are nobody's."""
    extension = "providers/Microsoft.Insights/diagnosticSettings/logs"
    own = f"{WORKSPACE_ID}/{extension}"
    endpoint = f"{WORKSPACE_ID}/onlineEndpoints/e/{extension}"
    index = indexed(
        *map(resource, (own, endpoint, f"{STORE}/{extension}", f"{ITSELF}/{extension}"))
    )
    root = ResourceId.parse(WORKSPACE_ID)

    assert list(index.roots()) == [root]
    found = estate_reading(index, root, Source.DIAGNOSTIC_SETTINGS, None)
    assert [each.id.text for each in found.items] == [own, endpoint]


def test_a_deep_source_that_the_input_of_check_does_not_show_is_not_in_it() -> None:
    """Nor is the second view of an account that only ARM has."""
    snapshot = checked(ACCOUNT_ID, account())

    for source in (Source.DEFENDER_SETTINGS, Source.APPLICATIONS, Source.ACCOUNT_PREVIEW):
        assert snapshot.reading(source).problem == NOT_IN_INPUT


def test_for_check_a_subscription_is_judged_only_when_the_input_speaks_of_it() -> None:
    """An account alone says nothing of its subscription's features."""
    assert list(indexed(account()).roots()) == [ResourceId.parse(ACCOUNT_ID)]

    alone = checked(ITSELF, resource(PREVIEW))

    assert names(alone.reading(Source.FEATURES).items) == ["OpenAI.X"]
    assert alone.reading(Source.ACCOUNTS).problem == NOT_IN_INPUT
    beside = checked(ITSELF, resource(PREVIEW), account())
    assert names(beside.reading(Source.ACCOUNTS).items) == ["acct"]


# --- what a root names elsewhere ---


def test_an_estate_knows_what_is_named_elsewhere_or_says_that_it_does_not() -> None:
    """A storage account is judged nowhere, and still found."""
    owner = account(raiMonitorConfig={"adxStorageResourceId": STORE})
    copied = deployment(model={"sourceAccount": OTHER})

    found = estate_reading(
        indexed(owner, copied, resource(OTHER), resource(STORE)), owner.id, Source.REFERENCED, None
    )
    lost = estate_reading(
        indexed(owner, copied, resource(OTHER)), owner.id, Source.REFERENCED, None
    )

    assert sorted(names(found.items)) == ["other", "telemetry"]
    assert (found.problem, found.complete) == (None, True)
    assert (names(lost.items), lost.problem) == (["other"], NOT_IN_ESTATE)


def test_for_check_what_is_named_and_not_given_is_undetermined() -> None:
    """What is not named is no question."""
    copied = deployment(model={"sourceAccount": OTHER})

    assert checked(ACCOUNT_ID, account(), copied).reading(Source.REFERENCED).problem == NOT_IN_INPUT
    assert checked(ACCOUNT_ID, account()).reading(Source.REFERENCED).problem is None


def test_for_check_siblings_are_complete_only_beside_their_account() -> None:
    """A lone deployment does not say which others there are."""
    beside = checked(ACCOUNT_ID, account(), deployment()).reading(Source.DEPLOYMENTS)
    alone = checked(ACCOUNT_ID, deployment()).reading(Source.DEPLOYMENTS)

    assert (names(beside.items), beside.problem) == (["chat"], None)
    assert (names(alone.items), alone.problem) == (["chat"], NOT_IN_INPUT)


# --- what ARM embeds ---


@pytest.mark.parametrize("first", ["owner", "rule"])
def test_an_outbound_rule_by_itself_is_put_into_its_network(first: str) -> None:
    """Of an account's managed network and of a workspace's, whichever is read first."""
    rule = {"type": "FQDN", "category": "UserDefined", "destination": "example.net"}
    pairs = (
        (managed_network(), f"{ACCOUNT_ID}/managedNetworks/default/outboundRules/web"),
        (
            workspace(managedNetwork={"isolationMode": "Disabled"}),
            f"{WORKSPACE_ID}/outboundRules/web",
        ),
    )
    for owner, name in pairs:
        child = resource(name, properties=rule)
        index = indexed(owner, child) if first == "owner" else indexed(child, owner)
        source = Source.WORKSPACE if owner.id.root == owner.id else Source.MANAGED_NETWORKS
        (shown,) = index.items(owner.id.root, source)

        rules = shown.object("properties.managedNetwork.outboundRules").value or {}
        stated = rules["web"]
        assert isinstance(stated, dict)
        assert stated["destination"] == "example.net"
        assert shown.text("properties.managedNetwork.isolationMode").value is not None
