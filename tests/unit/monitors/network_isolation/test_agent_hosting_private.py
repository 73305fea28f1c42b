"""network_isolation.agent_hosting_private."""

import pytest

from monitors.network_isolation.agent_hosting_private import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import ABSENT, ACCOUNT_ID, FORBIDDEN, account, changed, judge, read_with, resource

HOSTS = Source.CAPABILITY_HOSTS
PATH = "properties.enablePublicHostingEnvironment"


def capability_host(public: object, name: str = "agents", owner: str = ACCOUNT_ID) -> Resource:
    """Return a capability host of the account."""
    return resource(
        f"{owner}/capabilityHosts/{name}",
        properties={"capabilityHostKind": "Agents", "enablePublicHostingEnvironment": public},
    )


def test_fails_when_a_capability_host_is_public() -> None:
    """One is enough, whichever comes first."""
    hosts = (capability_host(public=False), capability_host(public=True, name="open"))

    for order in (hosts, hosts[::-1]):
        assert judge(MONITOR, account(), *order) == Judgement(
            Verdict.FAIL,
            "Agents are hosted in a public environment: enablePublicHostingEnvironment is true "
            "for open.",
            (Evidence(HOSTS, PATH, expected=False, observed=True),),
        )


@pytest.mark.parametrize(
    ("public", "shown"),
    [
        (False, "false"),
        (None, "absent, which means false"),
        (
            "true",
            (
                "absent, which means false (enablePublicHostingEnvironment is text, not a "
                "boolean, and counts as absent)"
            ),
        ),
    ],
)
def test_passes_when_none_is_public(public: object, shown: str) -> None:
    """Absent is false."""
    assert judge(MONITOR, account(), capability_host(public)) == Judgement(
        Verdict.PASS,
        f"No capability host is public: enablePublicHostingEnvironment is {shown}.",
        (Evidence(HOSTS, PATH, expected=False, observed=public),),
    )


def test_passes_without_a_capability_host() -> None:
    """There is none, so none is public; those of projects have no such setting."""
    nothing = Judgement(Verdict.PASS, "The account has no capability host, so none is public.")
    of_project = capability_host(public=True, owner=f"{ACCOUNT_ID}/projects/alpha")

    assert judge(MONITOR, account()) == nothing
    assert judge(MONITOR, account(), of_project) == nothing


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (FORBIDDEN, Cause.UNREADABLE),
        (NOT_READ, Cause.UNDETERMINED),
        (NOT_IN_INPUT, Cause.UNDETERMINED),
    ],
)
def test_unknown_while_the_capability_hosts_are(problem: Problem, cause: Cause) -> None:
    """A public one that was read fails all the same."""
    problems = {HOSTS: problem}
    unknown = Judgement(
        Verdict.UNKNOWN, f"the capability hosts could not be read: {problem.detail}", cause=cause
    )
    private = capability_host(public=False)

    assert judge(MONITOR, account(), problems=problems) == unknown
    assert judge(MONITOR, account(), private, problems=problems) == unknown
    assert (
        judge(MONITOR, account(), capability_host(public=True), problems=problems).verdict
        is Verdict.FAIL
    )


def test_unknown_when_read_with_an_api_that_does_not_show_it() -> None:
    """What it does show counts."""
    silent = read_with("2025-09-01", capability_host(None))

    judgement = judge(MONITOR, account(), silent)

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert "2025-12-01" in judgement.message
    for public, verdict in ((True, Verdict.FAIL), (False, Verdict.PASS)):
        stated = read_with("2025-09-01", capability_host(public))
        assert judge(MONITOR, account(), stated).verdict is verdict
    assert judge(MONITOR, account(), read_with("2025-12-01", silent)).verdict is Verdict.PASS


def test_unknown_when_the_answer_shows_no_properties() -> None:
    """What is not shown may be true."""
    bare = changed(capability_host(None), "properties", ABSENT)

    judgement = judge(MONITOR, account(), bare)

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)


def test_applies_to_ai_accounts() -> None:
    """As the catalogue says."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),)
    assert MONITOR.needs == (HOSTS,)
