"""The model that a deployment names: which property says it, and whether it is of a registry."""

from typing import NamedTuple

from shared.domain.model_asset import RegistryAsset, parse_registry_asset
from shared.domain.resource import Property, Resource
from shared.domain.topology import ResourceType, resource_type, source_of

_OWNERS = {"datapath": "datastoreId", "outputpath": "jobId"}
"""Types of a batch deployment's references to files → the property with what holds the files."""


class DeployedModel(NamedTuple):
    """What a deployment runs.

    `named` is the property that says it, shown by the source `source`. `id` is what it says: the
    URI of a registry's model, the id of a workspace's own, or for a path of a batch deployment
    `<id of the datastore or job>/<path>`; None: nothing that Azure could deploy. `asset` is set
    when it is a model of a registry. `words` says what it is where it is none.
    """

    source: str
    named: Property[str]
    id: str | None
    asset: RegistryAsset | None
    words: str


def deployed_model(deployment: Resource) -> DeployedModel:
    """Return the model of an online, batch or managed compute deployment."""
    source = source_of(deployment.id.type) or deployment.id.type
    if resource_type(deployment.id.type) is not ResourceType.BATCH_DEPLOYMENT:
        return _by_id(source, deployment.text("properties.model"))
    reference = deployment.text("properties.model.referenceType")
    kind = (reference.value or "").lower()
    if kind == "id":
        return _by_id(source, deployment.text("properties.model.assetId"))
    if kind in _OWNERS:
        return _by_path(source, deployment, kind)
    if deployment.object("properties.model").value is None:
        words = f"The deployment names no model{deployment.object('properties.model').wrong}"
    elif reference.value is None:
        words = f"The model states no referenceType{reference.wrong}, so what it is is not known"
    else:
        shown = reference.shown("absent")
        words = f"The model is a reference of the type {shown}, which is not known"
    return DeployedModel(source, reference, None, None, words)


def _by_id(source: str, named: Property[str]) -> DeployedModel:
    """Return a model that is named by a URI or an id."""
    text = named.value or ""
    if not text.strip():
        words = f"The deployment names no model{named.wrong}"
        return DeployedModel(source, named, None, None, words)
    asset = parse_registry_asset(text)
    if asset is not None and asset.kind == "models":
        words = f"Model {asset.name} is of registry {asset.registry}"
        return DeployedModel(source, named, text, asset, words)
    return DeployedModel(source, named, text, None, "The model is no asset of a registry")


def _by_path(source: str, deployment: Resource, kind: str) -> DeployedModel:
    """Return a batch deployment's model that is a path in a datastore or in a job's output."""
    owner = deployment.text(f"properties.model.{_OWNERS[kind]}")
    path = deployment.text("properties.model.path")
    whole = (
        f"{owner.value.rstrip('/')}/{path.value.lstrip('/')}"
        if owner.value and path.value
        else None
    )
    place = "a datastore" if kind == "datapath" else "the output of a job"
    words = f"The model is a path in {place}, no asset of a registry"
    return DeployedModel(source, path, whole, None, words)
