"""A model that comes from no registry must be one that the policy lists.

Such a model was downloaded or registered by somebody in the workspace, and nothing in Azure says
where from. A tag would let its owner approve himself, so only the policy counts.
"""

from functools import cached_property

from shared.domain.approved_assets import ApprovedAsset, ApprovedAssets
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.deployed_model import deployed_model
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType
from shared.domain.verdict import Judgement, Severity, failed, not_applicable, passed


class OriginParameters(Parameters):
    """Which models of unknown origin may run."""

    approved_assets: tuple[ApprovedAsset, ...] = ()
    """Ids of workspace models or paths, or what they begin with up to a / or :, in any case and
    without wildcards. The path of a batch deployment is the id of its datastore or job, a / and
    the path."""

    @cached_property
    def approved(self) -> ApprovedAssets:
        """The entries, made ready to be asked."""
        return ApprovedAssets(self.approved_assets)


def evaluate(resource: Resource, _snapshot: Snapshot, parameters: OriginParameters) -> Judgement:
    """Judge one deployment."""
    model = deployed_model(resource)
    if model.asset is not None:
        return not_applicable(
            f"{model.words}, which says where it is from; registries and publishers are approved "
            "by other controls."
        )
    seen = model.named.evidence(model.source, "a model on the list of approved assets")
    if model.id is not None and parameters.approved.cover(model.id):
        return passed("The model is on the list of approved assets.", seen)
    unlisted = "" if model.id is None else " and not on the list of approved assets"
    return failed(f"{model.words}{unlisted}: nobody says where it is from.", seen)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="A model that is of no registry is one whose origin the organisation knows.",
        why=(
            "Whoever works in a workspace can download a model from anywhere, register it under "
            "any name and deploy it. Nobody at Microsoft has looked at such a model, and its files "
            "can hold code that runs when it is loaded. Somebody has to know where it is from, "
            "and to say so in the reviewed policy: a tag could be set by its owner."
        ),
        fails_when=(
            "The model is no asset of a registry (a model of the workspace, a path, none at all) "
            "and on no entry of approved_assets. Models of registries are not applicable."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            "See what it names: az resource show --ids {id} --query properties.model",
            (
                "After a review, add its id to the parameter approved_assets of the policy, with "
                "its version, so that the next version is reviewed too."
            ),
            "Or deploy a model of the catalog, and delete this one: az resource delete --ids {id}",
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/how-to/concept-data-privacy",
            "https://learn.microsoft.com/azure/machine-learning/concept-model-management-and-deployment",
        ),
        limits=(
            "Says nothing of what a listed id holds: its files can be replaced where it is a path.",
            (
                "A deployment that names no model fails, though its container or pipeline may hold "
                "one that is known: exempt it."
            ),
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.ONLINE_DEPLOYMENT),
        AppliesTo(ResourceType.BATCH_DEPLOYMENT),
    ),
    evaluate=evaluate,
    parameters=OriginParameters(),
)
