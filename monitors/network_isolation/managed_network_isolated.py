"""A network that Microsoft manages must let nothing out but what is approved.

Agents of a Foundry account and computes of a workspace can run in such a managed network. Its
isolation mode says where they can send data; a project workspace has the network of its hub.
"""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.isolation_mode import (
    MODE,
    WORKSPACE_SINCE,
    IsolationMode,
    mode_rank,
    mode_words,
)
from shared.domain.private_endpoint import connection_statuses, is_approved
from shared.domain.resource import Property, Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source, resource_type
from shared.domain.verdict import (
    Cause,
    Judgement,
    Severity,
    Verdict,
    failed,
    not_applicable,
    passed,
    unknown,
)
from shared.domain.workspace_network import NetworkWorkspace, network_workspace

ACCOUNT_SINCE = "2025-12-01"


class ManagedNetworkParameters(Parameters):
    """What is required of managed networks."""

    required: IsolationMode = IsolationMode.ALLOW_ONLY_APPROVED_OUTBOUND
    """The weakest isolation mode that passes."""
    accept_customer_vnet: bool = True
    """Leave workspaces out that use a network of the customer's own instead: no managed network,
    public access disabled and an approved private endpoint."""


def evaluate(
    resource: Resource, snapshot: Snapshot, parameters: ManagedNetworkParameters
) -> Judgement:
    """Judge one account or workspace."""
    if resource_type(resource.id.type) is ResourceType.WORKSPACE:
        return _judge_workspace(network_workspace(resource, snapshot), parameters)
    return _judge_account(resource, snapshot, parameters)


def _judge_account(
    account: Resource, snapshot: Snapshot, parameters: ManagedNetworkParameters
) -> Judgement:
    """Judge an account by its managed network, when it has one or its agents need one."""
    injections = account.objects("properties.networkInjections")
    needs_one = any(each.flag("useMicrosoftManagedNetwork").value for each in injections)
    exists = bool(snapshot.reading(Source.MANAGED_NETWORKS).items)
    own_subnet = any(each.text("subnetArmId").value for each in injections)
    if own_subnet and not needs_one and not exists:
        return not_applicable("Agents run in a subnet of the customer, not in a managed network.")
    reading = snapshot.reading(Source.MANAGED_NETWORKS)
    if reading.items:
        modes = (each.text(MODE) for each in reading.items)
        return _judge_mode(
            min(modes, key=mode_rank), "The account", Source.MANAGED_NETWORKS, parameters.required
        )
    if reading.problem is not None and (needs_one or not reading.is_absent_from_input):
        message = f"The account's managed network could not be read: {reading.problem.detail}."
        return unknown(reading.problem.cause, message)
    if not needs_one:
        wrong = account.list("properties.networkInjections").wrong
        return not_applicable(f"The account has no managed network{wrong}.")
    absent = Property(MODE, None, None, str)
    return _judge_mode(absent, "The account", Source.MANAGED_NETWORKS, parameters.required)


def _judge_workspace(network: NetworkWorkspace, parameters: ManagedNetworkParameters) -> Judgement:
    """Judge the workspace whose network settings count."""
    workspace = network.workspace
    if workspace.read_before(WORKSPACE_SINCE):
        # The harness asks this of the workspace that is judged, which need not be this one.
        message = (
            f"{network.words} was read with API version {workspace.api_version}, and only "
            f"{WORKSPACE_SINCE} and later show managed networks."
        )
        return unknown(Cause.UNDETERMINED, message)
    mode = workspace.text(MODE)
    judgement = _judge_mode(mode, network.words, network.source, parameters.required)
    if judgement.verdict is not Verdict.FAIL or mode_rank(mode) != IsolationMode.DISABLED.rank:
        return judgement
    access = workspace.text("properties.publicNetworkAccess")
    is_private = (access.value or "").lower() == "disabled"
    has_endpoint = any(map(is_approved, connection_statuses(workspace)))
    if parameters.accept_customer_vnet and is_private and has_endpoint:
        return not_applicable(
            f"{network.words} has no managed network{mode.wrong} but lies in one of the customer: "
            "public access is disabled and a private endpoint is approved."
        )
    return judgement


def _judge_mode(
    mode: Property[str], called: str, source: Source, required: IsolationMode
) -> Judgement:
    """Compare the isolation mode of a managed network with the required one."""
    seen = mode.evidence(source, f"{required} or stricter")
    has = f"{called} has {mode_words(mode)}"
    if mode_rank(mode) >= required.rank:
        return passed(f"{has}.", seen)
    return failed(f"{has}; {required} is required.", seen)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="A managed network lets nothing out but to approved destinations.",
        why=(
            "Agents, notebooks, training jobs and model containers run code that may send what it "
            "reads anywhere. In a managed network with the isolation mode "
            "AllowOnlyApprovedOutbound they reach approved destinations only. With "
            "AllowInternetOutbound, or without such a network, they reach the whole internet, and "
            "one careless or hostile package is enough to carry prompts and data away."
        ),
        fails_when=(
            "The isolation mode is weaker than required (Disabled < AllowInternetOutbound < "
            "AllowOnlyApprovedOutbound; absent: Disabled). Accounts: only where an entry of "
            "networkInjections uses a Microsoft-managed network, or a managed network exists; "
            "with a subnet of their own they are not applicable. Workspaces: not applicable "
            "with Disabled, public access disabled and an approved private endpoint, while "
            "accept_customer_vnet. A project is judged by its hub."
        ),
        severity=Severity.HIGH,
        remediation=(
            (
                "Approve first what must be reached, as outbound rules: a managed network cannot "
                "be switched off again."
            ),
            (
                "An account: az resource update --ids {id}/managedNetworks/default "
                "--api-version 2025-12-01 "
                "--set properties.managedNetwork.isolationMode=AllowOnlyApprovedOutbound"
            ),
            (
                "A workspace (for a project: its hub): az ml workspace update "
                "--subscription {subscription} --resource-group {resource_group} --name {name} "
                "--managed-network allow_only_approved_outbound"
            ),
            (
                "Then: az ml workspace provision-network --subscription {subscription} "
                "--resource-group {resource_group} --name {name}"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network",
            "https://learn.microsoft.com/azure/ai-foundry/how-to/configure-managed-network",
            "https://learn.microsoft.com/azure/foundry/agents/concepts/networking-options",
        ),
        built_in_policy="cf. 6ddb1705",
        limits=("Which destinations are approved is not judged here.",),
    ),
    applies_to=(
        AppliesTo(ResourceType.ACCOUNT, kinds=frozenset({"aiservices"})),
        AppliesTo(ResourceType.WORKSPACE),
    ),
    evaluate=evaluate,
    parameters=ManagedNetworkParameters(),
    needs=(Source.MANAGED_NETWORKS, Source.HUB),
    since={
        ResourceType.ACCOUNT: ACCOUNT_SINCE,
        ResourceType.WORKSPACE: WORKSPACE_SINCE,
    },
)
