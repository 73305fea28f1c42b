"""The table of operations, and which root and source a change belongs to."""

from datetime import UTC, datetime

import pytest

from shared.domain.change import Operation, Origin, Outcome, ResourceChange
from shared.domain.resource_id import ResourceId
from shared.domain.topology import CHILD_TYPES, ROOT_TYPES, ResourceType, Source
from shared.events.operations import WATCHED, operation_named, root_of, source_named

GROUP = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers"
ACCOUNT = f"{GROUP}/Microsoft.CognitiveServices/accounts/contoso"
WORKSPACE = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/ml"
REGISTRY = f"{GROUP}/Microsoft.MachineLearningServices/registries/models"


def change(resource: str, operation: str | None = None) -> ResourceChange:
    """A write of a resource."""
    resource_id = ResourceId.parse(resource)
    return ResourceChange(
        resource_id=resource_id,
        operation=Operation.WRITE,
        operation_name=operation or f"{resource_id.type}/write",
        outcome=Outcome.SUCCEEDED,
        occurred_at=datetime(2026, 11, 18, tzinfo=UTC),
        actor=None,
        correlation_id=None,
        origin=Origin.SUBSCRIPTION_EVENT,
    )


WITHOUT_EVENTS = {
    ResourceType.SUBSCRIPTION.lower(),
    "microsoft.features/providers/features",
    "microsoft.features/featureproviders/subscriptionfeatureregistrations",
    "microsoft.security/pricings",
    "microsoft.cognitiveservices/locations/models",
}
"""A subscription and what is its own: they change without an event, so sweeps look."""


def test_every_type_that_a_source_shows_is_watched() -> None:
    """The table of sources and the table of operations cannot drift apart."""
    sources = ROOT_TYPES | CHILD_TYPES

    assert set(sources) - set(WATCHED) == WITHOUT_EVENTS
    for name in set(sources) - WITHOUT_EVENTS:
        assert WATCHED[name].source is sources[name]


@pytest.mark.parametrize(
    ("resource", "source"),
    [
        (ACCOUNT, Source.ACCOUNT),
        (f"{ACCOUNT}/deployments/d", Source.DEPLOYMENTS),
        (f"{ACCOUNT}/DEPLOYMENTS/d", Source.DEPLOYMENTS),
        (f"{ACCOUNT}/managedComputeDeployments/d", Source.MANAGED_COMPUTE_DEPLOYMENTS),
        (f"{ACCOUNT}/managedNetworks/default/outboundRules/r", Source.MANAGED_NETWORKS),
        (f"{ACCOUNT}/networkSecurityPerimeterConfigurations/p", Source.PERIMETER_CONFIGURATIONS),
        (
            f"{ACCOUNT}/networkSecurityPerimeterAssociationProxies/p",
            Source.PERIMETER_CONFIGURATIONS,
        ),
        (f"{ACCOUNT}/privateEndpointConnectionProxies/p", Source.ACCOUNT),
        (f"{ACCOUNT}/teleporters/t", None),
        (WORKSPACE, Source.WORKSPACE),
        (f"{WORKSPACE}/onlineEndpoints/e/deployments/d", Source.ONLINE_DEPLOYMENTS),
        (f"{WORKSPACE}/serverlessEndpoints/e", Source.SERVERLESS_ENDPOINTS),
        (REGISTRY, Source.REGISTRY),
        (f"{ACCOUNT}/providers/Microsoft.Resources/tags/default", Source.ACCOUNT),
        (
            f"{ACCOUNT}/managedComputeDeployments/d/providers/Microsoft.Resources/tags/default",
            Source.MANAGED_COMPUTE_DEPLOYMENTS,
        ),
    ],
)
def test_a_change_names_its_root_and_source(resource: str, source: Source | None) -> None:
    """A listed type names the source that shows it; any other leaves it to the core sources."""
    told = change(resource)

    assert source_named(told) is source
    assert root_of(told).text in {ACCOUNT, WORKSPACE, REGISTRY}


def test_the_operation_names_the_source_where_the_resource_is_the_root() -> None:
    """A row can name the account and say that its deployments were written."""
    operation = "Microsoft.CognitiveServices/accounts/deployments/write"

    assert source_named(change(ACCOUNT, operation)) is Source.DEPLOYMENTS
    assert source_named(change(ACCOUNT, "x")) is Source.ACCOUNT


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        (
            "MICROSOFT.COGNITIVESERVICES/ACCOUNTS/RAIPOLICIES/DELETE",
            "Microsoft.CognitiveServices/accounts/raiPolicies/delete",
        ),
        (
            "MICROSOFT.COGNITIVESERVICES/ACCOUNTS/DEPLOYMENTS/PAUSE/ACTION",
            "Microsoft.CognitiveServices/accounts/deployments/pause/action",
        ),
        (
            "microsoft.cognitiveservices/accounts/joinperimeter/action",
            "Microsoft.CognitiveServices/accounts/joinPerimeter/action",
        ),
        (
            "Microsoft.CognitiveServices/accounts/somethingNew/Action",
            "Microsoft.CognitiveServices/accounts/somethingNew/action",
        ),
        ("MICROSOFT.CONTOSO/THINGS/WRITE", "MICROSOFT.CONTOSO/THINGS/WRITE"),
    ],
)
def test_listed_operations_get_their_spelling_back(name: str, spelled: str) -> None:
    """Capitals are undone for what the tables list; what they do not list stays as it came."""
    assert operation_named(name).name == spelled


@pytest.mark.parametrize("name", ["", "/", "//", "write", "/write", "a/", "/action", "read"])
def test_odd_names_are_read_without_fuss(name: str) -> None:
    """Whatever is no operation of ours is somebody else's."""
    assert operation_named(name).ignored is not None
