"""Whether a deployment runs in a container that Microsoft has scanned.

No ARM property says so. It follows from the registry and the name of the model and from what the
container is made of; what is not known to be scanned counts as unscanned.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated

from pydantic import StringConstraints

from shared.domain import tables
from shared.domain.control import Parameters
from shared.domain.model_asset import RegistryAsset, parse_registry_asset
from shared.domain.resource import Property, Resource
from shared.domain.topology import ResourceType, Source, resource_type
from shared.domain.verdict import Evidence, Judgement, failed, passed

Name = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class ScannedParameters(Parameters):
    """Which models run in scanned containers."""

    scanned_models: Mapping[Name, tuple[Name, ...]] = tables.scanned_models().sold_by_azure
    """By registry, names of models or patterns with * and ?, in any case. Replaces the data table,
    which lists the models that Microsoft sells itself."""

    @cached_property
    def _lower(self) -> Mapping[str, tuple[str, ...]]:
        """The list in lower case."""
        return {
            registry.lower(): tuple(pattern.lower() for pattern in patterns)
            for registry, patterns in self.scanned_models.items()
        }

    def lists_registry(self, registry: str) -> bool:
        """Whether anything of a registry (lower case) is on the list."""
        return registry in self._lower

    def lists(self, asset: RegistryAsset) -> bool:
        """Whether a model is on the list."""
        patterns = self._lower.get(asset.registry, ())
        return any(fnmatchcase(asset.name, pattern) for pattern in patterns)


def judge_scan(deployment: Resource, parameters: ScannedParameters) -> Judgement:
    """Judge whether what a deployment runs was scanned: pass or fail, never unknown."""
    match resource_type(deployment.id.type):
        case ResourceType.MANAGED_COMPUTE_DEPLOYMENT:
            return _judge_managed_compute(deployment, parameters)
        case ResourceType.BATCH_DEPLOYMENT:
            return _judge_batch(deployment, parameters)
        case _:
            model = deployment.text("properties.model")
            return _judge_container(deployment, Source.ONLINE_DEPLOYMENTS, model, parameters)


def _judge_batch(deployment: Resource, parameters: ScannedParameters) -> Judgement:
    """Judge a batch deployment, whose model is a reference of one of several types."""
    source = Source.BATCH_DEPLOYMENTS
    reference = deployment.text("properties.model.referenceType")
    model = deployment.text("properties.model.assetId")
    if (reference.value or "").lower() == "id":
        return _judge_container(deployment, source, model, parameters)
    return failed(
        "The model is no asset of a registry but a reference of the type "
        f"{reference.shown('absent')}, which Microsoft has not scanned.",
        reference.evidence(source, "Id"),
        model.evidence(source, "a model on the list of scanned models"),
    )


def _judge_container(
    deployment: Resource, source: Source, model: Property[str], parameters: ScannedParameters
) -> Judgement:
    """Judge a deployment whose container is made of a model and an environment."""
    environment = deployment.text("properties.environmentId")
    evidence = (
        model.evidence(source, "a model on the list of scanned models"),
        environment.evidence(source, "absent, or of a registry on the list of scanned models"),
    )
    asset = parse_registry_asset(model.value or "")
    fault = _fault_of_model(model, asset, parameters)
    if fault:
        return failed(f"{fault}.", *evidence)
    if environment.value:
        made_of = parse_registry_asset(environment.value)
        is_listed = made_of is not None and parameters.lists_registry(made_of.registry)
        if made_of is None or made_of.kind != "environments" or not is_listed:
            return failed(
                "The container is the customer's: environmentId names an environment that is of "
                "no registry on the list of scanned models.",
                *evidence,
            )
    name = asset.name if asset else "absent"
    return passed(
        f"Model {name} is on the list of scanned models{environment.wrong}.",
        *evidence,
    )


def _judge_managed_compute(deployment: Resource, parameters: ScannedParameters) -> Judgement:
    """Judge a managed compute deployment, whose container is made of a model and a template."""
    source = Source.MANAGED_COMPUTE_DEPLOYMENTS
    sku = deployment.text("sku.name")
    model = deployment.text("properties.model")
    template = deployment.text("properties.deploymentTemplate")
    settings = deployment.object("properties.deploymentParameters")
    evidence = (
        sku.evidence(source, "a SKU that runs on Microsoft's own runtimes"),
        model.evidence(source, "a model whose container Microsoft scans"),
        template.evidence(source, "a template of the model's own registry"),
        # Its environment variables may be secret.
        Evidence(source, settings.path, "absent", None if settings.observed is None else "present"),
    )
    asset = parse_registry_asset(model.value or "")
    fault = (
        _fault_of_sku(sku)
        or ("deploymentParameters change the container" if settings.value is not None else "")
        or _fault_of_template(template, asset)
        or _fault_of_platform_model(model, asset, template, parameters)
    )
    if fault:
        return failed(f"{fault}, so the container counts as unscanned.", *evidence)
    name = asset.name if asset else "absent"
    return passed(
        f"Model {name} runs in a container that Microsoft builds and scans{settings.wrong}.",
        *evidence,
    )


def _fault_of_sku(sku: Property[str]) -> str:
    """Say why deployments of this SKU run in unscanned containers, or nothing."""
    name = (sku.value or "").lower()
    if name in _PLATFORM_SKUS:
        return ""
    if name == "vmmanagedcompute":
        return f"SKU {sku.value} runs a container that is the customer's own"
    return f"The SKU ({sku.shown('absent')}) is not known to run on Microsoft's own runtimes"


def _fault_of_template(template: Property[str], model: RegistryAsset | None) -> str:
    """Say why a deployment template makes an unscanned container, or nothing."""
    if template.value is None:
        return (
            f"No deploymentTemplate is stated{template.wrong}, and which one Azure took is hidden"
        )
    asset = parse_registry_asset(template.value)
    if asset is None or asset.kind != "deploymenttemplates":
        return "The deployment template is the customer's own"
    if model is None or asset.registry != model.registry:
        return f"The deployment template is of registry {asset.registry}, not the model's own"
    return ""


def _fault_of_platform_model(
    model: Property[str],
    asset: RegistryAsset | None,
    template: Property[str],
    parameters: ScannedParameters,
) -> str:
    """Say why a model on Microsoft's runtimes counts as unscanned, or nothing."""
    made_of = parse_registry_asset(template.value or "")
    registries = (asset and asset.registry, made_of and made_of.registry)
    if asset is not None and asset.kind == "models" and registries in _PLATFORM_PATHS:
        return ""
    return _fault_of_model(model, asset, parameters)


def _fault_of_model(
    model: Property[str], asset: RegistryAsset | None, parameters: ScannedParameters
) -> str:
    """Say why a model is not on the list, or nothing."""
    if model.value is None:
        return f"The deployment names no model{model.wrong}"
    if asset is None or asset.kind != "models":
        return "The model is no asset of a registry, and Microsoft scans no others"
    if parameters.lists(asset):
        return ""
    listed = tables.scanned_models()
    reason = _NEVER.get(asset.registry)
    if reason is None and _is_partners(asset):
        reason = "it is from partners and community, whose containers are not scanned"
    reason = reason or "what is not listed counts as unscanned"
    return (
        f"Model {asset.name} of registry {asset.registry} is not on the list of scanned models "
        f"(table of {listed.as_of}): {reason}"
    )


def _is_partners(asset: RegistryAsset) -> bool:
    """Whether the table knows a model as one of partners and community."""
    return any(fnmatchcase(asset.name, pattern) for pattern in _PARTNERS.get(asset.registry, ()))


_TABLE = tables.scanned_models()
_PLATFORM_SKUS = frozenset(name.lower() for name in _TABLE.platform_scanned_skus)
_PLATFORM_PATHS = frozenset(
    (path.model_registry.lower(), path.template_registry.lower())
    for path in _TABLE.platform_scanned_paths
)
_NEVER = {registry.lower(): reason for registry, reason in _TABLE.never.items()}
_PARTNERS = {
    registry.lower(): tuple(pattern.lower() for pattern in patterns)
    for registry, patterns in _TABLE.partners_and_community.items()
}
