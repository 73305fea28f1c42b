"""The environment that a deployment's container is made from must be an approved one."""

from functools import cached_property

from shared.domain.approved_assets import ApprovedAsset, ApprovedAssets, RegistryName
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.listing import listed
from shared.domain.model_asset import parse_registry_asset
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, source_of
from shared.domain.verdict import Cause, Judgement, Severity, UndecidableError, failed, passed


class EnvironmentParameters(Parameters):
    """Which environments containers may be made from."""

    registries: tuple[RegistryName, ...] = ("azureml",)
    """Names of registries all of whose environments are approved, in any case, without wildcards.
    `azureml` has those that Microsoft builds and patches."""
    environments: tuple[ApprovedAsset, ...] = ()
    """Ids of further environments, or what they begin with up to a / or :, in any case and without
    wildcards."""

    @cached_property
    def approved_registries(self) -> frozenset[str]:
        """The registries in lower case."""
        return frozenset(name.lower() for name in self.registries)

    @cached_property
    def approved(self) -> ApprovedAssets:
        """The further environments, made ready to be asked."""
        return ApprovedAssets(self.environments)

    @cached_property
    def words(self) -> str:
        """The approved registries, for messages and evidence."""
        return listed(self.registries) or "none"


def evaluate(
    resource: Resource, _snapshot: Snapshot, parameters: EnvironmentParameters
) -> Judgement:
    """Judge one deployment."""
    environment = resource.text("properties.environmentId")
    source = source_of(resource.id.type) or resource.id.type
    expected = f"absent, of a registry among {parameters.words}, or on the list of environments"
    seen = environment.evidence(source, expected)
    text = environment.value or ""
    if not text.strip():
        if resource.object("properties").value is None:
            # A summary of the deployment: what it leaves out is not absent.
            message = "the answer shows no properties of the deployment"
            raise UndecidableError(Cause.UNDETERMINED, message)
        return passed(
            f"The deployment names no environment of its own{environment.wrong}: its container "
            "comes with the model.",
            seen,
        )
    asset = parse_registry_asset(text)
    is_environment = asset is not None and asset.kind == "environments"
    if asset is not None and is_environment:
        called = f"Environment {asset.name} of registry {asset.registry}"
        if asset.registry in parameters.approved_registries:
            return passed(f"{called} is approved with its registry.", seen)
    else:
        called = "The environment, which is of no registry,"
    if parameters.approved.cover(text):
        return passed(f"{called} is on the list of approved environments.", seen)
    return failed(
        f"{called} is not approved, so the container is the customer's, whoever published the "
        f"model; approved registries: {parameters.words}.",
        seen,
    )


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Containers of deployments are made from approved environments.",
        why=(
            "An environment is the image and the packages that a model's container is made from. "
            "Microsoft builds, scans and patches those of its own registry. Whoever deploys can "
            "name another one, and then nobody but its author knows what else runs beside the "
            "model and sees the prompts, and nobody else renews it when a flaw becomes known."
        ),
        fails_when=(
            "environmentId is set, is no environment of a registry of registries, and is on no "
            "entry of environments (absent: the environment comes with the model, which passes)."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            "See what it is: az resource show --ids {id} --query properties.environmentId",
            (
                "Deploy the model anew without environment, or with one of the registry azureml, "
                "move the traffic, and delete this one: az resource delete --ids {id}"
            ),
            (
                "Where a team needs its own, scan the image and add the environment's id, with its "
                "version, to the parameter environments."
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/concepts/vulnerability-management",
            "https://learn.microsoft.com/azure/machine-learning/concept-environments",
        ),
        limits=(
            (
                "A curated environment that is named by an id of the workspace cannot be told from "
                "one of the workspace's own: name it by the registry azureml."
            ),
            "What a scoring script of one's own installs when it starts is not judged.",
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.ONLINE_DEPLOYMENT),
        AppliesTo(ResourceType.BATCH_DEPLOYMENT),
    ),
    evaluate=evaluate,
    parameters=EnvironmentParameters(),
)
