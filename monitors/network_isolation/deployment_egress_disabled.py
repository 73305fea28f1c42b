"""The container of an online deployment must not be able to send data to the whole internet.

The managed network of the workspace decides, and where that is disabled the deployment's own flag.
"""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.deployment_egress import SINCE, judge_egress
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Judgement, Severity


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one online deployment."""
    return judge_egress(resource, snapshot)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Containers of online deployments reach approved destinations only.",
        why=(
            "An online deployment runs a model, its packages and often a script of one's own in a "
            "container that sees every prompt. If the container can reach the whole internet, one "
            "hostile package or model is enough to send the prompts away. The managed network of "
            "the workspace closes that way; without one, the deployment's own flag does."
        ),
        fails_when=(
            "The isolation mode of the workspace's managed network (for a project: of its hub's) "
            "is AllowInternetOutbound or not known, or it is Disabled (absent: Disabled) and "
            "egressPublicNetworkAccess is not Disabled (absent: Enabled). Where the workspace "
            "cannot be read: egressPublicNetworkAccess is not Disabled. Deployments on Kubernetes "
            "are not applicable."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Let the workspace's managed network (for a project: its hub's) allow only "
                "approved destinations: az ml workspace update --subscription {subscription} "
                "--resource-group {resource_group} --name {root} "
                "--managed-network allow_only_approved_outbound"
            ),
            (
                "Without a managed network: the flag cannot be changed later, so create the "
                "deployment anew with egress_public_network_access: disabled in its file, move the "
                "traffic, and delete this one: az resource delete --ids {id}"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint",
            "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network",
        ),
        limits=(
            "Which destinations the managed network approves is not judged here.",
            "The network of a Kubernetes cluster is not judged.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.ONLINE_DEPLOYMENT),),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(Source.WORKSPACE, Source.HUB),
    since={ResourceType.ONLINE_DEPLOYMENT: SINCE},
)
