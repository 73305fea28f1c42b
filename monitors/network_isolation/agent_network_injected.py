"""Agents of a Foundry account must run in a network that somebody controls."""

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Judgement, Severity, failed, not_applicable, passed

INJECTIONS = "properties.networkInjections"


def evaluate(resource: Resource, _snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account."""
    projects = resource.flag("properties.allowProjectManagement")
    if not projects.value:
        return not_applicable(
            "The account has no projects whose agents could run: allowProjectManagement is "
            f"{projects.shown('absent')}."
        )
    injections = resource.list(INJECTIONS)
    seen = injections.evidence(
        Source.ACCOUNT, "one of scenario agent, with a subnetArmId or useMicrosoftManagedNetwork"
    )
    for injection in resource.objects(INJECTIONS):
        if (injection.text("scenario").value or "").lower() != "agent":
            continue
        if (injection.text("subnetArmId").value or "").strip():
            return passed("Agents run in a subnet of the customer.", seen)
        if injection.flag("useMicrosoftManagedNetwork").value:
            return passed("Agents run in a network that Microsoft manages.", seen)
    if injections.value:
        found = (
            f"none of its network injections ({len(injections.value)}) is of scenario agent and "
            "names a subnet or the managed network"
        )
    else:
        found = f"it has no network injection{injections.wrong}"
    return failed(f"Agents of the account run in no network of their own: {found}.", seen)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Agents of the account run in the customer's subnet or a managed network.",
        why=(
            "An agent calls tools and fetches data on its own decision, and what it reads can talk "
            "it into sending data away. Without network injection its traffic leaves from a "
            "network of Microsoft's that nobody in the organisation can limit or watch, and it "
            "cannot reach private resources, which tempts people to open them. Injection can be "
            "set only when the account is created."
        ),
        fails_when=(
            "allowProjectManagement is true and no entry of networkInjections has the scenario "
            "agent and either a non-empty subnetArmId or useMicrosoftManagedNetwork true (absent: "
            "none). Not applicable while allowProjectManagement is not true."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            (
                "See what is set: az cognitiveservices account show --subscription {subscription} "
                "--resource-group {resource_group} --name {name} "
                "--query properties.networkInjections"
            ),
            (
                "It cannot be added to an account that exists. Make a new one, with "
                "properties.networkInjections in account.json: az resource create "
                "--subscription {subscription} --resource-group {resource_group} --name NEW_NAME "
                "--resource-type Microsoft.CognitiveServices/accounts --api-version 2025-12-01 "
                "--is-full-object --properties @account.json"
            ),
            "Move the projects and their agents to it, and delete this one.",
        ),
        references=(
            "https://learn.microsoft.com/azure/foundry/agents/how-to/virtual-networks",
            "https://learn.microsoft.com/azure/foundry/agents/concepts/networking-options",
        ),
        limits=(
            "Where the subnet's own rules let agents send data is not judged here.",
            "How far the managed network is closed is judged by managed_network_isolated.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT, kinds=frozenset({"aiservices"})),),
    evaluate=evaluate,
    parameters=Parameters(),
    since={ResourceType.ACCOUNT: "2025-06-01"},
)
