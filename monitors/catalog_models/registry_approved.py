"""A deployed model must come from an approved registry, and not be restricted there."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator

from shared.domain.approved_assets import RegistryName
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.deployed_model import deployed_model
from shared.domain.listing import listed
from shared.domain.model_asset import RegistryAsset
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType
from shared.domain.verdict import Judgement, Severity, failed, not_applicable, passed


def _checked_model(text: str) -> str:
    """Return an entry of `restricted` without blanks around its parts."""
    parts = [part.strip() for part in text.split("/")]
    if len(parts) not in {2, 3} or not all(parts):
        raise ValueError(f"{text!r} is no model; write registry/name or registry/name/version")
    return "/".join(parts)


ModelPattern = Annotated[str, AfterValidator(_checked_model)]


class RegistryParameters(Parameters):
    """Which registries models may come from."""

    registries: tuple[RegistryName, ...] = ()
    """Names of registries, in any case, without wildcards. Empty: not applicable."""
    restricted: tuple[ModelPattern, ...] = ()
    """Models that may not run although their registry is approved: registry/name for every version,
    or registry/name/version; in any case, with * and ?. Counts only beside registries."""

    @cached_property
    def approved(self) -> frozenset[str]:
        """The names in lower case."""
        return frozenset(name.lower() for name in self.registries)

    @cached_property
    def words(self) -> str:
        """The approved registries, for messages and evidence."""
        return listed(self.registries)

    @cached_property
    def _patterns(self) -> tuple[tuple[str, list[str]], ...]:
        """Each restricted entry as written, and its parts in lower case."""
        return tuple((entry, entry.lower().split("/")) for entry in self.restricted)

    def restrictions(self, model: RegistryAsset, *, by_label: bool) -> Iterator[str]:
        """Go through the entries that restrict a model; a label may mean any version."""
        for entry, (registry, name, *version) in self._patterns:
            if (
                fnmatchcase(model.registry, registry)
                and fnmatchcase(model.name, name)
                and (not version or by_label or fnmatchcase(model.version, version[0]))
            ):
                yield entry


def evaluate(resource: Resource, _snapshot: Snapshot, parameters: RegistryParameters) -> Judgement:
    """Judge one deployment."""
    if not parameters.registries:
        return not_applicable("The policy names no approved registries to compare with.")
    model = deployed_model(resource)
    asset = model.asset
    seen = model.named.evidence(model.source, f"a model of a registry among {parameters.words}")
    if asset is None or asset.registry not in parameters.approved:
        return failed(f"{model.words}; approved registries: {parameters.words}.", seen)
    by_label = "/labels/" in (model.id or "").lower()
    entry = next(parameters.restrictions(asset, by_label=by_label), None)
    if entry is None:
        return passed(f"{model.words}, which is approved.", seen)
    label = f", and its label {asset.version} may mean any version" if by_label else ""
    return failed(f"{model.words} and restricted by the entry {entry}{label}.", seen)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Deployed models come from approved registries and are not restricted.",
        why=(
            "A registry is a shelf of models that anybody with access can deploy from: Microsoft's "
            "own, those of partners, of Hugging Face, or one that a team has made itself. What "
            "lies on it differs in who made it, who tests it and under which terms it comes. Azure "
            "Policy can refuse new deployments from other registries, but says nothing of those "
            "that already run."
        ),
        fails_when=(
            "The model is no azureml://registries/… asset of a registry of registries, or an entry "
            "of restricted matches it. A model named by a label counts as every version. Not "
            "applicable while registries is empty."
        ),
        severity=Severity.HIGH,
        remediation=(
            "Deploy a model of an approved registry and move the callers.",
            "Then delete this one: az resource delete --ids {id}",
            (
                "A managed compute deployment exists in preview APIs only: add "
                "--api-version 2026-05-15-preview."
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/machine-learning/how-to-regulate-registry-deployments",
        ),
        built_in_policy="19539b54",
        limits=(
            "The built-in policy knows one registry and passes models of none; these fail here.",
            "Deployments of Azure OpenAI and serverless endpoints name no registry.",
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.ONLINE_DEPLOYMENT),
        AppliesTo(ResourceType.BATCH_DEPLOYMENT),
        AppliesTo(ResourceType.MANAGED_COMPUTE_DEPLOYMENT),
    ),
    evaluate=evaluate,
    parameters=RegistryParameters(),
    since={ResourceType.MANAGED_COMPUTE_DEPLOYMENT: "2026-03-15-preview"},
)
