"""Small ARM resources and snapshots for tests, in the shapes that Azure answers with.

Each builder returns a valid resource of its type with nothing set that a control judges, so a test
sets what it is about: `account(publicNetworkAccess="Disabled")`. Keywords that are not named in a
builder become `properties`. `changed` returns a copy with one property set or removed.
"""

import copy
from collections.abc import Collection, Mapping
from typing import Final, TypeVar

from shared.domain.control import Monitor, Parameters
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem, Snapshot, SourceReading
from shared.domain.topology import (
    CORE_SOURCES,
    DEEP_SOURCES,
    ROOT_TYPES,
    Source,
    source_of,
)
from shared.domain.verdict import Cause, Judgement, UndecidableError, unknown

SUBSCRIPTION: Final = "00000000-0000-0000-0000-000000000001"
GROUP: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ai"
ACCOUNT_ID: Final = f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/acct"
WORKSPACE_ID: Final = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ws"
HUB_ID: Final = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/hub"
COMPUTE_ID: Final = f"{ACCOUNT_ID}/computes/pool"

FORBIDDEN: Final = Problem(Cause.UNREADABLE, "403 Forbidden")
"""What a source has whose read Azure refused."""

P = TypeVar("P", bound=Parameters)


def resource(
    resource_id: str,
    *,
    properties: Mapping[str, object] | None = None,
    **top: object,
) -> Resource:
    """Return a resource with the id's name and type; `top` are further top-level keys, if any."""
    parsed = ResourceId.parse(resource_id)
    stated = {key: value for key, value in top.items() if value is not None}
    body = {
        "id": resource_id,
        "name": parsed.name,
        "type": parsed.type,
        **stated,
        "properties": {"provisioningState": "Succeeded", **(properties or {})},
    }
    return Resource(parsed, body)


def account(
    *, kind: object = "OpenAI", location: object = "swedencentral", **properties: object
) -> Resource:
    """Return a Cognitive Services account."""
    sku = {"name": "S0"}
    return resource(ACCOUNT_ID, properties=properties, kind=kind, location=location, sku=sku)


def deployment(
    name: str = "chat",
    *,
    sku: object = "Standard",
    model: Mapping[str, object] | None = None,
    **properties: object,
) -> Resource:
    """Return a deployment of the account; `sku` is the SKU's name."""
    stated = {"format": "OpenAI", "name": "gpt-4o", "version": "2024-11-20"} | dict(model or {})
    return resource(
        f"{ACCOUNT_ID}/deployments/{name}",
        properties={"model": stated, **properties},
        sku={"name": sku, "capacity": 10},
    )


def managed_compute_deployment(
    *, sku: object = "GlobalManagedCompute", **properties: object
) -> Resource:
    """Return a managed compute deployment of the account, on a template of the model's registry."""
    registry = "azureml://registries/azureml-openai-oss"
    stated = {
        "model": f"{registry}/models/gpt-oss-120b/versions/4",
        "deploymentTemplate": f"{registry}/deploymenttemplates/gpt-oss-120b-short/versions/1",
    }
    return resource(
        f"{ACCOUNT_ID}/managedComputeDeployments/gpu",
        properties=stated | properties,
        sku={"name": sku, "capacity": 1},
    )


def compute(**properties: object) -> Resource:
    """Return a compute of the account, which states its location among its properties."""
    return resource(COMPUTE_ID, properties={"computeType": "Cluster", **properties})


def perimeter(access_mode: object = "Enforced", name: str = "config1") -> Resource:
    """Return the account's association with a network security perimeter."""
    return resource(
        f"{ACCOUNT_ID}/networkSecurityPerimeterConfigurations/{name}",
        properties={"resourceAssociation": {"name": "association", "accessMode": access_mode}},
    )


def managed_network(isolation_mode: object = "AllowOnlyApprovedOutbound") -> Resource:
    """Return the account's managed network."""
    return resource(
        f"{ACCOUNT_ID}/managedNetworks/default",
        properties={"managedNetwork": {"isolationMode": isolation_mode}},
    )


def workspace(*, kind: object = "Default", **properties: object) -> Resource:
    """Return a machine learning workspace."""
    return resource(WORKSPACE_ID, properties=properties, kind=kind, location="swedencentral")


def hub(**properties: object) -> Resource:
    """Return the hub of `project()`."""
    return resource(HUB_ID, properties=properties, kind="Hub", location="swedencentral")


def project(**properties: object) -> Resource:
    """Return a workspace of kind Project that belongs to `hub()`."""
    return resource(
        WORKSPACE_ID,
        properties={"hubResourceId": HUB_ID, **properties},
        kind="Project",
        location="swedencentral",
    )


def online_deployment(
    model: object = "azureml://registries/azureml/models/Phi-4/versions/7", **properties: object
) -> Resource:
    """Return a deployment of an online endpoint of the workspace."""
    return resource(
        f"{WORKSPACE_ID}/onlineEndpoints/endpoint/deployments/blue",
        properties={"endpointComputeType": "Managed", "model": model, **properties},
        kind="Managed",
        location="swedencentral",
    )


def batch_deployment(
    asset_id: object = "azureml://registries/azureml/models/Phi-4/versions/7",
    *,
    reference_type: object = "Id",
    **properties: object,
) -> Resource:
    """Return a deployment of a batch endpoint of the workspace."""
    model = {"referenceType": reference_type, "assetId": asset_id}
    return resource(
        f"{WORKSPACE_ID}/batchEndpoints/endpoint/deployments/blue",
        properties={"model": model, **properties},
        location="swedencentral",
    )


def serverless_endpoint(*, location: object = "swedencentral", **properties: object) -> Resource:
    """Return a serverless endpoint of the workspace."""
    return resource(
        f"{WORKSPACE_ID}/serverlessEndpoints/llama",
        properties={"authMode": "Key", **properties},
        location=location,
    )


def private_endpoints(*statuses: object) -> list[object]:
    """Return `privateEndpointConnections` with these statuses."""
    return [
        {"properties": {"privateLinkServiceConnectionState": {"status": status}}}
        for status in statuses
    ]


def snapshot_of(
    *resources: Resource,
    problems: Mapping[Source, Problem] | None = None,
    watched: Collection[str] = (SUBSCRIPTION,),
    in_force: Mapping[str, Parameters] | None = None,
) -> Snapshot:
    """Return the snapshot of the first resource's root, in which the resources are all that exists.

    Every source of the root was read and holds those of its type. The body of another root is what
    this one refers to: a workspace's hub, an account's `referenced`, a subscription's account.
    `problems` are sources that could not be read: they keep what they hold, and prove no absence.
    `in_force` are parameters of other controls.
    """
    root = resources[0].id.root
    kind = root.type.lower()
    shown: dict[Source, list[Resource]] = {
        source: [] for source in (*CORE_SOURCES[kind], *DEEP_SOURCES.get(kind, ()))
    }
    for each in resources:
        source = source_of(each.id.type) if each.id.root == root else _OTHER_ROOT[ROOT_TYPES[kind]]
        if source is not None:
            shown.setdefault(source, []).append(each)
        if source is Source.ACCOUNT and (each.api_version or "").endswith("-preview"):
            # A preview API shows the account the same when it is asked once more.
            shown[Source.ACCOUNT_PREVIEW].append(each)
    unread = problems or {}
    readings = {
        source: SourceReading(
            source,
            items=tuple(items),
            problem=unread.get(source),
            complete=source not in unread,
        )
        for source, items in shown.items()
    }
    return Snapshot(root, readings, frozenset(watched), in_force or {})


_OTHER_ROOT: Final = {
    Source.ACCOUNT: Source.REFERENCED,
    Source.WORKSPACE: Source.HUB,
    Source.REGISTRY: Source.REFERENCED,
    Source.SUBSCRIPTION: Source.ACCOUNTS,
}
"""Where the snapshot of a root shows the body of another root."""


def judge(  # noqa: PLR0913 - everything that a verdict depends on
    monitor: Monitor[P],
    judged: Resource,
    *others: Resource,
    parameters: P | None = None,
    problems: Mapping[Source, Problem] | None = None,
    watched: Collection[str] = (SUBSCRIPTION,),
    in_force: Mapping[str, Parameters] | None = None,
) -> Judgement:
    """Judge a resource among others; what cannot be decided is `unknown`, as in the pipeline."""
    snapshot = snapshot_of(judged, *others, problems=problems, watched=watched, in_force=in_force)
    try:
        return monitor.evaluate(judged, snapshot, parameters or monitor.parameters)
    except UndecidableError as error:
        return unknown(error.cause, str(error))


def read_with(api_version: str, original: Resource) -> Resource:
    """Return the resource as if it was read with this API version."""
    return Resource(original.id, original.body, api_version)


ABSENT: Final = object()
"""`changed(…, ABSENT)` removes the property."""


def changed(original: Resource, path: str, value: object) -> Resource:
    """Return a copy in which the property at a dotted path is set, or removed with `ABSENT`."""
    body = copy.deepcopy(dict(original.body))
    node: dict[str, object] = body
    *way, last = path.split(".")
    for step in way:
        below = node.get(step)
        if not isinstance(below, dict):
            below = node[step] = {}
        node = below
    if value is ABSENT:
        node.pop(last, None)
    else:
        node[last] = value
    return Resource(original.id, body, original.api_version)
