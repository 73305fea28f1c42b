"""An account or workspace must be reachable over a private endpoint; a project over its hub's."""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.private_endpoint import (
    CONNECTIONS,
    STATUS,
    connection_statuses,
    is_approved,
)
from shared.domain.resource import Resource
from shared.domain.snapshot import Problem, Snapshot
from shared.domain.topology import ResourceType, Source, resource_type
from shared.domain.verdict import (
    Evidence,
    Judgement,
    Severity,
    UndecidableError,
    failed,
    passed,
)
from shared.domain.workspace_network import network_workspace


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account or workspace."""
    if resource_type(resource.id.type) is ResourceType.WORKSPACE:
        network = network_workspace(resource, snapshot)
        problem = snapshot.reading(network.source).problem
        return _judge(network.workspace, network.source, network.words, problem)
    problem = snapshot.reading(Source.ACCOUNT).problem
    return _judge(resource, Source.ACCOUNT, "The account", problem)


def _judge(owner: Resource, source: Source, called: str, problem: Problem | None) -> Judgement:
    """Judge the connections of the resource whose network counts.

    With a `problem` not all of it was read: that a connection is missing proves nothing.
    """
    listed = owner.list(CONNECTIONS)
    statuses = connection_statuses(owner)
    observed = listed.observed if listed.value is None else list(statuses)
    seen = Evidence(source, f"{CONNECTIONS}[].{STATUS}", "one that is Approved", observed)
    if any(map(is_approved, statuses)):
        return passed(f"{called} has an approved private endpoint connection.", seen)
    if problem is not None:
        raise UndecidableError(
            problem.cause, f"its connections are not all known: {problem.detail}"
        )
    if statuses:
        listing = ", ".join(sorted(set(statuses)))
        number = len(statuses)
        several = f"none of its {number} is approved ({listing})"
        found = f"its only one is {listing}" if number == 1 else several
    else:
        found = f"it has none{listed.wrong}"
    return failed(f"{called} has no approved private endpoint connection: {found}.", seen)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="The account or workspace has an approved private endpoint.",
        why=(
            "A private endpoint gives the resource an address in a network of the organisation, "
            "so that traffic to it never crosses the internet. Without an approved one, callers "
            "have to come over its public address, or cannot come at all once that is switched "
            "off, which tempts people to open it again."
        ),
        fails_when=(
            "No entry of privateEndpointConnections has the status Approved (absent: none). A "
            "project workspace is judged by its hub."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            "For a project workspace, use the id of its hub in what follows.",
            "See the connections: az network private-endpoint-connection list --id {id}",
            (
                "Approve one that waits: az network private-endpoint-connection approve "
                "--id CONNECTION_ID --description REASON"
            ),
            (
                "Or make one, with --group-id account (of a workspace: amlworkspace): "
                "az network private-endpoint create --subscription {subscription} "
                "--resource-group {resource_group} --name NAME --vnet-name NETWORK --subnet SUBNET "
                "--connection-name NAME --private-connection-resource-id {id} --group-id account"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-services/cognitive-services-virtual-networks",
            "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link",
        ),
        built_in_policy="d6759c02, 45e05259",
        limits=("Whose network the private endpoint lies in is not judged here.",),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT), AppliesTo(ResourceType.WORKSPACE)),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(Source.HUB,),
)
