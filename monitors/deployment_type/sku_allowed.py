"""A deployment's SKU (Azure's "deployment type") must be one that the policy allows."""

from fnmatch import fnmatchcase
from functools import cached_property

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.tables import sku_scopes
from shared.domain.topology import ResourceType, source_of
from shared.domain.verdict import Judgement, Severity, failed, passed


class SkuParameters(Parameters):
    """Which SKUs are allowed."""

    allowed: tuple[str, ...] = ("Standard", "ProvisionedManaged", "DataZone*", "VmManagedCompute")
    """Names of SKUs, or patterns with * and ?, in any case. A pattern allows only SKUs that the
    data table knows; a SKU that Azure adds must be named in full."""

    @cached_property
    def names(self) -> frozenset[str]:
        """The allowed SKUs in lower case, patterns expanded."""
        known = sku_scopes().by_lower_name
        names: set[str] = set()
        for entry in self.allowed:
            pattern = entry.strip().lower()
            if any(character in pattern for character in "*?["):
                names.update(name for name in known if fnmatchcase(name, pattern))
            else:
                names.add(pattern)
        return frozenset(names)

    @cached_property
    def words(self) -> str:
        """What is allowed, for messages."""
        return ", ".join(self.allowed) or "none"

    @cached_property
    def wanted(self) -> str:
        """What is wanted, for evidence."""
        return f"one of {self.words}"


def evaluate(resource: Resource, _snapshot: Snapshot, parameters: SkuParameters) -> Judgement:
    """Judge one deployment."""
    sku = resource.text("sku.name")
    source = source_of(resource.id.type) or resource.id.type
    seen = sku.evidence(source, parameters.wanted)
    name = (sku.value or "").lower()
    if name in parameters.names:
        return passed(f"SKU {sku.shown('absent')} is allowed.", seen)
    if not name:
        return failed(f"The deployment states no SKU{sku.wrong}; {_rule(parameters)}.", seen)
    if name in sku_scopes().by_lower_name:
        return failed(f"SKU {sku.shown('absent')} is not allowed; {_rule(parameters)}.", seen)
    return failed(
        f"SKU {sku.shown('absent')} is not in the table of SKUs of {sku_scopes().as_of} and not "
        f"allowed by its full name; {_rule(parameters)}.",
        seen,
    )


def _rule(parameters: SkuParameters) -> str:
    """Return the end of a failing message."""
    return f"allowed: {parameters.words}"


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Deployments use only the allowed SKUs (deployment types).",
        why=(
            "The SKU of a deployment decides where in the world prompts are processed: Standard "
            "stays in the account's geography, DataZone in the United States or the EU Data "
            "Boundary, Global goes to any Azure region with room. Whoever can deploy a model "
            "chooses it, and no built-in Azure Policy limits the choice."
        ),
        fails_when=(
            "sku.name matches no entry of allowed, is absent, or is not known to the table and not "
            "named in full."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Deploy the model anew with an allowed SKU and move the callers: "
                "az cognitiveservices account deployment create --subscription {subscription} "
                "--resource-group {resource_group} --name {root} --deployment-name NEW_NAME "
                "--model-format FORMAT --model-name MODEL --model-version VERSION "
                "--sku-name DataZoneStandard --sku-capacity CAPACITY"
            ),
            "Then delete this one: az resource delete --ids {id}",
            (
                "A managed compute deployment exists in preview APIs only: add "
                "--api-version 2026-05-15-preview."
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/foundry-models/concepts/deployment-types",
        ),
        limits=("A SKU that Azure renames counts as unknown until the table is renewed.",),
    ),
    applies_to=(
        AppliesTo(ResourceType.DEPLOYMENT),
        AppliesTo(ResourceType.MANAGED_COMPUTE_DEPLOYMENT),
    ),
    evaluate=evaluate,
    parameters=SkuParameters(),
    since={
        ResourceType.DEPLOYMENT: "2023-05-01",
        ResourceType.MANAGED_COMPUTE_DEPLOYMENT: "2026-03-15-preview",
    },
    tables=("sku_scopes",),
)
