"""network_isolation.ip_rules_narrow."""

import pytest
from pydantic import ValidationError

from monitors.network_isolation.ip_rules_narrow import MONITOR, IpRuleParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Verdict
from tests.arm import account, hub, judge, project, workspace

RULES = "properties.networkAcls.ipRules[].value"
ALLOWLIST = "properties.ipAllowlist[]"
NARROW = "at most 256 addresses each"


def ruled(*values: object, access: object = "Enabled") -> Resource:
    """Return an account that lets only these addresses in."""
    rules = [{"value": value} for value in values]
    return account(
        publicNetworkAccess=access, networkAcls={"defaultAction": "Deny", "ipRules": rules}
    )


# --- accounts ---


@pytest.mark.parametrize("access", ["Enabled", None, "SecuredByPerimeter", "Sometimes", 5])
def test_narrow_rules_pass(access: object) -> None:
    """Single addresses and small ranges, of either version; anything but Disabled is public."""
    values = ["203.0.113.7", "198.51.100.0/24", "2001:db8::1", "2001:db8::/120"]

    assert judge(MONITOR, ruled(*values, access=access)) == Judgement(
        Verdict.PASS,
        "Every IP rule is narrow (4 in all).",
        (Evidence(Source.ACCOUNT, RULES, NARROW, values),),
    )


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("0.0.0.0/0", "0.0.0.0/0 (the whole internet)"),
        ("203.0.113.7/0", "203.0.113.7/0 (the whole internet)"),
        ("0.0.0.0/0.0.0.0", "0.0.0.0/0.0.0.0 (the whole internet)"),
        ("::/0", "::/0 (the whole internet)"),
        ("198.51.100.0/23", "198.51.100.0/23 (512 addresses)"),
        ("198.51.100.7/23", "198.51.100.7/23 (512 addresses)"),
        ("2001:db8::/119", "2001:db8::/119 (512 addresses)"),
        ("::ffff:0:0/96", "::ffff:0:0/96 (4294967296 addresses)"),
        ("everywhere", "everywhere (no address or range)"),
        ("203.0.113.0-203.0.113.9", "203.0.113.0-203.0.113.9 (no address or range)"),
        (" 203.0.113.7", " 203.0.113.7 (no address or range)"),
        ("203.0.113.7/33", "203.0.113.7/33 (no address or range)"),
        ("*", "* (no address or range)"),
        ("", "a rule (no address or range)"),
        (None, "a rule (no address or range)"),
        (3405803783, "a rule (no address or range)"),
        (["203.0.113.7"], "a rule (no address or range)"),
        ("1" * 65, f"{'1' * 65} (no address or range)"[:80] + "…"),
    ],
)
def test_wide_and_unreadable_rules_fail(value: object, fault: str) -> None:
    """One is enough, and it is named."""
    observed = value if isinstance(value, str) else None

    assert judge(MONITOR, ruled("203.0.113.7", value)) == Judgement(
        Verdict.FAIL,
        f"IP rules let in too much (1 of 2): {fault}.",
        (Evidence(Source.ACCOUNT, RULES, NARROW, [observed]),),
    )


@pytest.mark.parametrize("entry", [None, "203.0.113.7", 5, {}, {"Value": "203.0.113.7"}, []])
def test_an_entry_that_is_no_rule_fails(entry: object) -> None:
    """Nobody knows what Azure makes of it."""
    judged = account(networkAcls={"defaultAction": "Deny", "ipRules": [entry]})

    assert judge(MONITOR, judged) == Judgement(
        Verdict.FAIL,
        "IP rules let in too much (1 of 1): a rule (no address or range).",
        (Evidence(Source.ACCOUNT, RULES, NARROW, [None]),),
    )


def test_order_does_not_matter_and_the_first_five_are_named() -> None:
    """The wide ones are found wherever they stand."""
    wide = [f"{number}.0.0.0/8" for number in range(11, 18)]
    judgement = judge(MONITOR, ruled("203.0.113.7", *wide))
    reversed_judgement = judge(MONITOR, ruled(*reversed(wide), "203.0.113.7"))

    assert judgement.verdict is reversed_judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        "IP rules let in too much (7 of 8): 11.0.0.0/8 (16777216 addresses), 12.0.0.0/8 (16777216 "
        "addresses), 13.0.0.0/8 (16777216 addresses), 14.0.0.0/8 (16777216 addresses), 15.0.0.0/8 "
        "(16777216 addresses) and 2 more."
    )


@pytest.mark.parametrize(
    ("rules", "observed", "note"),
    [
        ({"ipRules": []}, [], ""),
        ({"ipRules": None}, None, ""),
        ({}, None, ""),
        (
            {"ipRules": "0.0.0.0/0"},
            "0.0.0.0/0",
            " (ipRules is text, not a list, and counts as absent)",
        ),
    ],
)
def test_no_rules_pass(rules: dict[str, object], observed: object, note: str) -> None:
    """With defaultAction Deny and no rule nobody comes in by address."""
    judged = account(networkAcls={"defaultAction": "DENY", **rules})

    assert judge(MONITOR, judged) == Judgement(
        Verdict.PASS,
        f"No IP rule lets anybody in{note}.",
        (Evidence(Source.ACCOUNT, RULES, NARROW, observed),),
    )


@pytest.mark.parametrize("access", ["Disabled", "DISABLED"])
def test_rules_do_not_matter_while_public_access_is_off(access: str) -> None:
    """They let nobody in."""
    assert judge(MONITOR, ruled("0.0.0.0/0", access=access)) == Judgement(
        Verdict.NOT_APPLICABLE, "IP rules let nobody in: publicNetworkAccess is Disabled."
    )


@pytest.mark.parametrize(
    ("action", "shown"),
    [
        ("Allow", "Allow"),
        ("Maybe", "Maybe"),
        (None, "absent, which means Allow"),
        (
            True,
            (
                "absent, which means Allow (defaultAction is a boolean, not text, and counts as "
                "absent)"
            ),
        ),
    ],
)
def test_rules_do_not_matter_while_everybody_comes_in(action: object, shown: str) -> None:
    """That such an account is open is another control's finding."""
    rules = [{"value": "0.0.0.0/0"}]
    judged = account(networkAcls={"defaultAction": action, "ipRules": rules})

    assert judge(MONITOR, judged) == Judgement(
        Verdict.NOT_APPLICABLE,
        f"IP rules restrict nobody while networkAcls.defaultAction is {shown}.",
    )


# --- workspaces ---


@pytest.mark.parametrize("access", ["Enabled", None, "Sometimes"])
def test_a_workspace_is_judged_by_both_lists(access: object) -> None:
    """Preview versions of the API show one or the other."""
    judged = workspace(
        publicNetworkAccess=access,
        ipAllowlist=["203.0.113.7"],
        networkAcls={"ipRules": [{"value": "198.51.100.0/24"}]},
    )

    assert judge(MONITOR, judged) == Judgement(
        Verdict.PASS,
        "Every IP rule is narrow (2 in all).",
        (
            Evidence(Source.WORKSPACE, ALLOWLIST, NARROW, ["203.0.113.7"]),
            Evidence(Source.WORKSPACE, RULES, NARROW, ["198.51.100.0/24"]),
        ),
    )


@pytest.mark.parametrize(
    "stated",
    [
        {"ipAllowlist": ["203.0.113.7", "0.0.0.0/0"]},
        {"ipAllowlist": [{"value": "203.0.113.7"}]},
        {"networkAcls": {"ipRules": [{"value": "0.0.0.0/0"}]}},
        {"ipAllowlist": ["203.0.113.7"], "networkAcls": {"ipRules": [{"value": "10.0.0.0/8"}]}},
        {"ipAllowlist": "none", "networkAcls": {"ipRules": [{"value": "0.0.0.0/0"}]}},
    ],
)
def test_a_wide_rule_of_a_workspace_fails(stated: dict[str, object]) -> None:
    """In either list; each has entries of its own form."""
    judgement = judge(MONITOR, workspace(publicNetworkAccess="Enabled", **stated))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.startswith("IP rules let in too much (1 of ")


@pytest.mark.parametrize(
    ("stated", "notes"),
    [
        ({}, ""),
        ({"ipAllowlist": None, "networkAcls": None}, ""),
        ({"ipAllowlist": [], "networkAcls": {"ipRules": []}}, ""),
        (
            {"ipAllowlist": "0.0.0.0/0"},
            " (ipAllowlist is text, not a list, and counts as absent)",
        ),
        (
            {"networkAcls": {"ipRules": True}},
            " (ipRules is a boolean, not a list, and counts as absent)",
        ),
    ],
)
def test_a_workspace_without_rules_is_not_concerned(stated: dict[str, object], notes: str) -> None:
    """Nothing restricts it by address, or the version of the API does not show it."""
    assert judge(MONITOR, workspace(publicNetworkAccess="Enabled", **stated)) == Judgement(
        Verdict.NOT_APPLICABLE,
        f"The workspace shows no IP rules{notes}; only preview versions of the API show any.",
    )


def test_a_closed_workspace_is_not_concerned() -> None:
    """Its rules let nobody in."""
    judged = workspace(publicNetworkAccess="Disabled", ipAllowlist=["0.0.0.0/0"])

    assert judge(MONITOR, judged).verdict is Verdict.NOT_APPLICABLE


def test_a_project_is_judged_by_its_own_rules() -> None:
    """The hub's are judged at the hub."""
    wide = {"ipAllowlist": ["0.0.0.0/0"]}

    assert judge(MONITOR, project(**wide), hub()).verdict is Verdict.FAIL
    assert judge(MONITOR, project(), hub(**wide)).verdict is Verdict.NOT_APPLICABLE


# --- parameters ---


@pytest.mark.parametrize(
    ("most", "value", "verdict"),
    [
        (1, "203.0.113.7", Verdict.PASS),
        (1, "203.0.113.6/31", Verdict.FAIL),
        (512, "198.51.100.0/23", Verdict.PASS),
        (2**128, "2000::/3", Verdict.PASS),
        (2**128, "0.0.0.0/0", Verdict.FAIL),
        (2**128, "::/0", Verdict.FAIL),
    ],
)
def test_max_hosts(most: int, value: str, verdict: Verdict) -> None:
    """It counts addresses; however many are allowed, the whole internet is not."""
    parameters = IpRuleParameters(max_hosts=most)

    assert judge(MONITOR, ruled(value), parameters=parameters).verdict is verdict


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("203.0.113.7", Verdict.PASS),
        ("203.0.113.0/24", Verdict.PASS),
        ("203.0.112.0/23", Verdict.FAIL),
        ("203.0.114.7", Verdict.FAIL),
        ("2001:db8::7", Verdict.PASS),
        ("2001:db9::7", Verdict.FAIL),
        ("::ffff:203.0.113.7", Verdict.FAIL),
    ],
)
def test_allowed_ranges(value: str, verdict: Verdict) -> None:
    """A rule must lie whole inside one range, which is of the same version."""
    parameters = IpRuleParameters(
        max_hosts=1024, allowed_ranges=("203.0.113.0/24", "2001:db8::/32", "0.0.0.0/32")
    )

    assert judge(MONITOR, ruled(value), parameters=parameters).verdict is verdict


def test_a_rule_outside_the_allowed_ranges_says_so() -> None:
    """The evidence names the ranges."""
    parameters = IpRuleParameters(allowed_ranges=(" 203.0.113.0/24", "2001:DB8::/32"))

    assert judge(MONITOR, ruled("198.51.100.7"), parameters=parameters) == Judgement(
        Verdict.FAIL,
        "IP rules let in too much (1 of 1): 198.51.100.7 (outside the allowed ranges).",
        (
            Evidence(
                Source.ACCOUNT,
                RULES,
                "at most 256 addresses each inside one of 203.0.113.0/24, 2001:db8::/32",
                ["198.51.100.7"],
            ),
        ),
    )


@pytest.mark.parametrize("text", ["", "head office", "203.0.113.7/24", "203.0.113.0/33", "*"])
def test_refuses_what_is_no_range(text: str) -> None:
    """Bits behind the prefix too: it is not clear what is meant."""
    with pytest.raises(ValidationError, match="is no range of addresses"):
        IpRuleParameters(allowed_ranges=(text,))


@pytest.mark.parametrize("most", [0, -1])
def test_refuses_fewer_than_one_host(most: int) -> None:
    """No rule could pass."""
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        IpRuleParameters(max_hosts=most)


def test_applies_to_ai_accounts_and_workspaces() -> None:
    """Both can have IP rules."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),
        AppliesTo(ResourceType.WORKSPACE),
    )
