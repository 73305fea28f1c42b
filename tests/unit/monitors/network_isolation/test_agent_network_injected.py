"""network_isolation.agent_network_injected."""

import pytest

from monitors.network_isolation.agent_network_injected import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Verdict
from tests.arm import account, judge

PATH = "properties.networkInjections"
EXPECTED = "one of scenario agent, with a subnetArmId or useMicrosoftManagedNetwork"
SUBNET = {"scenario": "agent", "subnetArmId": "/subscriptions/s/…/subnets/agents"}
MANAGED = {"scenario": "agent", "useMicrosoftManagedNetwork": True}
NEITHER = {"scenario": "none", "subnetArmId": "", "useMicrosoftManagedNetwork": False}


def foundry(**properties: object) -> Resource:
    """Return a Foundry account that can have projects."""
    return account(kind="AIServices", **{"allowProjectManagement": True, **properties})


@pytest.mark.parametrize(
    ("injections", "message"),
    [
        ([SUBNET], "Agents run in a subnet of the customer."),
        ([MANAGED], "Agents run in a network that Microsoft manages."),
        ([{**SUBNET, "scenario": "AGENT"}], "Agents run in a subnet of the customer."),
        ([NEITHER, None, "agent", SUBNET], "Agents run in a subnet of the customer."),
        (
            [{**MANAGED, "subnetArmId": ""}, NEITHER],
            "Agents run in a network that Microsoft manages.",
        ),
        ([{**MANAGED, "subnetArmId": 5}], "Agents run in a network that Microsoft manages."),
    ],
)
def test_passes_with_an_injection_of_agents(injections: list[object], message: str) -> None:
    """A subnet or a managed network will do, wherever in the list it stands."""
    assert judge(MONITOR, foundry(networkInjections=injections)) == Judgement(
        Verdict.PASS, message, (Evidence(Source.ACCOUNT, PATH, EXPECTED, injections),)
    )


@pytest.mark.parametrize(
    ("stated", "observed", "found"),
    [
        ({}, None, "it has no network injection"),
        ({"networkInjections": None}, None, "it has no network injection"),
        ({"networkInjections": []}, [], "it has no network injection"),
        (
            {"networkInjections": SUBNET},
            SUBNET,
            (
                "it has no network injection (networkInjections is an object, not a list, and "
                "counts as absent)"
            ),
        ),
    ],
)
def test_fails_without_any_injection(
    stated: dict[str, object], observed: object, found: str
) -> None:
    """Absent means none; a value of the wrong type counts as absent."""
    assert judge(MONITOR, foundry(**stated)) == Judgement(
        Verdict.FAIL,
        f"Agents of the account run in no network of their own: {found}.",
        (Evidence(Source.ACCOUNT, PATH, EXPECTED, observed),),
    )


@pytest.mark.parametrize(
    "injection",
    [
        NEITHER,
        {**SUBNET, "scenario": "none"},
        {**MANAGED, "scenario": "something new"},
        {"subnetArmId": "/subscriptions/s/…/subnets/agents"},
        {**SUBNET, "subnetArmId": ""},
        {**SUBNET, "subnetArmId": "  "},
        {**SUBNET, "subnetArmId": ["x"]},
        {**MANAGED, "useMicrosoftManagedNetwork": "true"},
        {**MANAGED, "useMicrosoftManagedNetwork": 1},
        "agent",
        None,
    ],
)
def test_fails_with_injections_that_do_not_hold_agents(injection: object) -> None:
    """Another scenario, or neither a subnet nor the managed network, injects no agents."""
    assert judge(MONITOR, foundry(networkInjections=[injection])) == Judgement(
        Verdict.FAIL,
        "Agents of the account run in no network of their own: none of its network injections "
        "(1) is of scenario agent and names a subnet or the managed network.",
        (Evidence(Source.ACCOUNT, PATH, EXPECTED, [injection]),),
    )


@pytest.mark.parametrize(
    ("allowed", "shown"),
    [
        (False, "false"),
        (None, "absent"),
        (
            "true",
            "absent (allowProjectManagement is text, not a boolean, and counts as absent)",
        ),
    ],
)
def test_an_account_without_projects_is_not_concerned(allowed: object, shown: str) -> None:
    """Agents live in projects; without the flag there are none."""
    assert judge(MONITOR, foundry(allowProjectManagement=allowed)) == Judgement(
        Verdict.NOT_APPLICABLE,
        f"The account has no projects whose agents could run: allowProjectManagement is {shown}.",
    )


def test_applies_to_foundry_accounts() -> None:
    """Older API versions show neither projects nor network injections."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT, kinds=frozenset({"aiservices"})),)
    assert MONITOR.since == {ResourceType.ACCOUNT: "2025-06-01"}
