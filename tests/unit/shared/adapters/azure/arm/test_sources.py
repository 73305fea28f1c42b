"""The table of reads, and the role that follows from it."""

from shared.adapters.azure.arm.api_versions import PREVIEW_FIRST, PREVIEW_ONLY, STABLE, ApiVersions
from shared.adapters.azure.arm.role import ACTIONS
from shared.adapters.azure.arm.sources import REFERENCED, WAYS, every_way
from shared.domain.topology import (
    CORE_SOURCES,
    REFERENCED_TYPES,
    Source,
    source_of,
    sources_of,
)
from tests.fakes import FakeClock

SPECIAL = {Source.HUB, Source.REFERENCED, Source.MODELS, Source.MANAGEMENT_GROUPS}
"""Sources that do not lie below their root."""


def test_every_source_of_every_root_has_a_way() -> None:
    """And no way is for a source that nobody reads."""
    read = {source for root in CORE_SOURCES for source in sources_of(root)}

    assert read == set(WAYS) | SPECIAL


def test_every_way_answers_with_what_its_source_shows() -> None:
    """The table of types and the table of reads cannot drift apart."""
    for source, ways in WAYS.items():
        for way in ways:
            shown = source_of(way.type)
            assert shown is source or source in {Source.ACCOUNTS, Source.ACCOUNT_PREVIEW}


def test_what_a_root_can_name_elsewhere_can_be_read() -> None:
    """Also what is judged nowhere."""
    assert set(REFERENCED) >= REFERENCED_TYPES


def test_every_way_has_api_versions() -> None:
    """Stable ones where the type has left the preview."""
    versions = ApiVersions(FakeClock())
    for way in every_way():
        assert versions.wanted(way.version_key)
    assert all("preview" in each for listed in PREVIEW_ONLY.values() for each in listed)
    assert all("preview" in each for listed in PREVIEW_FIRST.values() for each in listed)
    for provider, listed in STABLE.items():
        assert list(listed) == sorted(listed, reverse=True), provider


def test_the_role_only_reads() -> None:
    """Exactly these actions; a role that lacks one has a blind spot."""
    assert ACTIONS == (
        "Microsoft.CognitiveServices/accounts/capabilityHosts/read",
        "Microsoft.CognitiveServices/accounts/computes/read",
        "Microsoft.CognitiveServices/accounts/connections/read",
        "Microsoft.CognitiveServices/accounts/defenderForAISettings/read",
        "Microsoft.CognitiveServices/accounts/deployments/read",
        "Microsoft.CognitiveServices/accounts/managedComputeDeployments/read",
        "Microsoft.CognitiveServices/accounts/managedNetworks/outboundRules/read",
        "Microsoft.CognitiveServices/accounts/managedNetworks/read",
        "Microsoft.CognitiveServices/accounts/networkSecurityPerimeterConfigurations/read",
        "Microsoft.CognitiveServices/accounts/projects/applications/read",
        "Microsoft.CognitiveServices/accounts/projects/capabilityHosts/read",
        "Microsoft.CognitiveServices/accounts/projects/connections/read",
        "Microsoft.CognitiveServices/accounts/projects/read",
        "Microsoft.CognitiveServices/accounts/raiPolicies/read",
        "Microsoft.CognitiveServices/accounts/read",
        "Microsoft.CognitiveServices/locations/models/read",
        "Microsoft.Features/providers/features/read",
        "Microsoft.Insights/diagnosticSettings/read",
        "Microsoft.Kusto/clusters/read",
        "Microsoft.MachineLearningServices/registries/read",
        "Microsoft.MachineLearningServices/workspaces/batchEndpoints/deployments/read",
        "Microsoft.MachineLearningServices/workspaces/batchEndpoints/read",
        "Microsoft.MachineLearningServices/workspaces/computes/read",
        "Microsoft.MachineLearningServices/workspaces/connections/read",
        "Microsoft.MachineLearningServices/workspaces/marketplaceSubscriptions/read",
        "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/read",
        "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/read",
        "Microsoft.MachineLearningServices/workspaces/outboundRules/read",
        "Microsoft.MachineLearningServices/workspaces/read",
        "Microsoft.MachineLearningServices/workspaces/serverlessEndpoints/read",
        "Microsoft.ResourceGraph/resources/read",
        "Microsoft.Resources/subscriptions/read",
        "Microsoft.Security/pricings/read",
        "Microsoft.Storage/storageAccounts/read",
    )
