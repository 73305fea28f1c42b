"""Agents of an account must not be hosted in an environment that is open to the internet.

A capability host says where the agents of an account run; it can open their hosting environment.
"""

from collections.abc import Iterator

from shared.domain.bare_answer import refuse_bare
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.listing import MOST_NAMED, listed
from shared.domain.resource import Property, Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import (
    Cause,
    Evidence,
    Judgement,
    Severity,
    UndecidableError,
    failed,
    passed,
)

PUBLIC = "properties.enablePublicHostingEnvironment"
SINCE = "2025-12-01"
"""The first API version whose capability hosts carry it."""


def evaluate(_resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one account."""
    reading = snapshot.reading(Source.CAPABILITY_HOSTS)
    stated = [(each, each.flag(PUBLIC)) for each in reading.items]
    public = [(each, flag) for each, flag in stated if flag.value]
    if public:
        return failed(
            "Agents are hosted in a public environment: enablePublicHostingEnvironment is true for "
            f"{listed(sorted(each.id.name for each, _ in public))}.",
            *_evidence(public),
        )
    if reading.problem is not None:
        message = f"the capability hosts could not be read: {reading.problem.detail}"
        raise UndecidableError(reading.problem.cause, message)
    if any(flag.value is None and each.read_before(SINCE) for each, flag in stated):
        message = f"API versions before {SINCE} do not show whether hosting is public"
        raise UndecidableError(Cause.UNDETERMINED, message)
    for each in reading.items:
        refuse_bare(each)
    if not stated:
        return passed("The account has no capability host, so none is public.")
    shown = ", ".join(sorted({flag.shown("absent, which means false") for _, flag in stated}))
    return passed(
        f"No capability host is public: enablePublicHostingEnvironment is {shown}.",
        *_evidence(stated),
    )


def _evidence(stated: list[tuple[Resource, Property[bool]]]) -> Iterator[Evidence]:
    """Go through the evidence that the first capability hosts give."""
    for _, flag in stated[:MOST_NAMED]:
        yield flag.evidence(Source.CAPABILITY_HOSTS, expected=False)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="The account's agents are not hosted in a public environment.",
        why=(
            "Hosted agents run as containers in an environment of Microsoft's, which a capability "
            "host of the account sets up. With a public hosting environment they run outside the "
            "network that was made for the agents: neither a subnet of one's own nor the rules of "
            "a managed network stand between them and the internet."
        ),
        fails_when=(
            "A capability host of the account has enablePublicHostingEnvironment true (absent: "
            "false). No capability hosts: passes."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            "A capability host cannot be changed: it is deleted and made again without the flag.",
            (
                "See its settings first: az rest --method get --url "
                "https://management.azure.com{id}/capabilityHosts?api-version=2025-12-01"
            ),
            (
                "Delete it: az resource delete --ids {id}/capabilityHosts/NAME "
                "--api-version 2025-12-01"
            ),
            "Then make it again with the same connections and subnet, and deploy the agents anew.",
        ),
        references=(
            "https://learn.microsoft.com/azure/foundry/agents/concepts/capability-hosts",
            "https://learn.microsoft.com/azure/foundry/agents/concepts/networking-options",
        ),
        limits=(
            (
                "Microsoft describes the property in one line and does not say what its default "
                "is: that absent means false was not confirmed."
            ),
        ),
    ),
    applies_to=(AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(Source.CAPABILITY_HOSTS,),
)
