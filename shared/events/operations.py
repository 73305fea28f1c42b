"""Which operations matter, and to which source of a root each belongs.

An operation is an ARM type and what is done to it, `Microsoft.CognitiveServices/accounts/write`; an
action names itself in between: `…/accounts/deployments/pause/action`. Names compare without regard
to case: AzureActivity writes them in capitals. Source of the names: the ARM types of both
providers, and "Azure permissions for AI + machine learning", Microsoft Learn.
"""

from dataclasses import dataclass
from functools import lru_cache

from shared.domain.change import Operation, ResourceChange
from shared.domain.resource_id import ResourceId
from shared.domain.topology import ROOT_TYPES, Source, is_ours, source_of
from shared.events.outcome import IgnoredReason

LONGEST_OPERATION = 512
"""Longer texts are no operation names; the deepest real one has some 100 characters."""

_TAGS = "Microsoft.Resources/tags"

_WATCHED_TYPES = (
    "Microsoft.CognitiveServices/accounts",
    "Microsoft.CognitiveServices/accounts/capabilityHosts",
    "Microsoft.CognitiveServices/accounts/commitmentPlans",
    "Microsoft.CognitiveServices/accounts/computes",
    "Microsoft.CognitiveServices/accounts/connections",
    "Microsoft.CognitiveServices/accounts/defenderForAISettings",
    "Microsoft.CognitiveServices/accounts/deployments",
    "Microsoft.CognitiveServices/accounts/encryptionScopes",
    "Microsoft.CognitiveServices/accounts/managedComputeDeployments",
    "Microsoft.CognitiveServices/accounts/managedNetworks",
    "Microsoft.CognitiveServices/accounts/managedNetworks/outboundRules",
    "Microsoft.CognitiveServices/accounts/networkSecurityPerimeterAssociationProxies",
    "Microsoft.CognitiveServices/accounts/networkSecurityPerimeterConfigurations",
    "Microsoft.CognitiveServices/accounts/privateEndpointConnectionProxies",
    "Microsoft.CognitiveServices/accounts/privateEndpointConnections",
    "Microsoft.CognitiveServices/accounts/projects",
    "Microsoft.CognitiveServices/accounts/projects/applications",
    "Microsoft.CognitiveServices/accounts/projects/applications/agentDeployments",
    "Microsoft.CognitiveServices/accounts/projects/capabilityHosts",
    "Microsoft.CognitiveServices/accounts/projects/connections",
    "Microsoft.CognitiveServices/accounts/raiBlocklists",
    "Microsoft.CognitiveServices/accounts/raiBlocklists/raiBlocklistItems",
    "Microsoft.CognitiveServices/accounts/raiPolicies",
    "Microsoft.MachineLearningServices/registries",
    "Microsoft.MachineLearningServices/workspaces",
    "Microsoft.MachineLearningServices/workspaces/batchEndpoints",
    "Microsoft.MachineLearningServices/workspaces/batchEndpoints/deployments",
    "Microsoft.MachineLearningServices/workspaces/capabilityHosts",
    "Microsoft.MachineLearningServices/workspaces/computes",
    "Microsoft.MachineLearningServices/workspaces/connections",
    "Microsoft.MachineLearningServices/workspaces/datastores",
    "Microsoft.MachineLearningServices/workspaces/marketplaceSubscriptions",
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments",
    "Microsoft.MachineLearningServices/workspaces/outboundRules",
    "Microsoft.MachineLearningServices/workspaces/privateEndpointConnectionProxies",
    "Microsoft.MachineLearningServices/workspaces/privateEndpointConnections",
    "Microsoft.MachineLearningServices/workspaces/serverlessEndpoints",
    # These two extend a resource. Tags choose a policy's scopes, and can be written by themselves.
    "Microsoft.Insights/diagnosticSettings",
    _TAGS,
)
# Types that have no source of their own and show in that of another type: Azure writes the proxies
# when a perimeter or a private endpoint is tied to the account, the rules are part of the network.
_SHOWN_WITH = {
    "microsoft.cognitiveservices/accounts/managednetworks/outboundrules": (
        "microsoft.cognitiveservices/accounts/managednetworks"
    ),
    "microsoft.cognitiveservices/accounts/networksecurityperimeterassociationproxies": (
        "microsoft.cognitiveservices/accounts/networksecurityperimeterconfigurations"
    ),
    "microsoft.cognitiveservices/accounts/privateendpointconnectionproxies": (
        "microsoft.cognitiveservices/accounts/privateendpointconnections"
    ),
    "microsoft.machinelearningservices/workspaces/privateendpointconnectionproxies": (
        "microsoft.machinelearningservices/workspaces/privateendpointconnections"
    ),
}


@dataclass(frozen=True, slots=True)
class WatchedType:
    """A type whose changes are known to matter: its spelling, and the source that shows it.

    `source` None: no source shows it by name, and a look reads the core sources.
    """

    name: str
    source: Source | None


WATCHED = {
    name.lower(): WatchedType(name, source_of(_SHOWN_WITH.get(name.lower(), name)))
    for name in _WATCHED_TYPES
}
"""Type (lower case) → what is known of it. A change of any other type below a root still counts."""

# In ARM's spelling, which AzureActivity's capitals lose. An action that is neither here nor
# harmless is a change too: a needless look costs two reads, a missed change goes unseen.
_CHANGING_ACTIONS = {
    name.lower(): name
    for name in ("batchOutboundRules", "joinPerimeter", "pause", "provision", "reconcile", "resume")
}
# They answer a question, or renew a secret that no ARM property shows.
_HARMLESS_PREFIXES = ("list", "get", "check", "validate", "evaluate", "test", "calculate")
_HARMLESS_ACTIONS = frozenset(
    {"diagnose", "regeneratekey", "regeneratekeys", "startpendingupload", "token"}
)

_DEPLOYMENTS = "microsoft.resources/deployments"
_EXTENSIONS = frozenset(key for key in WATCHED if not is_ours(key.partition("/")[0]))


@dataclass(frozen=True, slots=True)
class NamedOperation:
    """What the name of an operation says.

    `name` is spelled as in ARM when the type is watched, else as it came; `resource_type` is in
    lower case; `ours` is whether it names one of our providers; `ignored` is why it is no change.
    """

    name: str
    kind: Operation
    resource_type: str
    ours: bool
    ignored: IgnoredReason | None


@lru_cache(maxsize=1024)
def operation_named(name: str) -> NamedOperation:
    """Read the name of an operation, of at most `LONGEST_OPERATION` characters, in any case."""
    scope, _, last = name.lower().rpartition("/")
    kind, action = Operation.ACTION, ""
    if last == "action":
        scope, _, action = scope.rpartition("/")
    elif last in {"write", "delete"}:
        kind = Operation(last)
    elif last != "read":
        scope = name.lower()
    # `…/accounts/providers/Microsoft.Insights/diagnosticSettings/write` is about the extension.
    resource_type = scope.rpartition("/providers/")[2]
    ours = is_ours(scope.partition("/")[0])
    return NamedOperation(
        _spelled(name, scope, action),
        kind,
        resource_type,
        ours,
        _why_no_change(resource_type, ours=ours, last=last, action=action),
    )


def _spelled(name: str, scope: str, action: str) -> str:
    """Return the name in ARM's spelling where the table knows it."""
    watched = WATCHED.get(scope)
    if watched is None:
        return name
    if action:
        shown = _CHANGING_ACTIONS.get(action) or name.split("/")[-2]
        return f"{watched.name}/{shown}/action"
    return watched.name + name[len(scope) :].lower()


def _why_no_change(
    resource_type: str, *, ours: bool, last: str, action: str
) -> IgnoredReason | None:
    """Say why an operation changes nothing of ours, or None."""
    if f"{resource_type}/".startswith(f"{_DEPLOYMENTS}/"):
        return IgnoredReason.TEMPLATE_DEPLOYMENT
    if resource_type.startswith(("microsoft.policyinsights/", "microsoft.authorization/policies")):
        return IgnoredReason.POLICY
    if not ours and resource_type not in _EXTENSIONS:
        return IgnoredReason.OTHER_PROVIDER
    if last == "read":
        return IgnoredReason.READ
    if action in _HARMLESS_ACTIONS or action.startswith(_HARMLESS_PREFIXES):
        return IgnoredReason.HARMLESS_ACTION
    return None


def root_type_of(resource_id: ResourceId) -> str | None:
    """Return the type (lower case) of the root that a resource lies under, or None."""
    if not resource_id.segments:
        return None
    found = f"{resource_id.provider}/{resource_id.segments[0][0]}".lower()
    return found if found in ROOT_TYPES else None


def root_of(change: ResourceChange) -> ResourceId:
    """Return the account, workspace or registry that a translated change calls for a look at."""
    return change.resource_id.root


def source_named(change: ResourceChange) -> Source | None:
    """Return the source that shows what changed; None: the look reads the core sources, as always.

    The resource says it; where it is the root itself, the operation may say it more closely: the
    account and `accounts/deployments/write`.
    """
    resource_id = change.resource_id
    if resource_id.extension.lower() == _TAGS.lower():
        return source_of(resource_id.parent.type)
    found = WATCHED.get(resource_id.type.lower())
    if len(resource_id.segments) == 1 and not resource_id.extension:
        found = WATCHED.get(operation_named(change.operation_name).resource_type, found)
    return found.source if found else None
