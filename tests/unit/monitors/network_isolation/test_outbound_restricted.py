"""network_isolation.outbound_restricted."""

import pytest
from pydantic import ValidationError

from monitors.network_isolation.outbound_restricted import MONITOR, OutboundParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.tables import restrictable_kinds
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import account, judge

FLAG = "properties.restrictOutboundNetworkAccess"
HOSTS = "properties.allowedFqdnList"
RESTRICTED = Evidence(Source.ACCOUNT, FLAG, expected=True, observed=True)
APPROVED = OutboundParameters(allowed_fqdns=("Data.Contoso.com", "*.blob.core.windows.net"))
WORDS = "one of data.contoso.com, *.blob.core.windows.net"


def restricted(*hosts: object, kind: object = "OpenAI") -> Resource:
    """Return an account that can send data to these hosts only."""
    return account(kind=kind, restrictOutboundNetworkAccess=True, allowedFqdnList=list(hosts))


@pytest.mark.parametrize(
    ("stated", "observed", "shown"),
    [
        ({}, None, "absent, which means false"),
        ({"restrictOutboundNetworkAccess": None}, None, "absent, which means false"),
        ({"restrictOutboundNetworkAccess": False}, False, "false"),
        (
            {"restrictOutboundNetworkAccess": "true"},
            "true",
            (
                "absent, which means false (restrictOutboundNetworkAccess is text, not a boolean, "
                "and counts as absent)"
            ),
        ),
    ],
)
def test_fails_while_outbound_access_is_not_restricted(
    stated: dict[str, object], observed: object, shown: str
) -> None:
    """A list of hosts does not matter then."""
    judged = account(allowedFqdnList=["data.contoso.com"], **stated)

    assert judge(MONITOR, judged, parameters=APPROVED) == Judgement(
        Verdict.FAIL,
        f"The account can send data to any host: restrictOutboundNetworkAccess is {shown}.",
        (Evidence(Source.ACCOUNT, FLAG, expected=True, observed=observed),),
    )


def test_passes_with_listed_hosts() -> None:
    """Without approved hosts in the policy any host will do that is no wildcard."""
    hosts = ["github.com", "203.0.113.7"]

    assert judge(MONITOR, restricted(*hosts)) == Judgement(
        Verdict.PASS,
        "The account can send data only to github.com, 203.0.113.7.",
        (RESTRICTED, Evidence(Source.ACCOUNT, f"{HOSTS}[]", "no wildcard", hosts)),
    )


@pytest.mark.parametrize(
    ("stated", "observed", "note"),
    [
        ({}, None, ""),
        ({"allowedFqdnList": None}, None, ""),
        ({"allowedFqdnList": []}, [], ""),
        (
            {"allowedFqdnList": "*"},
            "*",
            " (allowedFqdnList is text, not a list, and counts as absent)",
        ),
    ],
)
@pytest.mark.parametrize("parameters", [OutboundParameters(), APPROVED])
def test_passes_with_an_empty_list(
    stated: dict[str, object], observed: object, note: str, parameters: OutboundParameters
) -> None:
    """It denies everything, and so does an absent one."""
    judged = account(restrictOutboundNetworkAccess=True, **stated)

    assert judge(MONITOR, judged, parameters=parameters) == Judgement(
        Verdict.PASS,
        f"The account can send data nowhere: allowedFqdnList names no host{note}.",
        (RESTRICTED, Evidence(Source.ACCOUNT, HOSTS, parameters.words, observed)),
    )


@pytest.mark.parametrize(
    ("host", "fault"),
    [
        ("*", "* (a wildcard)"),
        ("*.contoso.com", "*.contoso.com (a wildcard)"),
        ("data.*.com", "data.*.com (a wildcard)"),
        ("", "an entry that is no host"),
        (" ", "an entry that is no host"),
        (None, "an entry that is no host"),
        (5, "an entry that is no host"),
        (["github.com"], "an entry that is no host"),
    ],
)
def test_fails_with_a_wildcard_or_what_is_no_host(host: object, fault: str) -> None:
    """Wherever in the list it stands, and whatever is approved."""
    for hosts in (["github.com", host], [host, "github.com"]):
        assert judge(MONITOR, restricted(*hosts)) == Judgement(
            Verdict.FAIL,
            "The account can send data to hosts that are not acceptable (1 of 2 in "
            f"allowedFqdnList): {fault}.",
            (RESTRICTED, Evidence(Source.ACCOUNT, f"{HOSTS}[]", "no wildcard", [host])),
        )


@pytest.mark.parametrize(
    "host", ["data.contoso.com", "DATA.contoso.COM", "data.contoso.com.", "a.blob.core.windows.net"]
)
def test_passes_with_approved_hosts(host: str) -> None:
    """Case and a trailing dot do not count; *. approves what lies below."""
    judgement = judge(MONITOR, restricted(host), parameters=APPROVED)

    assert judgement.verdict is Verdict.PASS
    assert judgement.evidence[1] == Evidence(Source.ACCOUNT, f"{HOSTS}[]", WORDS, [host])


@pytest.mark.parametrize(
    "host",
    [
        "contoso.com",
        "more.data.contoso.com",
        "data.contoso.com.evil.org",
        "blob.core.windows.net",
        "https://data.contoso.com/",
        "data.contoso.com,evil.org",
        "203.0.113.7",
    ],
)
def test_fails_with_hosts_that_are_not_approved(host: str) -> None:
    """What is not clearly an approved host is none."""
    judged = restricted("data.contoso.com", host)

    assert judge(MONITOR, judged, parameters=APPROVED) == Judgement(
        Verdict.FAIL,
        "The account can send data to hosts that are not acceptable (1 of 2 in allowedFqdnList): "
        f"{host} (not approved).",
        (RESTRICTED, Evidence(Source.ACCOUNT, f"{HOSTS}[]", WORDS, [host])),
    )


def test_an_approved_wildcard_does_not_approve_a_wildcard() -> None:
    """What Azure makes of one is not documented."""
    judged = restricted("*.blob.core.windows.net")

    assert judge(MONITOR, judged, parameters=APPROVED).verdict is Verdict.FAIL


def test_the_first_five_are_named() -> None:
    """A list has up to a thousand hosts."""
    judged = restricted(*(f"host{number}.org" for number in range(1000)))
    judgement = judge(MONITOR, judged, parameters=APPROVED)

    assert judgement.message.endswith("host4.org (not approved) and 995 more.")
    assert judge(MONITOR, judged).message == (
        "The account can send data only to host0.org, host1.org, host2.org, host3.org, host4.org "
        "and 995 more."
    )


# --- kinds ---


@pytest.mark.parametrize("kind", ["OpenAI", "AIServices", "aiservices", "FACE", "SpeechServices"])
def test_judges_the_kinds_of_the_table(kind: str) -> None:
    """In any case."""
    assert judge(MONITOR, account(kind=kind)).verdict is Verdict.FAIL
    assert judge(MONITOR, restricted(kind=kind)).verdict is Verdict.PASS


@pytest.mark.parametrize("kind", ["TextAnalytics", "CognitiveServices", "ContentSafety", "New"])
def test_other_kinds_are_not_concerned(kind: str) -> None:
    """Microsoft does not say that they can be restricted."""
    assert judge(MONITOR, account(kind=kind)) == Judgement(
        Verdict.NOT_APPLICABLE, f"Does not concern resources of kind {kind}."
    )


@pytest.mark.parametrize(
    ("kind", "note"),
    [(None, ""), ("", ""), (5, " (kind is a number, not text, and counts as absent)")],
)
def test_without_a_kind_it_cannot_be_told(kind: object, note: str) -> None:
    """It may be one that can be restricted."""
    judgement = judge(MONITOR, account(kind=kind))

    assert judgement.cause is Cause.UNDETERMINED
    assert judgement.message == f"the resource does not state its kind{note}"


def test_foundry_accounts_can_be_left_out() -> None:
    """Their agents' network may be confined otherwise; other kinds are judged all the same."""
    parameters = OutboundParameters(include_aiservices=False)

    assert judge(MONITOR, account(kind="AISERVICES"), parameters=parameters) == Judgement(
        Verdict.NOT_APPLICABLE, "Foundry accounts are left out: include_aiservices is false."
    )
    assert judge(MONITOR, account(kind="OpenAI"), parameters=parameters).verdict is Verdict.FAIL


def test_the_table_has_the_kinds_that_serve_models() -> None:
    """OpenAI is judged always, and AIServices unless it is left out."""
    table = restrictable_kinds()

    assert table.lower_kinds >= AI_KINDS
    assert {"face", "formrecognizer", "customvision.training"} <= table.lower_kinds
    assert MONITOR.tables == ("restrictable_kinds",)


# --- parameters ---


@pytest.mark.parametrize("text", ["", "*", "contoso", "https://contoso.com", "a b.com", "*.com:1"])
def test_refuses_what_is_no_host(text: str) -> None:
    """It would approve nothing, or everything."""
    with pytest.raises(ValidationError, match="is no destination; write a host like"):
        OutboundParameters(allowed_fqdns=(text,))


def test_applies_to_accounts() -> None:
    """Which kinds can be restricted is in the table."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT),)
    assert MONITOR.since == {ResourceType.ACCOUNT: "2021-04-30"}
