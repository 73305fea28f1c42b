"""Outbound rules that users add to a managed network must lead to what the policy approves.

A managed network that lets nothing out but approved destinations is as tight as its outbound rules.
Those that Azure adds itself are not judged.
"""

from functools import cached_property
from typing import Annotated, NamedTuple

from pydantic import StringConstraints

from shared.domain.bare_answer import refuse_bare
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.host_name import Fqdn, covers
from shared.domain.isolation_mode import WORKSPACE_SINCE
from shared.domain.listing import MOST_NAMED, listed
from shared.domain.outbound_rule import RULES, outbound_rules
from shared.domain.resource import Resource
from shared.domain.resource_id import MalformedResourceIdError, ResourceId
from shared.domain.snapshot import Problem, Snapshot
from shared.domain.topology import AI_KINDS, ResourceType, Source, resource_type
from shared.domain.verdict import (
    Cause,
    Evidence,
    Judgement,
    Severity,
    UndecidableError,
    failed,
    passed,
)
from shared.domain.workspace_network import network_workspace

ServiceTag = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class RuleParameters(Parameters):
    """Where outbound rules may lead."""

    allowed_fqdns: tuple[Fqdn, ...] = ()
    """Approved hosts: github.com approves that host alone, *.contoso.com every host below
    contoso.com. A rule for a wildcard is approved by the same wildcard alone."""
    allowed_service_tags: tuple[ServiceTag, ...] = ()
    """Approved service tags, in any case. Storage does not approve Storage.WestEurope."""

    @cached_property
    def fqdns(self) -> frozenset[str]:
        """The hosts, to look up."""
        return frozenset(self.allowed_fqdns)

    @cached_property
    def service_tags(self) -> frozenset[str]:
        """The service tags in lower case, to look up."""
        return frozenset(each.lower() for each in self.allowed_service_tags)


class Fault(NamedTuple):
    """Why a rule is not approved: where it leads, what is wanted, and the property that says so."""

    words: str
    expected: str
    path: str
    observed: object


def evaluate(resource: Resource, snapshot: Snapshot, parameters: RuleParameters) -> Judgement:
    """Judge one account or workspace."""
    if resource_type(resource.id.type) is not ResourceType.WORKSPACE:
        reading = snapshot.reading(Source.MANAGED_NETWORKS)
        return _judge(reading.items, Source.MANAGED_NETWORKS, reading.problem, snapshot, parameters)
    network = network_workspace(resource, snapshot)
    # A workspace can be read, and the list of its rules not.
    problem = snapshot.reading(network.source).problem
    if network.workspace.read_before(WORKSPACE_SINCE):
        # The harness asks this of the workspace that is judged, which need not be this one.
        detail = f"API versions before {WORKSPACE_SINCE} do not show them"
        problem = Problem(Cause.UNDETERMINED, detail)
    return _judge((network.workspace,), network.source, problem, snapshot, parameters)


def _judge(
    networks: tuple[Resource, ...],
    source: Source,
    problem: Problem | None,
    snapshot: Snapshot,
    parameters: RuleParameters,
) -> Judgement:
    """Judge the rules of networks; with a problem there may be more than these show."""
    rules = [
        rule
        for network in networks
        for rule in outbound_rules(network)
        if rule.is_of_user_in_effect
    ]
    faults = [
        (rule.name, fault)
        for rule in sorted(rules, key=lambda each: each.name)
        if (fault := _fault(rule.body, snapshot.watched, parameters)) is not None
    ]
    if faults:
        count = (
            "1 outbound rule leads" if len(faults) == 1 else f"{len(faults)} outbound rules lead"
        )
        return failed(
            f"{count} where nobody approved it: "
            f"{listed([f'{name} {fault.words}' for name, fault in faults])}.",
            *(
                Evidence(source, f"{RULES}.{name}.{fault.path}", fault.expected, fault.observed)
                for name, fault in faults[:MOST_NAMED]
            ),
        )
    if problem is not None:
        raise UndecidableError(problem.cause, f"outbound rules cannot be read: {problem.detail}")
    if rules:
        names = sorted(rule.name for rule in rules)
        seen = Evidence(source, RULES, "approved destinations", names)
        return passed(f"All outbound rules of users are approved: {listed(names)}.", seen)
    for network in networks:
        refuse_bare(network)
    wrong = "".join(network.object(RULES).wrong for network in networks[:1])
    return passed(f"No outbound rule of a user is in effect{wrong}.")


def _fault(rule: Resource, watched: frozenset[str], parameters: RuleParameters) -> Fault | None:
    """Return why a rule is not approved, or None."""
    kind = rule.text("type")
    match (kind.value or "").lower():
        case "fqdn":
            return _fqdn_fault(rule, parameters)
        case "servicetag":
            return _service_tag_fault(rule, parameters)
        case "privateendpoint":
            return _private_endpoint_fault(rule, watched)
    unheard = "" if kind.value is None else ", a type that is not known"
    words = f"of {kind.shown('no type')}{unheard}"
    return Fault(words, "FQDN, ServiceTag or PrivateEndpoint", kind.path, kind.observed)


def _fqdn_fault(rule: Resource, parameters: RuleParameters) -> Fault | None:
    """Judge a rule that lets traffic out to a host."""
    host = rule.text("destination")
    if host.value is not None and covers(parameters.fqdns, host.value):
        return None
    words = f"to {host.shown('')}" if host.value else f"to no host{host.wrong}"
    return Fault(words, "an approved host", host.path, host.observed)


def _service_tag_fault(rule: Resource, parameters: RuleParameters) -> Fault | None:
    """Judge a rule that lets traffic out to a service of Azure, or to addresses."""
    if (rule.text("destination.action").value or "").lower() == "deny":
        return None
    prefixes = rule.list("destination.addressPrefixes")
    if prefixes.observed not in (None, []):
        words = "to address prefixes"
        return Fault(words, "no address prefixes", prefixes.path, prefixes.observed)
    tag = rule.text("destination.serviceTag")
    if (tag.value or "").lower() in parameters.service_tags:
        return None
    words = f"to {tag.shown('')}" if tag.value else f"to no service tag{tag.wrong}"
    return Fault(words, "an approved service tag", tag.path, tag.observed)


def _private_endpoint_fault(rule: Resource, watched: frozenset[str]) -> Fault | None:
    """Judge a rule that makes a private endpoint to a resource."""
    target = rule.text("destination.serviceResourceId")
    expected = "a resource of a monitored subscription"
    try:
        subscription = ResourceId.parse(target.value).subscription
    except MalformedResourceIdError:
        words = f"to no resource that can be told{target.wrong}"
        return Fault(words, expected, target.path, target.observed)
    if subscription in watched:
        return None
    words = "to a resource of a subscription that is not monitored"
    return Fault(words, expected, target.path, target.observed)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Outbound rules of managed networks lead to approved destinations only.",
        why=(
            "A managed network that allows only approved outbound traffic lets agents, jobs and "
            "model containers reach what its outbound rules name. Whoever can write the account "
            "or workspace can add a rule: for a host on the internet, a service tag that stands "
            "for the services of every Azure customer, or a private endpoint to a resource of "
            "somebody else. One rule too many is enough to carry prompts and data away."
        ),
        fails_when=(
            "An outbound rule of the category UserDefined (or of none that is known) and of a "
            "status other than Inactive, Deleting and Failed leads to a host that is not of "
            "allowed_fqdns, to address prefixes or a service tag that is not of "
            "allowed_service_tags (unless its action is Deny), to a private endpoint of a resource "
            "in a subscription that is not monitored, or is of a type that is not known. No such "
            "rules, or no managed network: passes. A project is judged by its hub."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            (
                "Remove the rule. An account: az cognitiveservices account managed-network "
                "outbound-rule remove --subscription {subscription} "
                "--resource-group {resource_group} --name {root} --rule RULE"
            ),
            (
                "A workspace (for a project: its hub): az ml workspace outbound-rule remove "
                "--subscription {subscription} --resource-group {resource_group} "
                "--workspace-name {root} --rule RULE"
            ),
            (
                "Or approve where it leads: allowed_fqdns, allowed_service_tags; for a private "
                "endpoint, have its subscription monitored."
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/foundry/how-to/managed-virtual-network",
            "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network",
        ),
        limits=(
            (
                "A service tag stands for the services of every Azure customer in it: approving "
                "Storage approves everybody's storage accounts."
            ),
            (
                "Rules that wait for the network to be provisioned are Inactive; they are judged "
                "once they are in effect, which no event tells of."
            ),
            "In other isolation modes more can be reached than the rules name.",
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),
        AppliesTo(ResourceType.WORKSPACE),
    ),
    evaluate=evaluate,
    parameters=RuleParameters(),
    needs=(Source.MANAGED_NETWORKS, Source.HUB),
    since={ResourceType.WORKSPACE: WORKSPACE_SINCE},
)
