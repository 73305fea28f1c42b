"""network_isolation.agent_egress_enforced."""

import pytest

from monitors.network_isolation.agent_egress_enforced import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import ABSENT, ACCOUNT_ID, FORBIDDEN, changed, deployment, judge, read_with, resource

POLICIES = Source.RAI_POLICIES
MODE, ACTION = "properties.egressPolicy.mode", "properties.egressPolicy.defaultAction"
NAMED = deployment(raiPolicyName="strict")
ENFORCED = {"mode": "Enforced", "defaultAction": "Deny"}
AUDITED = {"mode": "Audit", "defaultAction": "Deny"}


def policy(egress: object = None, name: str = "strict", base: object = None) -> Resource:
    """Return a RAI policy of the account, with these egress controls."""
    stated = {"basePolicyName": base, "contentFilters": [], "egressPolicy": egress}
    return resource(f"{ACCOUNT_ID}/raiPolicies/{name}", properties=stated)


def evidence(mode: object, action: object) -> tuple[Evidence, Evidence]:
    """Return what both properties are in evidence."""
    return (
        Evidence(POLICIES, MODE, "Enforced", mode),
        Evidence(POLICIES, ACTION, "Deny", action),
    )


@pytest.mark.parametrize(
    ("mode", "action"),
    [("Enforced", "Deny"), ("ENFORCED", "deny"), (None, "Deny"), ("Enforced", None), (None, 5)],
)
def test_passes_when_egress_is_enforced_and_denied(mode: object, action: object) -> None:
    """Absent is Enforced and Deny, in any case."""
    judgement = judge(MONITOR, NAMED, policy({"mode": mode, "defaultAction": action}))

    assert judgement == Judgement(
        Verdict.PASS,
        "What agents may not reach is refused by RAI policy strict.",
        evidence(mode, action),
    )


@pytest.mark.parametrize("mode", ["Audit", "audit", "Off"])
def test_fails_when_egress_is_only_logged(mode: str) -> None:
    """A mode that is not known may not refuse either."""
    assert judge(MONITOR, NAMED, policy({"mode": mode, "defaultAction": "Deny"})) == Judgement(
        Verdict.FAIL,
        f"Agents can send anywhere: the egress mode of RAI policy strict is {mode}, not Enforced.",
        evidence(mode, "Deny"),
    )


@pytest.mark.parametrize("action", ["Allow", "ALLOW", "Ask"])
def test_fails_when_what_no_rule_names_is_allowed(action: str) -> None:
    """A list of what is denied is no list of what is approved."""
    stated = {"mode": "Enforced", "defaultAction": action}

    assert judge(MONITOR, NAMED, policy(stated)) == Judgement(
        Verdict.FAIL,
        "Agents can send where no rule denies it: the default egress action of RAI policy strict "
        f"is {action}, not Deny.",
        evidence("Enforced", action),
    )


@pytest.mark.parametrize(
    ("egress", "note"),
    [
        (None, ""),
        ("Audit", " (egressPolicy is text, not an object, and counts as absent)"),
    ],
)
def test_passes_without_egress_controls(egress: object, note: str) -> None:
    """There is nothing to enforce."""
    assert judge(MONITOR, NAMED, policy(egress)) == Judgement(
        Verdict.PASS,
        f"RAI policy strict has no egress controls{note}.",
        (
            Evidence(
                Source.DEPLOYMENTS,
                "properties.raiPolicyName",
                "no egress controls, or enforced ones",
                "strict",
            ),
        ),
    )


@pytest.mark.parametrize("name", [None, 5, "", "Microsoft.Default", "MICROSOFT.DefaultV2"])
@pytest.mark.parametrize("problem", [None, FORBIDDEN, NOT_IN_INPUT])
def test_policies_of_microsoft_have_no_egress_controls(
    name: object, problem: Problem | None
) -> None:
    """Absent is Microsoft's default; they need not be in the list."""
    problems = {} if problem is None else {POLICIES: problem}
    judgement = judge(MONITOR, deployment(raiPolicyName=name), problems=problems)

    assert judgement.verdict is Verdict.PASS


def test_a_policy_of_microsoft_that_shows_egress_controls_is_judged_by_them() -> None:
    """What was read counts."""
    judgement = judge(MONITOR, deployment(), policy(AUDITED, "Microsoft.DefaultV2"))

    assert judgement.verdict is Verdict.FAIL
    assert "RAI policy Microsoft.DefaultV2 (the default)" in judgement.message


def test_a_policy_without_egress_controls_has_those_of_its_base() -> None:
    """And of the base of its base; its own come first."""
    audited = policy(AUDITED, "base")
    named = policy(None, base="MIDDLE")
    middle = policy(None, "middle", base="base")

    inherited = judge(MONITOR, NAMED, named, middle, audited)
    own = judge(MONITOR, NAMED, policy(ENFORCED, base="base"), audited)

    assert inherited.verdict is Verdict.FAIL
    assert "the egress mode of a base of RAI policy strict is Audit" in inherited.message
    assert own.verdict is Verdict.PASS


@pytest.mark.parametrize("base", ["Microsoft.DefaultV2", "gone", "strict", 5, None])
def test_a_base_that_is_not_in_the_list_adds_nothing(base: object) -> None:
    """Nor one that leads back, or is none."""
    assert judge(MONITOR, NAMED, policy(None, base=base)).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (FORBIDDEN, Cause.UNREADABLE),
        (NOT_READ, Cause.UNDETERMINED),
        (NOT_IN_INPUT, Cause.UNDETERMINED),
    ],
)
def test_unknown_while_the_policy_or_its_base_is_not_read(problem: Problem, cause: Cause) -> None:
    """A policy that was read and states egress controls itself is judged."""
    problems = {POLICIES: problem}
    unknown = judge(MONITOR, NAMED, problems=problems)
    open_base = judge(MONITOR, NAMED, policy(None, base="base"), problems=problems)
    read = judge(MONITOR, NAMED, policy(AUDITED, base="base"), problems=problems)

    assert (unknown.verdict, unknown.cause) == (Verdict.UNKNOWN, cause)
    assert (open_base.verdict, open_base.cause) == (Verdict.UNKNOWN, cause)
    assert read.verdict is Verdict.FAIL


def test_unknown_when_the_policy_is_not_among_those_of_the_account() -> None:
    """That it is missing is another control's to judge."""
    assert judge(MONITOR, NAMED, policy(AUDITED, "other")) == Judgement(
        Verdict.UNKNOWN,
        "the deployment's RAI policy is not among those of the account",
        cause=Cause.UNDETERMINED,
    )


@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ("2026-05-15-preview", Verdict.PASS),
        ("2026-07-15-preview", Verdict.PASS),
        ("2026-03-15-preview", Verdict.UNKNOWN),
        ("2026-07-01", Verdict.UNKNOWN),
        ("2025-12-01", Verdict.UNKNOWN),
    ],
)
def test_only_newer_preview_apis_show_that_there_are_none(version: str, verdict: Verdict) -> None:
    """Stable ones do not carry egress controls; what is shown counts all the same."""
    assert judge(MONITOR, NAMED, read_with(version, policy())).verdict is verdict
    assert judge(MONITOR, NAMED, read_with(version, policy(AUDITED))).verdict is Verdict.FAIL


def test_unknown_when_an_answer_shows_no_properties() -> None:
    """What is not shown may be there."""
    nameless = changed(deployment(), "properties", ABSENT)
    bare = changed(policy(), "properties", ABSENT)

    for judgement in (judge(MONITOR, nameless), judge(MONITOR, NAMED, bare)):
        assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)


def test_is_off_by_default_and_applies_to_deployments() -> None:
    """The controls are a preview."""
    assert not MONITOR.enabled
    assert MONITOR.applies_to == (AppliesTo(ResourceType.DEPLOYMENT),)
    assert MONITOR.needs == (POLICIES,)
