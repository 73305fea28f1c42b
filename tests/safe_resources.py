"""Estates in which nothing is wrong: one body of every type that is judged, as safe as it can be.

Every control holds here, or is not applicable, under the parameters of `IN_FORCE`; what differs is
in `NOT_PASSING` with the reason. The properties in `test_properties_of_the_catalogue` change these
bodies one property at a time, so whoever writes a monitor sets here what it wants to see.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from shared.domain.resource import Resource
from tests.arm import (
    ACCOUNT_ID,
    COMPUTE_ID,
    GROUP,
    HUB_ID,
    SUBSCRIPTION,
    WORKSPACE_ID,
    private_endpoints,
    read_with,
    resource,
)

PARAMETERS: Final[Mapping[str, Mapping[str, object]]] = {
    "catalog_models.instant_access_off": {"regions": ["swedencentral"]},
    "catalog_models.model_approved": {
        "publishers": ["OpenAI", "Microsoft", "Cohere"],
        "assets": ["azureml://registries/azureml-openai-oss/", "azureml:fraud"],
    },
    "catalog_models.origin_known": {"approved_assets": ["azureml:fraud"]},
    "catalog_models.publisher_sharing_accepted": {"publishers": ["Cohere"]},
    "catalog_models.registry_approved": {"registries": ["azureml", "azureml-openai-oss"]},
    "deployment_type.account_location_allowed": {"allowed": ["Sweden"]},
    "network_isolation.outbound_restricted": {"allowed_fqdns": ["*.contoso.com"]},
    "network_isolation.outbound_rules_approved": {
        "allowed_fqdns": ["*.contoso.com"],
        "allowed_service_tags": ["AzureActiveDirectory"],
    },
    "network_isolation.private_endpoint_own_tenant": {"subscriptions": [SUBSCRIPTION]},
}
"""Parameters under which controls judge that are not applicable by default."""

# --- accounts ---

PHI: Final = "azureml://registries/azureml/models/Phi-4/versions/7"
OSS: Final = "azureml://registries/azureml-openai-oss"
SUBNET: Final = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/agents"
ENDPOINT_ID: Final = f"{GROUP}/providers/Microsoft.Network/privateEndpoints/endpoint"
STORE_ID: Final = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/telemetry"
TRAINING_ID: Final = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/training"
CONNECTED: Final = [
    {**each, "properties": {**each["properties"], "privateEndpoint": {"id": ENDPOINT_ID}}}
    for each in private_endpoints("Approved")
    if isinstance(each, dict)
]
SYSTEM_IDENTITY: Final = {"type": "SystemAssigned", "principalId": "p", "tenantId": "t"}
RULES: Final = {
    "contoso": {
        "type": "FQDN",
        "category": "UserDefined",
        "status": "Active",
        "destination": "*.contoso.com",
    },
    "entra": {
        "type": "ServiceTag",
        "category": "UserDefined",
        "status": "Active",
        "destination": {
            "serviceTag": "AzureActiveDirectory",
            "action": "Allow",
            "addressPrefixes": [],
            "protocol": "TCP",
            "portRanges": "443",
        },
    },
    "store": {
        "type": "PrivateEndpoint",
        "category": "UserDefined",
        "status": "Active",
        "destination": {"serviceResourceId": STORE_ID, "subresourceTarget": "blob"},
    },
    "service": {
        "type": "FQDN",
        "category": "Required",
        "status": "Active",
        "destination": "*.identity.azure.net",
    },
}
"""Outbound rules of users, all of them approved, and one of Azure's own."""
SAFE_ACCOUNT: Final = {
    "provisioningState": "Succeeded",
    "capabilities": [
        {"name": "ContentLogging", "value": "false"},
        {"name": "CustomerManagedStorage"},
    ],
    "storedCompletionsDisabled": True,
    "abusePenalty": None,
    "raiMonitorConfig": {"adxStorageResourceId": STORE_ID, "identityClientId": "c"},
    "disableLocalAuth": True,
    "privateEndpointConnections": CONNECTED,
    "restrictOutboundNetworkAccess": True,
    "allowedFqdnList": ["models.contoso.com"],
    "encryption": {"keySource": "Microsoft.KeyVault", "keyVaultProperties": {"keyName": "k"}},
    "userOwnedStorage": [{"resourceId": STORE_ID}],
    "locations": {"routingMethod": "Priority", "regions": [{"name": "swedencentral"}]},
}


def _account(kind: str, **properties: object) -> Resource:
    """Return an account."""
    return resource(
        ACCOUNT_ID,
        properties={**SAFE_ACCOUNT, **properties},
        kind=kind,
        location="swedencentral",
        sku={"name": "S0"},
        identity=SYSTEM_IDENTITY,
        tags={"data": "regulated"},
    )


def _read_with_preview(kind: str, **properties: object) -> Resource:
    """Return an account as only preview APIs show it."""
    return read_with("2026-07-15-preview", _account(kind, **properties))


def _deployment(name: str, sku: str, model: Mapping[str, object], **more: object) -> Resource:
    """Return a deployment of the account."""
    properties = {
        "model": {"format": "OpenAI", "publisher": "OpenAI", **model},
        "raiPolicyName": "strict",
        "versionUpgradeOption": "NoAutoUpgrade",
        "capabilities": {"chatCompletion": "true"},
        **more,
    }
    return resource(
        f"{ACCOUNT_ID}/deployments/{name}",
        properties=properties,
        sku={"name": sku, "capacity": 10},
    )


GPT: Final = {"name": "gpt-4o", "version": "2024-11-20"}
DEPLOYMENTS: Final = (
    _deployment("chat", "DataZoneStandard", GPT, spilloverDeploymentName="spare"),
    _deployment("spare", "DataZoneStandard", GPT),
    _deployment(
        "router",
        "DataZoneStandard",
        {"name": "model-router", "version": "2025-11-18"},
        routing={"mode": "balanced", "models": [{"format": "OpenAI", **GPT}]},
    ),
    _deployment(
        "tuned",
        "Standard",
        {
            "name": "gpt-4o.ft-0123456789abcdef",
            "version": "1",
            "source": TRAINING_ID,
            "sourceAccount": TRAINING_ID,
        },
    ),
)
PARTNER: Final = _deployment(
    "partner",
    "DataZoneStandard",
    {"format": "Cohere", "publisher": "Cohere", "name": "Cohere-command-r-plus", "version": "1"},
)
FILTERS: Final = [
    {
        "name": name,
        "enabled": True,
        "blocking": True,
        "action": "BLOCKING",
        "severityThreshold": "Low",
        "source": source,
    }
    for name in ("Hate", "Sexual", "Violence", "Selfharm")
    for source in ("Prompt", "Completion")
] + [
    {"name": name, "enabled": True, "blocking": True, "action": "BLOCKING", "source": source}
    for name, source in (
        ("Jailbreak", "Prompt"),
        ("Indirect Attack", "Prompt"),
        ("Protected Material Text", "Completion"),
        ("Protected Material Code", "Completion"),
    )
]
RAI_POLICIES: Final = (
    resource(
        f"{ACCOUNT_ID}/raiPolicies/strict",
        properties={
            "type": "UserManaged",
            "mode": "Blocking",
            "basePolicyName": "baseline",
            "contentFilters": FILTERS,
        },
    ),
    resource(
        f"{ACCOUNT_ID}/raiPolicies/baseline",
        properties={
            "type": "UserManaged",
            "mode": "Blocking",
            "basePolicyName": "Microsoft.DefaultV2",
            "contentFilters": FILTERS,
            "egressPolicy": {"mode": "Enforced", "defaultAction": "Deny", "rules": []},
        },
    ),
)


def _connection(owner: str, name: str, category: str, target: str) -> Resource:
    """Return a connection without a key."""
    stated = {"category": category, "target": target, "authType": "AAD", "isSharedToAll": False}
    return resource(f"{owner}/connections/{name}", properties=stated)


def _connections(owner: str) -> tuple[Resource, ...]:
    """Return connections to a tool under an approved domain and to a store."""
    return (
        _connection(owner, "tool", "RemoteTool", "https://tools.azure-api.net/mcp"),
        _connection(owner, "store", "AzureBlob", "https://telemetry.blob.core.windows.net/x"),
    )


def _capability_host(owner: str) -> Resource:
    """Return a capability host with stores of the customer, not public."""
    stores = {
        "storageConnections": ["store"],
        "threadStorageConnections": ["threads"],
        "vectorStoreConnections": ["vectors"],
    }
    stated = {"capabilityHostKind": "Agents", "enablePublicHostingEnvironment": False, **stores}
    return resource(f"{owner}/capabilityHosts/agents", properties=stated)


PROJECT_ID: Final = f"{ACCOUNT_ID}/projects/alpha"
PERIMETER: Final = resource(
    f"{ACCOUNT_ID}/networkSecurityPerimeterConfigurations/config1",
    properties={
        "resourceAssociation": {"name": "association", "accessMode": "Enforced"},
        "provisioningIssues": [{"name": "issue", "properties": {"severity": "Warning"}}],
    },
)
ELSEWHERE: Final = (
    resource(STORE_ID, location="swedencentral"),
    resource(TRAINING_ID, kind="OpenAI", location="swedencentral"),
)
"""What the account refers to."""
FOUNDRY: Final = (
    _read_with_preview(
        "AIServices",
        publicNetworkAccess="Disabled",
        networkAcls={"defaultAction": "Deny", "bypass": "None", "ipRules": []},
        allowProjectManagement=True,
        networkInjections=[
            {"scenario": "agent", "subnetArmId": "", "useMicrosoftManagedNetwork": True}
        ],
        instant={"modelAllowList": []},
    ),
    *DEPLOYMENTS,
    PARTNER,
    *RAI_POLICIES,
    PERIMETER,
    resource(
        f"{ACCOUNT_ID}/managedNetworks/default",
        properties={
            "managedNetwork": {
                "isolationMode": "AllowOnlyApprovedOutbound",
                "outboundRules": RULES,
            }
        },
    ),
    resource(PROJECT_ID, location="swedencentral", identity=SYSTEM_IDENTITY),
    resource(
        f"{ACCOUNT_ID}/projects/beta",
        properties={
            "capabilitySettings": {
                "documentStore": STORE_ID,
                "vectorStore": STORE_ID,
                "blobStore": STORE_ID,
            }
        },
        location="swedencentral",
        identity=SYSTEM_IDENTITY,
    ),
    _capability_host(ACCOUNT_ID),
    _capability_host(PROJECT_ID),
    *_connections(ACCOUNT_ID),
    *_connections(PROJECT_ID),
    resource(COMPUTE_ID, properties={"computeType": "Cluster", "location": "swedencentral"}),
    resource(
        f"{ACCOUNT_ID}/managedComputeDeployments/gpu",
        properties={
            "model": f"{OSS}/models/gpt-oss-120b/versions/4",
            "deploymentTemplate": f"{OSS}/deploymenttemplates/gpt-oss-120b-short/versions/1",
            "versionUpgradeOption": "NoAutoUpgrade",
            "deploymentParameters": None,
        },
        sku={"name": "DataZoneManagedCompute", "capacity": 1},
    ),
    *ELSEWHERE,
)
"""A Foundry account in a managed network, closed to the internet."""
REVIEWED: Final = (
    _account("OpenAI", publicNetworkAccess="Disabled", capabilities=[]),
    PERIMETER,
    *ELSEWHERE,
)
"""An account of an organisation that wants Microsoft to look into abuse."""
OPEN_AI: Final = (
    _account(
        "OpenAI",
        publicNetworkAccess="Enabled",
        networkAcls={
            "defaultAction": "Deny",
            "bypass": "None",
            "ipRules": [{"value": "203.0.113.0/28"}, {"value": "203.0.113.77"}],
            "virtualNetworkRules": [{"id": SUBNET, "state": "Succeeded"}],
        },
    ),
    *DEPLOYMENTS,
    *RAI_POLICIES,
    PERIMETER,
    *ELSEWHERE,
)
"""An Azure OpenAI account that a few addresses can reach, in an enforced perimeter."""

# --- workspaces, registries, subscriptions ---


def _workspace(resource_id: str, kind: str, **properties: object) -> Resource:
    """Return a workspace."""
    return resource(
        resource_id,
        properties={
            "publicNetworkAccess": "Disabled",
            "allowPublicAccessWhenBehindVnet": False,
            "managedNetwork": {
                "isolationMode": "AllowOnlyApprovedOutbound",
                "outboundRules": RULES,
                "status": {"status": "Active"},
            },
            "privateEndpointConnections": CONNECTED,
            "encryption": {"status": "Enabled", "keyVaultProperties": {"keyIdentifier": "k"}},
            "systemDatastoresAuthMode": "Identity",
            **properties,
        },
        kind=kind,
        location="swedencentral",
        identity=SYSTEM_IDENTITY,
    )


ONLINE_ID: Final = f"{WORKSPACE_ID}/onlineEndpoints/endpoint"
BATCH_ID: Final = f"{WORKSPACE_ID}/batchEndpoints/endpoint"
IN_WORKSPACE: Final = (
    resource(
        ONLINE_ID,
        properties={"authMode": "AADToken", "publicNetworkAccess": "Disabled"},
        kind="Managed",
        location="swedencentral",
    ),
    resource(
        f"{ONLINE_ID}/deployments/blue",
        properties={
            "endpointComputeType": "Managed",
            "model": PHI,
            "environmentId": "azureml://registries/azureml/environments/phi/versions/1",
            "egressPublicNetworkAccess": "Disabled",
            "dataCollector": {
                "collections": {
                    "request": {"dataCollectionMode": "Disabled"},
                    "response": {"dataCollectionMode": "Disabled"},
                }
            },
        },
        kind="Managed",
        location="swedencentral",
    ),
    resource(BATCH_ID, properties={"authMode": "AADToken"}, location="swedencentral"),
    resource(
        f"{BATCH_ID}/deployments/blue",
        properties={
            "model": {"referenceType": "Id", "assetId": PHI},
            "environmentId": "azureml://registries/azureml/environments/phi/versions/1",
        },
        location="swedencentral",
    ),
    resource(
        f"{WORKSPACE_ID}/serverlessEndpoints/phi",
        properties={
            "authMode": "AAD",
            "modelSettings": {"modelId": "azureml://registries/azureml/models/Phi-4"},
            "contentSafety": {"contentSafetyStatus": "Enabled"},
        },
        location="swedencentral",
    ),
    resource(
        f"{WORKSPACE_ID}/serverlessEndpoints/partner",
        properties={
            "authMode": "AAD",
            "modelSettings": {
                "modelId": "azureml://registries/azureml-cohere/models/Cohere-command-r-plus"
            },
            "marketplaceSubscriptionId": f"{WORKSPACE_ID}/marketplaceSubscriptions/partner",
        },
        location="swedencentral",
    ),
    resource(
        f"{WORKSPACE_ID}/marketplaceSubscriptions/partner",
        properties={
            "modelId": "azureml://registries/azureml-cohere/models/Cohere-command-r-plus",
            "marketplacePlan": {"publisherId": "cohere", "offerId": "o", "planId": "p"},
            "marketplaceSubscriptionStatus": "Subscribed",
        },
    ),
    *_connections(WORKSPACE_ID),
)
WORKSPACE: Final = (_workspace(WORKSPACE_ID, "Default"), *IN_WORKSPACE)
"""A workspace with a managed network of its own."""
OWN_MODELS: Final = (
    _workspace(WORKSPACE_ID, "Default"),
    resource(
        f"{ONLINE_ID}/deployments/fraud",
        properties={
            "endpointComputeType": "Managed",
            "model": "azureml:fraud:3",
            "egressPublicNetworkAccess": "Disabled",
        },
        kind="Managed",
        location="swedencentral",
    ),
    resource(
        f"{BATCH_ID}/deployments/fraud",
        properties={"model": {"referenceType": "Id", "assetId": "azureml:fraud:3"}},
        location="swedencentral",
    ),
)
"""A workspace that deploys a model of its own."""
ADDRESSES: Final = (
    _workspace(
        WORKSPACE_ID,
        "Default",
        publicNetworkAccess="Enabled",
        ipAllowlist=["203.0.113.0/28"],
        networkAcls={"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.77"}]},
    ),
)
"""A workspace that a few addresses can reach."""
PROJECT: Final = (
    _workspace(WORKSPACE_ID, "Project", hubResourceId=HUB_ID),
    *IN_WORKSPACE,
    _workspace(HUB_ID, "Hub"),
)
"""A project and its hub."""
REGISTRY: Final = (
    resource(
        f"{GROUP}/providers/Microsoft.MachineLearningServices/registries/reg",
        properties={
            "publicNetworkAccess": "Disabled",
            "regionDetails": [{"location": "swedencentral"}],
        },
        location="swedencentral",
        identity=SYSTEM_IDENTITY,
    ),
)
SUBSCRIPTION_ESTATE: Final = (
    resource(f"/subscriptions/{SUBSCRIPTION}"),
    _account("OpenAI"),
    resource(
        f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Features/providers"
        "/Microsoft.CognitiveServices/features/OpenAI.BlockedTools.web_search",
        properties={"state": "Registered"},
    ),
)
ESTATES: Final[Mapping[str, Sequence[Resource]]] = {
    "foundry": FOUNDRY,
    "open_ai": OPEN_AI,
    "reviewed": REVIEWED,
    "workspace": WORKSPACE,
    "own_models": OWN_MODELS,
    "addresses": ADDRESSES,
    "project": PROJECT,
    "registry": REGISTRY,
    "subscription": SUBSCRIPTION_ESTATE,
}
"""Every estate by its name; the first resource is the root."""

NOT_PASSING: Final[Mapping[tuple[str, str], str]] = {
    ("foundry", "content_logging.abuse_monitoring_storage_on"): "requires what _off forbids",
    ("open_ai", "content_logging.abuse_monitoring_storage_on"): "requires what _off forbids",
    ("reviewed", "content_logging.abuse_monitoring_storage_off"): "requires what _on forbids",
    ("own_models", "catalog_models.model_scanned"): "Microsoft scans no model of a workspace",
    ("own_models", "catalog_models.registry_approved"): "the model is of no registry",
    ("addresses", "network_isolation.workspace_public_access_disabled"): "no address may call",
}
"""Estates and the controls that do not hold there, with the reason."""
