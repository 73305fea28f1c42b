"""Resource types and sources: which ARM answers make up the snapshot of a root.

One table, `CHILD_TYPES`, says for each type below a root which source shows it. The inventories
read sources by it and the events name them by it.
"""

from enum import StrEnum

COGNITIVE_SERVICES = "Microsoft.CognitiveServices"
MACHINE_LEARNING = "Microsoft.MachineLearningServices"


class ResourceType(StrEnum):
    """ARM types that monitors judge, in ARM's spelling.

    Compared without regard to case by `resource_type`.
    """

    ACCOUNT = "Microsoft.CognitiveServices/accounts"
    DEPLOYMENT = "Microsoft.CognitiveServices/accounts/deployments"
    MANAGED_COMPUTE_DEPLOYMENT = "Microsoft.CognitiveServices/accounts/managedComputeDeployments"
    WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
    ONLINE_ENDPOINT = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
    ONLINE_DEPLOYMENT = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"
    BATCH_ENDPOINT = "Microsoft.MachineLearningServices/workspaces/batchEndpoints"
    BATCH_DEPLOYMENT = "Microsoft.MachineLearningServices/workspaces/batchEndpoints/deployments"
    SERVERLESS_ENDPOINT = "Microsoft.MachineLearningServices/workspaces/serverlessEndpoints"
    MARKETPLACE_SUBSCRIPTION = (
        "Microsoft.MachineLearningServices/workspaces/marketplaceSubscriptions"
    )
    PROJECT = "Microsoft.CognitiveServices/accounts/projects"
    REGISTRY = "Microsoft.MachineLearningServices/registries"
    SUBSCRIPTION = "Microsoft.Resources/subscriptions"


class Source(StrEnum):
    """One ARM answer about a root, by the name that evidence shows."""

    ACCOUNT = "account"
    ACCOUNT_PREVIEW = "account_preview"
    """The account once more, as a preview API shows it: with what no stable API does."""
    DEPLOYMENTS = "deployments"
    MANAGED_COMPUTE_DEPLOYMENTS = "managed_compute_deployments"
    ACCOUNT_COMPUTES = "account_computes"
    PERIMETER_CONFIGURATIONS = "network_security_perimeter_configurations"
    MANAGED_NETWORKS = "managed_networks"
    PROJECTS = "projects"
    CAPABILITY_HOSTS = "capability_hosts"
    PROJECT_CAPABILITY_HOSTS = "project_capability_hosts"
    CONNECTIONS = "connections"
    PROJECT_CONNECTIONS = "project_connections"
    APPLICATIONS = "applications"
    RAI_POLICIES = "rai_policies"
    DEFENDER_SETTINGS = "defender_settings"
    DIAGNOSTIC_SETTINGS = "diagnostic_settings"
    """Where a root's logs go; a workspace's online endpoints have settings of their own."""
    REFERENCED = "referenced"
    """Resources elsewhere that this root names and that decide about it: see `references`."""
    WORKSPACE = "workspace"
    HUB = "hub"
    ONLINE_ENDPOINTS = "online_endpoints"
    ONLINE_DEPLOYMENTS = "online_deployments"
    BATCH_ENDPOINTS = "batch_endpoints"
    BATCH_DEPLOYMENTS = "batch_deployments"
    SERVERLESS_ENDPOINTS = "serverless_endpoints"
    WORKSPACE_CONNECTIONS = "workspace_connections"
    MARKETPLACE_SUBSCRIPTIONS = "marketplace_subscriptions"
    COMPUTES = "computes"
    REGISTRY = "registry"
    SUBSCRIPTION = "subscription"
    ACCOUNTS = "accounts"
    """The accounts that a subscription holds, whatever their kind."""
    FEATURES = "features"
    """The preview features of a subscription, with their state."""
    DEFENDER_PLANS = "defender_plans"
    MODELS = "models"
    """What Azure offers where a subscription has AI accounts, with the dates of retirement.

    ARM gives these no id; each has one of our making, below its location.
    """
    MANAGEMENT_GROUPS = "management_groups"
    """The subscription once more, as Resource Graph shows it: with the groups above it."""


ROOT_TYPES: dict[str, Source] = {
    ResourceType.ACCOUNT.lower(): Source.ACCOUNT,
    ResourceType.WORKSPACE.lower(): Source.WORKSPACE,
    ResourceType.REGISTRY.lower(): Source.REGISTRY,
    ResourceType.SUBSCRIPTION.lower(): Source.SUBSCRIPTION,
}
"""Root type (lower case) → the source that is the root's own body."""

CHILD_TYPES: dict[str, Source] = {
    ResourceType.DEPLOYMENT.lower(): Source.DEPLOYMENTS,
    ResourceType.MANAGED_COMPUTE_DEPLOYMENT.lower(): Source.MANAGED_COMPUTE_DEPLOYMENTS,
    "microsoft.cognitiveservices/accounts/computes": Source.ACCOUNT_COMPUTES,
    "microsoft.cognitiveservices/accounts/networksecurityperimeterconfigurations": (
        Source.PERIMETER_CONFIGURATIONS
    ),
    "microsoft.cognitiveservices/accounts/managednetworks": Source.MANAGED_NETWORKS,
    ResourceType.PROJECT.lower(): Source.PROJECTS,
    "microsoft.cognitiveservices/accounts/capabilityhosts": Source.CAPABILITY_HOSTS,
    "microsoft.cognitiveservices/accounts/projects/capabilityhosts": (
        Source.PROJECT_CAPABILITY_HOSTS
    ),
    "microsoft.cognitiveservices/accounts/connections": Source.CONNECTIONS,
    "microsoft.cognitiveservices/accounts/projects/connections": Source.PROJECT_CONNECTIONS,
    "microsoft.cognitiveservices/accounts/projects/applications": Source.APPLICATIONS,
    "microsoft.cognitiveservices/accounts/raipolicies": Source.RAI_POLICIES,
    "microsoft.cognitiveservices/accounts/defenderforaisettings": Source.DEFENDER_SETTINGS,
    "microsoft.insights/diagnosticsettings": Source.DIAGNOSTIC_SETTINGS,
    # What ARM embeds in the answer for another resource: private endpoint connections in that for
    # the account or workspace, outbound rules in that for the network they belong to.
    "microsoft.cognitiveservices/accounts/managednetworks/outboundrules": Source.MANAGED_NETWORKS,
    "microsoft.machinelearningservices/workspaces/outboundrules": Source.WORKSPACE,
    "microsoft.cognitiveservices/accounts/privateendpointconnections": Source.ACCOUNT,
    "microsoft.machinelearningservices/workspaces/privateendpointconnections": Source.WORKSPACE,
    ResourceType.ONLINE_ENDPOINT.lower(): Source.ONLINE_ENDPOINTS,
    ResourceType.ONLINE_DEPLOYMENT.lower(): Source.ONLINE_DEPLOYMENTS,
    ResourceType.BATCH_ENDPOINT.lower(): Source.BATCH_ENDPOINTS,
    ResourceType.BATCH_DEPLOYMENT.lower(): Source.BATCH_DEPLOYMENTS,
    ResourceType.SERVERLESS_ENDPOINT.lower(): Source.SERVERLESS_ENDPOINTS,
    "microsoft.machinelearningservices/workspaces/connections": Source.WORKSPACE_CONNECTIONS,
    ResourceType.MARKETPLACE_SUBSCRIPTION.lower(): Source.MARKETPLACE_SUBSCRIPTIONS,
    "microsoft.machinelearningservices/workspaces/computes": Source.COMPUTES,
    # Both forms in which ARM shows a subscription's preview features.
    "microsoft.features/providers/features": Source.FEATURES,
    "microsoft.features/featureproviders/subscriptionfeatureregistrations": Source.FEATURES,
    "microsoft.security/pricings": Source.DEFENDER_PLANS,
    "microsoft.cognitiveservices/locations/models": Source.MODELS,
}
"""Child type (lower case) → the source that shows it.

A type below a root that is not here has no source yet.
"""

CORE_SOURCES: dict[str, tuple[Source, ...]] = {
    ResourceType.ACCOUNT.lower(): (Source.ACCOUNT, Source.DEPLOYMENTS, Source.REFERENCED),
    ResourceType.WORKSPACE.lower(): (
        Source.WORKSPACE,
        Source.HUB,
        Source.ONLINE_ENDPOINTS,
        Source.ONLINE_DEPLOYMENTS,
        Source.BATCH_ENDPOINTS,
        Source.BATCH_DEPLOYMENTS,
        Source.SERVERLESS_ENDPOINTS,
    ),
    ResourceType.REGISTRY.lower(): (Source.REGISTRY,),
    ResourceType.SUBSCRIPTION.lower(): (
        Source.SUBSCRIPTION,
        Source.ACCOUNTS,
        Source.FEATURES,
    ),
}
"""Root type (lower case) → what every look reads afresh."""

DEEP_SOURCES: dict[str, tuple[Source, ...]] = {
    ResourceType.ACCOUNT.lower(): (
        Source.MANAGED_COMPUTE_DEPLOYMENTS,
        Source.ACCOUNT_COMPUTES,
        Source.PERIMETER_CONFIGURATIONS,
        Source.MANAGED_NETWORKS,
        Source.PROJECTS,
        Source.CAPABILITY_HOSTS,
        Source.PROJECT_CAPABILITY_HOSTS,
        Source.CONNECTIONS,
        Source.PROJECT_CONNECTIONS,
        Source.APPLICATIONS,
        Source.RAI_POLICIES,
        Source.DEFENDER_SETTINGS,
        Source.DIAGNOSTIC_SETTINGS,
        Source.ACCOUNT_PREVIEW,
    ),
    ResourceType.WORKSPACE.lower(): (
        Source.WORKSPACE_CONNECTIONS,
        Source.MARKETPLACE_SUBSCRIPTIONS,
        Source.COMPUTES,
        Source.DIAGNOSTIC_SETTINGS,
    ),
    ResourceType.REGISTRY.lower(): (Source.DIAGNOSTIC_SETTINGS,),
    ResourceType.SUBSCRIPTION.lower(): (
        Source.DEFENDER_PLANS,
        Source.MODELS,
        Source.MANAGEMENT_GROUPS,
    ),
}
"""Root type (lower case) → what is read at first, when a change names it, and by deep sweeps."""

FEATURES_PROVIDER = "microsoft.features"

EMBEDDED_TYPES = frozenset(
    {
        "microsoft.cognitiveservices/accounts/managednetworks/outboundrules",
        "microsoft.cognitiveservices/accounts/privateendpointconnections",
        "microsoft.machinelearningservices/workspaces/outboundrules",
        "microsoft.machinelearningservices/workspaces/privateendpointconnections",
    }
)
"""Child types (lower case) that ARM shows inside their parent; monitors read them there."""

OTHER_ROOTS = frozenset({Source.HUB, Source.REFERENCED, Source.ACCOUNTS})
"""Sources that show other roots, which are judged by their own looks."""

OTHER_VIEWS = frozenset({Source.ACCOUNT_PREVIEW, Source.MANAGEMENT_GROUPS})
"""Sources that show the root itself a second time; it is judged, and found, in its own reading."""

REFERENCED_TYPES = frozenset({"microsoft.kusto/clusters", "microsoft.storage/storageaccounts"})
"""Types (lower case) that are judged nowhere, and read where a root of ours names one."""

AI_KINDS = frozenset({"openai", "aiservices"})
"""Account kinds (lower case) that serve AI models under the `accounts/deployments` type."""

# By ARM's own spelling too, which mostly comes: to make it lower case takes longer.
_BY_TYPE = {spelt: member for member in ResourceType for spelt in (member.value, member.lower())}
_SOURCE_OF = ROOT_TYPES | CHILD_TYPES
_SOURCE_OF |= {kind.value: _SOURCE_OF[kind.lower()] for kind in ResourceType}


def sources_of(root_type: str) -> tuple[Source, ...]:
    """Return every source of a root type (any case), core ones first; none for other types."""
    kind = root_type.lower()
    return (*CORE_SOURCES.get(kind, ()), *DEEP_SOURCES.get(kind, ()))


def resource_type(text: str) -> ResourceType | None:
    """Return the judged type that `text` spells in any case, or None."""
    return _BY_TYPE.get(text) or _BY_TYPE.get(text.lower())


def source_of(text: str) -> Source | None:
    """Return the source that shows resources of this type (any case), or None."""
    return _SOURCE_OF.get(text) or _SOURCE_OF.get(text.lower())


def is_ours(provider: str) -> bool:
    """Whether a resource provider namespace (any case) is one whose resources we look at."""
    return provider.lower() in {COGNITIVE_SERVICES.lower(), MACHINE_LEARNING.lower()}
