"""An account must send data only to hosts that are listed and approved."""

from functools import cached_property

from shared.domain import tables
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.host_name import Fqdn, covers
from shared.domain.listing import listed
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import (
    Cause,
    Evidence,
    Judgement,
    Severity,
    UndecidableError,
    failed,
    not_applicable,
    passed,
)

FOUNDRY = "aiservices"
HOSTS = "properties.allowedFqdnList"


class OutboundParameters(Parameters):
    """Where accounts may send data."""

    allowed_fqdns: tuple[Fqdn, ...] = ()
    """Approved hosts: github.com, or *.contoso.com for all hosts below contoso.com, in any case.
    Empty: any that is no wildcard."""
    include_aiservices: bool = True
    """Whether Foundry accounts (kind AIServices) are judged."""

    @cached_property
    def approved(self) -> frozenset[str]:
        """The approved hosts."""
        return frozenset(self.allowed_fqdns)

    @cached_property
    def words(self) -> str:
        """What is approved, for evidence."""
        return f"one of {', '.join(self.allowed_fqdns)}" if self.allowed_fqdns else "no wildcard"


def evaluate(resource: Resource, _snapshot: Snapshot, parameters: OutboundParameters) -> Judgement:
    """Judge one account."""
    kind = resource.text("kind")
    key = (kind.value or "").lower()
    if not key:
        message = f"the resource does not state its kind{kind.wrong}"
        raise UndecidableError(Cause.UNDETERMINED, message)
    if key not in tables.restrictable_kinds().lower_kinds:
        return not_applicable(f"Does not concern resources of kind {kind.shown('absent')}.")
    if key == FOUNDRY and not parameters.include_aiservices:
        return not_applicable("Foundry accounts are left out: include_aiservices is false.")
    restricted = resource.flag("properties.restrictOutboundNetworkAccess")
    seen = restricted.evidence(Source.ACCOUNT, expected=True)
    if not restricted.value:
        shown = restricted.shown("absent, which means false")
        return failed(
            f"The account can send data to any host: restrictOutboundNetworkAccess is {shown}.",
            seen,
        )
    return _judge_hosts(resource, parameters, seen)


def _judge_hosts(account: Resource, parameters: OutboundParameters, seen: Evidence) -> Judgement:
    """Judge the hosts to which a restricted account can send data."""
    hosts = account.list(HOSTS)
    entries = hosts.value or ()
    wrong = [(entry, fault) for entry in entries if (fault := _fault(entry, parameters))]
    if wrong:
        return failed(
            "The account can send data to hosts that are not acceptable "
            f"({len(wrong)} of {len(entries)} in allowedFqdnList): "
            f"{listed([fault for _, fault in wrong])}.",
            seen,
            _evidence([entry for entry, _ in wrong], parameters),
        )
    if not entries:
        message = f"The account can send data nowhere: allowedFqdnList names no host{hosts.wrong}."
        return passed(message, seen, hosts.evidence(Source.ACCOUNT, parameters.words))
    return passed(
        f"The account can send data only to {listed([str(entry) for entry in entries])}.",
        seen,
        _evidence(entries, parameters),
    )


def _fault(entry: object, parameters: OutboundParameters) -> str:
    """Say what is wrong with an entry of the list, or nothing."""
    if not isinstance(entry, str) or not entry.strip():
        return "an entry that is no host"
    if "*" in entry:
        return f"{entry} (a wildcard)"
    if parameters.approved and not covers(parameters.approved, entry):
        return f"{entry} (not approved)"
    return ""


def _evidence(entries: object, parameters: OutboundParameters) -> Evidence:
    """Show entries of the list."""
    return Evidence(Source.ACCOUNT, f"{HOSTS}[]", parameters.words, entries)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="The account sends data only to listed and approved hosts.",
        why=(
            "Some requests make an account fetch or send data itself: images by their URL, files "
            "of a storage account, a search index to ground answers with. Whoever can call it can "
            "so have it reach any host on the internet, and carry data out past the firewalls of "
            "the organisation. Microsoft's data loss prevention for these services confines them "
            "to a list of hosts, and is off by default."
        ),
        fails_when=(
            "restrictOutboundNetworkAccess is not true (absent: false), or an entry of "
            "allowedFqdnList is a wildcard, no text, or not approved while allowed_fqdns is given "
            "(list empty or absent: nothing can be reached, which passes). Only kinds that "
            "Microsoft's data loss prevention supports; AIServices only with include_aiservices."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            "Find out which hosts the account has to reach; an empty list allows none.",
            (
                "Then: az resource update --ids {id} --api-version 2025-12-01 "
                "--set properties.restrictOutboundNetworkAccess=true "
                "--set properties.allowedFqdnList='[\"HOST\"]'"
            ),
            "It can take 15 minutes until a new list holds.",
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-services/cognitive-services-data-loss-prevention",
        ),
        limits=(
            "That an empty list denies everything is assumed; Microsoft's page does not say so.",
            "Whether a host in the list stands for those below it is not documented.",
            "What agents reach is limited by their network, not by this list.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT),),
    evaluate=evaluate,
    parameters=OutboundParameters(),
    since={ResourceType.ACCOUNT: "2021-04-30"},
    tables=("restrictable_kinds",),
)
