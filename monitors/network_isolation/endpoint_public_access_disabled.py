"""An online endpoint must not be callable over the internet."""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.public_access import ACCESS, described
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Judgement, Severity, failed, not_applicable, passed


def evaluate(resource: Resource, _snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one online endpoint."""
    stated = resource.text("kind")
    kind = (stated.value or "").lower()
    if kind == "kubernetes":
        return not_applicable(
            "The endpoint is on a Kubernetes cluster of the customer, whose network decides."
        )
    shown = stated.shown("absent")
    note = "" if kind == "managed" else f" Its kind is {shown}, which counts as Managed."
    access = resource.text(ACCESS)
    seen = access.evidence(Source.ONLINE_ENDPOINTS, "Disabled")
    says = described(access, "Enabled", "Disabled")
    if (access.value or "").lower() == "disabled":
        return passed(f"The internet cannot reach the endpoint: {says}.{note}", seen)
    return failed(f"The endpoint can be called over the internet: {says}.{note}", seen)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Online endpoints cannot be called over the internet.",
        why=(
            "An online endpoint answers prompts with a model. It has a public address of its own, "
            "whatever the workspace's settings say: while its public access is on, whoever has a "
            "key or a token can call it from anywhere. Switched off, callers come over the "
            "workspace's private endpoint alone."
        ),
        fails_when=(
            "publicNetworkAccess is not Disabled (absent: Enabled). Endpoints of the kind "
            "Kubernetes are not applicable; a kind that is absent or not known counts as Managed."
        ),
        severity=Severity.HIGH,
        remediation=(
            "Make sure that callers can reach the workspace's private endpoint.",
            (
                "Then: az ml online-endpoint update --subscription {subscription} "
                "--resource-group {resource_group} --workspace-name {root} --name {name} "
                "--set public_network_access=disabled"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/machine-learning/concept-secure-online-endpoint",
            "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link",
        ),
        limits=("The network of a Kubernetes cluster is not judged.",),
    ),
    applies_to=(AppliesTo(ResourceType.ONLINE_ENDPOINT),),
    evaluate=evaluate,
    parameters=Parameters(),
    since={ResourceType.ONLINE_ENDPOINT: "2022-10-01"},
)
