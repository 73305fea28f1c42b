"""A workspace or registry must not be reachable over the internet; a project by its hub."""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.private_endpoint import connection_statuses, is_approved
from shared.domain.public_access import ACCESS, described
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source, resource_type
from shared.domain.verdict import Cause, Judgement, Severity, failed, passed, unknown
from shared.domain.workspace_network import NetworkWorkspace, network_workspace

WORKSPACE_SINCE = "2021-07-01"
"""The first API version whose workspaces carry `publicNetworkAccess`."""
FORMER = "properties.allowPublicAccessWhenBehindVnet"
"""What decided before."""


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one workspace or registry."""
    if resource_type(resource.id.type) is ResourceType.REGISTRY:
        return _judge(resource, Source.REGISTRY, "The registry")
    network = network_workspace(resource, snapshot)
    workspace = network.workspace
    if workspace.read_before(WORKSPACE_SINCE) and workspace.text(ACCESS).value is None:
        return _judge_former(network)
    return _judge(workspace, network.source, network.words)


def _judge(owner: Resource, source: Source, called: str) -> Judgement:
    """Judge what the resource states of its public access."""
    access = owner.text(ACCESS)
    seen = access.evidence(source, "Disabled")
    says = described(access, "Enabled", "Disabled")
    if (access.value or "").lower() == "disabled":
        return passed(f"{called} cannot be reached over the internet: {says}.", seen)
    return failed(f"{called} can be reached over the internet: {says}.", seen)


def _judge_former(network: NetworkWorkspace) -> Judgement:
    """Judge a workspace that was read with an API that does not know `publicNetworkAccess`."""
    workspace, source = network.workspace, network.source
    former = workspace.flag(FORMER)
    evidence = (
        workspace.text(ACCESS).evidence(source, "Disabled"),
        former.evidence(source, expected=False),
    )
    if former.value is False and any(map(is_approved, connection_statuses(workspace))):
        return passed(
            f"{network.words} cannot be reached over the internet: "
            "allowPublicAccessWhenBehindVnet is false and a private endpoint is approved.",
            *evidence,
        )
    return unknown(
        Cause.UNDETERMINED,
        f"{network.words} was read with API version {workspace.api_version}, which does not show "
        f"publicNetworkAccess; {WORKSPACE_SINCE} and later do.",
        *evidence,
    )


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Workspaces and registries cannot be reached over the internet.",
        why=(
            "A workspace holds models, data references, logs and the keys of its endpoints, and a "
            "registry the models and containers of many workspaces. Both are open to the whole "
            "internet until somebody switches that off: whoever gets hold of a token can read and "
            "replace what they hold from anywhere. A project has the network of its hub."
        ),
        fails_when=(
            "publicNetworkAccess is not Disabled (absent: Enabled). A workspace that was read with "
            "an API before 2021-07-01, which does not show it, passes with "
            "allowPublicAccessWhenBehindVnet false and an approved private endpoint, and is "
            "unknown otherwise. A project is judged by its hub."
        ),
        severity=Severity.HIGH,
        remediation=(
            "For a project workspace, use the id of its hub in what follows.",
            "Give people and computes a private endpoint first, or they are locked out.",
            (
                "Then: az resource update --ids {id} --api-version 2025-12-01 "
                "--set properties.publicNetworkAccess=Disabled"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link",
            "https://learn.microsoft.com/azure/machine-learning/how-to-registry-network-isolation",
        ),
        built_in_policy="438c38d2",
        limits=(
            "Online endpoints have public addresses of their own, which are judged by themselves.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.WORKSPACE), AppliesTo(ResourceType.REGISTRY)),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(Source.HUB,),
    since={ResourceType.REGISTRY: "2023-04-01"},
)
