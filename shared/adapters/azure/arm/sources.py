"""How each source of a root is read: the one table of ARM paths, API versions and actions.

A path in the table is relative to `{root}`, the root's id, or to `{each}`, an item of another
source: the connections of every project, the deployments of every endpoint. ARM types and their
paths: Azure/bicep-types-az and "Azure permissions for AI + machine learning", Microsoft Learn; the
action that allows a read is `<type>/read` for every one of them.
"""

from dataclasses import dataclass

from shared.domain.topology import COGNITIVE_SERVICES, MACHINE_LEARNING, ResourceType, Source

ACCOUNT_PREVIEW_KEY = f"{ResourceType.ACCOUNT} (preview)"
"""The account type once more, with API versions of its own."""


@dataclass(frozen=True, slots=True)
class Way:
    """One ARM read, or one for each item of the source `per`.

    `type` is the ARM type that answers. `single`: one resource, in place of a list. `versions` is
    the key of its API versions, its type where not stated.
    """

    path: str
    type: str
    single: bool = False
    per: Source | None = None
    versions: str = ""

    @property
    def permission(self) -> str:
        """The ARM action that allows it."""
        return f"{self.type}/read"

    @property
    def version_key(self) -> str:
        """What its API versions stand under."""
        return self.versions or self.type


def _root(kind: ResourceType) -> tuple[Way, ...]:
    """Return how the root's own body is read."""
    return (Way("{root}", kind, single=True),)


def _below(root: str, name: str) -> tuple[Way, ...]:
    """Return how the children of a root are listed."""
    return (Way(f"{{root}}/{name}", f"{root}/{name}"),)


def _each(owner: str, name: str, per: Source) -> tuple[Way, ...]:
    """Return how the children of every item of a source are listed."""
    return (Way(f"{{each}}/{name}", f"{owner}/{name}", per=per),)


_ACCOUNT, _WORKSPACE, _PROJECT = ResourceType.ACCOUNT, ResourceType.WORKSPACE, ResourceType.PROJECT
_DIAGNOSTICS = "Microsoft.Insights/diagnosticSettings"
_PROVIDERS = "{root}/providers"

WAYS: dict[Source, tuple[Way, ...]] = {
    Source.ACCOUNT: _root(_ACCOUNT),
    Source.ACCOUNT_PREVIEW: (Way("{root}", _ACCOUNT, single=True, versions=ACCOUNT_PREVIEW_KEY),),
    Source.DEPLOYMENTS: _below(_ACCOUNT, "deployments"),
    Source.MANAGED_COMPUTE_DEPLOYMENTS: _below(_ACCOUNT, "managedComputeDeployments"),
    Source.ACCOUNT_COMPUTES: _below(_ACCOUNT, "computes"),
    Source.PERIMETER_CONFIGURATIONS: _below(_ACCOUNT, "networkSecurityPerimeterConfigurations"),
    Source.MANAGED_NETWORKS: _below(_ACCOUNT, "managedNetworks"),
    Source.PROJECTS: _below(_ACCOUNT, "projects"),
    Source.CAPABILITY_HOSTS: _below(_ACCOUNT, "capabilityHosts"),
    Source.PROJECT_CAPABILITY_HOSTS: _each(_PROJECT, "capabilityHosts", Source.PROJECTS),
    Source.CONNECTIONS: _below(_ACCOUNT, "connections"),
    Source.PROJECT_CONNECTIONS: _each(_PROJECT, "connections", Source.PROJECTS),
    Source.APPLICATIONS: _each(_PROJECT, "applications", Source.PROJECTS),
    Source.RAI_POLICIES: _below(_ACCOUNT, "raiPolicies"),
    Source.DEFENDER_SETTINGS: _below(_ACCOUNT, "defenderForAISettings"),
    Source.DIAGNOSTIC_SETTINGS: (
        Way(f"{_PROVIDERS}/{_DIAGNOSTICS}", _DIAGNOSTICS),
        Way(f"{{each}}/providers/{_DIAGNOSTICS}", _DIAGNOSTICS, per=Source.ONLINE_ENDPOINTS),
    ),
    Source.WORKSPACE: _root(_WORKSPACE),
    Source.ONLINE_ENDPOINTS: _below(_WORKSPACE, "onlineEndpoints"),
    Source.ONLINE_DEPLOYMENTS: _each(
        ResourceType.ONLINE_ENDPOINT, "deployments", Source.ONLINE_ENDPOINTS
    ),
    Source.BATCH_ENDPOINTS: _below(_WORKSPACE, "batchEndpoints"),
    Source.BATCH_DEPLOYMENTS: _each(
        ResourceType.BATCH_ENDPOINT, "deployments", Source.BATCH_ENDPOINTS
    ),
    Source.SERVERLESS_ENDPOINTS: _below(_WORKSPACE, "serverlessEndpoints"),
    Source.WORKSPACE_CONNECTIONS: _below(_WORKSPACE, "connections"),
    Source.MARKETPLACE_SUBSCRIPTIONS: _below(_WORKSPACE, "marketplaceSubscriptions"),
    Source.COMPUTES: _below(_WORKSPACE, "computes"),
    Source.REGISTRY: _root(ResourceType.REGISTRY),
    Source.SUBSCRIPTION: _root(ResourceType.SUBSCRIPTION),
    Source.ACCOUNTS: (Way(f"{_PROVIDERS}/{_ACCOUNT}", _ACCOUNT),),
    Source.FEATURES: (
        Way(
            f"{_PROVIDERS}/Microsoft.Features/providers/{COGNITIVE_SERVICES}/features",
            "Microsoft.Features/providers/features",
        ),
    ),
    Source.DEFENDER_PLANS: (
        Way(f"{_PROVIDERS}/Microsoft.Security/pricings", "Microsoft.Security/pricings"),
    ),
}
"""Source → how it is read; what is not here is in `elsewhere`."""

OUTBOUND_RULES: dict[str, Way] = {
    owner.lower(): Way("{each}/outboundRules", f"{owner}/outboundRules")
    for owner in (f"{COGNITIVE_SERVICES}/accounts/managedNetworks", _WORKSPACE.value)
}
"""Type (lower case) of what has a managed network → how the network's rules are listed."""

REFERENCED: dict[str, Way] = {
    kind.lower(): Way("{each}", kind, single=True)
    for kind in (
        _ACCOUNT.value,
        _WORKSPACE.value,
        ResourceType.REGISTRY.value,
        "Microsoft.Kusto/clusters",
        "Microsoft.Storage/storageAccounts",
    )
}
"""Type (lower case) of a resource elsewhere that a root can name → how it is read."""

MODELS = Way(
    f"{_PROVIDERS}/{COGNITIVE_SERVICES}/locations/{{each}}/models",
    f"{COGNITIVE_SERVICES}/locations/models",
)
"""The models that Azure offers in a location, by its name."""

ROOT_LISTS = (_ACCOUNT.value, _WORKSPACE.value, f"{MACHINE_LEARNING}/registries")
"""The types whose resources are the roots of a subscription."""


def every_way() -> tuple[Way, ...]:
    """Return every read that the inventory makes."""
    listed = [way for ways in WAYS.values() for way in ways]
    return (*listed, *OUTBOUND_RULES.values(), *REFERENCED.values(), MODELS)
