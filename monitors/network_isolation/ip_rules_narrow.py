"""IP rules that let addresses of the internet in must be narrow, and inside what is approved."""

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.listing import listed
from shared.domain.public_access import ACCESS, DEFAULT_ACTION
from shared.domain.resource import Property, Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import AI_KINDS, ResourceType, Source, resource_type
from shared.domain.verdict import Evidence, Judgement, Severity, failed, not_applicable, passed

Network = IPv4Network | IPv6Network
IP_RULES = "properties.networkAcls.ipRules"
IP_ALLOWLIST = "properties.ipAllowlist"
LONGEST_RULE = 64


def _checked(text: str) -> str:
    """Refuse an approved range that is none, or of which it is not clear what is meant."""
    try:
        return str(ip_network(text.strip()))
    except ValueError as error:
        raise ValueError(
            f"{text!r} is no range of addresses ({error}); write it like 203.0.113.0/24, "
            "2001:db8::/32 or 203.0.113.7"
        ) from error


class IpRuleParameters(Parameters):
    """Which addresses IP rules may let in."""

    max_hosts: Annotated[int, Field(ge=1)] = 256
    """The most addresses that one rule may let in: 256 are an IPv4 range /24."""
    allowed_ranges: tuple[Annotated[str, AfterValidator(_checked)], ...] = ()
    """Ranges of addresses, of which each rule must lie inside one: 203.0.113.0/24, 2001:db8::/32.
    Empty: any."""

    @cached_property
    def words(self) -> str:
        """What is allowed, for evidence."""
        inside = f" inside one of {', '.join(self.allowed_ranges)}" if self.allowed_ranges else ""
        return f"at most {self.max_hosts} addresses each{inside}"


def evaluate(resource: Resource, _snapshot: Snapshot, parameters: IpRuleParameters) -> Judgement:
    """Judge one account or workspace."""
    access = resource.text(ACCESS)
    if (access.value or "").lower() == "disabled":
        return not_applicable("IP rules let nobody in: publicNetworkAccess is Disabled.")
    rules = resource.list(IP_RULES)
    if resource_type(resource.id.type) is ResourceType.WORKSPACE:
        return _judge_workspace(resource, rules, parameters)
    action = resource.text(DEFAULT_ACTION)
    if (action.value or "").lower() != "deny":
        return not_applicable(
            "IP rules restrict nobody while networkAcls.defaultAction is "
            f"{action.shown('absent, which means Allow')}."
        )
    return _judge(Source.ACCOUNT, (rules,), parameters)


def _judge_workspace(
    workspace: Resource, rules: Property[Sequence[object]], parameters: IpRuleParameters
) -> Judgement:
    """Judge a workspace, whose rules stand in either of two lists."""
    addresses = workspace.list(IP_ALLOWLIST)
    if rules.value or addresses.value:
        return _judge(Source.WORKSPACE, (addresses, rules), parameters)
    return not_applicable(
        f"The workspace shows no IP rules{addresses.wrong}{rules.wrong}; only preview versions of "
        "the API show any."
    )


def _judge(
    source: Source, lists: Iterable[Property[Sequence[object]]], parameters: IpRuleParameters
) -> Judgement:
    """Judge the rules of all lists."""
    read = [_read(rules, parameters) for rules in lists]
    evidence = [each.evidence(source, parameters) for each in read]
    count = sum(len(each.values) for each in read)
    faults = [fault for each in read for fault in each.faults]
    notes = "".join(each.stated.wrong for each in read)
    if faults:
        shown = [f"{value or 'a rule'} ({fault})" for value, fault in faults]
        message = f"IP rules let in too much ({len(faults)} of {count}): {listed(shown)}."
        return failed(message, *evidence)
    if count:
        return passed(f"Every IP rule is narrow ({count} in all){notes}.", *evidence)
    return passed(f"No IP rule lets anybody in{notes}.", *evidence)


class _Rules(NamedTuple):
    """A list of IP rules: how it is stated, the values, and those that fail, each with why."""

    stated: Property[Sequence[object]]
    values: Sequence[str | None]
    faults: Sequence[tuple[str | None, str]]

    def evidence(self, source: Source, parameters: IpRuleParameters) -> Evidence:
        """Show the values that fail, or all."""
        path = f"{self.stated.path}[]" + (".value" if self.stated.path == IP_RULES else "")
        wrong = [value for value, _ in self.faults]
        return Evidence(
            source, path, parameters.words, wrong or self.values or self.stated.observed
        )


def _read(rules: Property[Sequence[object]], parameters: IpRuleParameters) -> _Rules:
    """Judge each rule of a list."""
    values = [_value(entry, rules.path) for entry in rules.value or ()]
    faults = [
        (value, fault)
        for value in values
        if (fault := _fault(value, parameters.max_hosts, parameters.allowed_ranges))
    ]
    return _Rules(rules, values, faults)


def _value(entry: object, path: str) -> str | None:
    """Return the address or range that an entry of a list states, or None."""
    if path == IP_RULES:
        entry = entry.get("value") if isinstance(entry, dict) else None
    return entry if isinstance(entry, str) else None


@lru_cache(maxsize=4096)
def _fault(value: str | None, max_hosts: int, allowed_ranges: tuple[str, ...]) -> str:
    """Say what is wrong with a rule, or nothing; an estate has few different ones."""
    network = _network(value)
    if network is None:
        return "no address or range"
    if network.prefixlen == 0:
        return "the whole internet"
    if network.num_addresses > max_hosts:
        return f"{network.num_addresses} addresses"
    if allowed_ranges and not any(_lies_in(network, each) for each in allowed_ranges):
        return "outside the allowed ranges"
    return ""


def _network(value: str | None) -> Network | None:
    """Read an address or range; bits behind the prefix do not count."""
    if value is None or len(value) > LONGEST_RULE:
        return None
    try:
        return ip_network(value, strict=False)
    except ValueError:
        return None


def _lies_in(network: Network, area: str) -> bool:
    """Whether a range lies inside another; one of the other version of IP never does."""
    whole = ip_network(area)
    return network.network_address in whole and network.broadcast_address in whole


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="IP rules let only few and approved addresses in.",
        why=(
            "An account that denies what its rules do not name looks closed. One rule is enough to "
            "open it again: 0.0.0.0/0 is the whole internet, and a /8 is sixteen million addresses "
            "of strangers, many of them for rent by the hour. Rules of that width are made in a "
            "hurry and forgotten."
        ),
        fails_when=(
            "Public access is on and restricted by rules, and a value of an IP rule is 0.0.0.0/0 "
            "or ::/0, has more addresses than max_hosts, lies outside allowed_ranges (when given), "
            "or is no address or range. Accounts: publicNetworkAccess is not Disabled (absent: "
            "Enabled) and networkAcls.defaultAction is Deny; networkAcls.ipRules (absent: none) is "
            "judged. Workspaces: publicNetworkAccess is not Disabled, and ipAllowlist or "
            "networkAcls.ipRules states rules. Otherwise not applicable."
        ),
        severity=Severity.HIGH,
        remediation=(
            "Find out from which addresses the callers come, and name those alone.",
            (
                "An account: az cognitiveservices account network-rule add "
                "--subscription {subscription} --resource-group {resource_group} --name {name} "
                "--ip-address ADDRESS_OR_RANGE"
            ),
            (
                "Then: az cognitiveservices account network-rule remove "
                "--subscription {subscription} --resource-group {resource_group} --name {name} "
                "--ip-address WIDE_RANGE"
            ),
            (
                "A workspace: az ml workspace update --subscription {subscription} "
                "--resource-group {resource_group} --name {name} "
                "--network-acls ADDRESS_OR_RANGE,ADDRESS_OR_RANGE"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-services/cognitive-services-virtual-networks",
            "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link",
        ),
        limits=(
            "Each rule is judged by itself: many narrow ones may add up to a wide range.",
            "Only preview versions of the API show the IP rules of workspaces.",
            "A project workspace is judged by its own rules; those of its hub are judged there.",
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),
        AppliesTo(ResourceType.WORKSPACE),
    ),
    evaluate=evaluate,
    parameters=IpRuleParameters(),
)
