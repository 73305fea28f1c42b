"""network_isolation.managed_network_isolated."""

import pytest
from pydantic import ValidationError

from monitors.network_isolation.managed_network_isolated import (
    MONITOR,
    ManagedNetworkParameters,
)
from shared.domain.control import AppliesTo
from shared.domain.isolation_mode import IsolationMode
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import (
    FORBIDDEN,
    account,
    hub,
    judge,
    managed_network,
    private_endpoints,
    project,
    read_with,
    workspace,
)

PATH = "properties.managedNetwork.isolationMode"
REQUIRED = "AllowOnlyApprovedOutbound or stricter"
MANAGED = [{"scenario": "agent", "useMicrosoftManagedNetwork": True}]
OWN_SUBNET = [{"scenario": "agent", "subnetArmId": "/subscriptions/s/…/subnets/agents"}]
CUSTOMER_VNET = {
    "publicNetworkAccess": "Disabled",
    "privateEndpointConnections": private_endpoints("Approved"),
}


def foundry(**properties: object) -> Resource:
    """Return a Foundry account."""
    return account(kind="AIServices", **properties)


# --- accounts ---


@pytest.mark.parametrize("injections", [MANAGED, None, [], [{"scenario": "none"}]])
def test_an_account_is_judged_by_the_managed_network_that_it_has(injections: object) -> None:
    """A managed network counts whether or not the account says that agents use it."""
    judged = foundry(networkInjections=injections)

    assert judge(MONITOR, judged, managed_network("allowonlyapprovedoutbound")) == Judgement(
        Verdict.PASS,
        "The account has isolation mode allowonlyapprovedoutbound.",
        (Evidence(Source.MANAGED_NETWORKS, PATH, REQUIRED, "allowonlyapprovedoutbound"),),
    )
    assert judge(MONITOR, judged, managed_network("AllowInternetOutbound")) == Judgement(
        Verdict.FAIL,
        "The account has isolation mode AllowInternetOutbound; AllowOnlyApprovedOutbound is "
        "required.",
        (Evidence(Source.MANAGED_NETWORKS, PATH, REQUIRED, "AllowInternetOutbound"),),
    )


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        (None, "no isolation mode, which means Disabled"),
        (
            7,
            (
                "no isolation mode, which means Disabled (isolationMode is a number, not text, and "
                "counts as absent)"
            ),
        ),
        ("Airtight", "isolation mode Airtight (not a known mode)"),
    ],
)
def test_a_mode_that_is_absent_or_not_known_fails(mode: object, shown: str) -> None:
    """Absent means Disabled; a mode that nobody knows may be weaker still."""
    judgement = judge(MONITOR, foundry(networkInjections=MANAGED), managed_network(mode))

    assert judgement == Judgement(
        Verdict.FAIL,
        f"The account has {shown}; AllowOnlyApprovedOutbound is required.",
        (Evidence(Source.MANAGED_NETWORKS, PATH, REQUIRED, mode),),
    )


def test_an_account_whose_agents_need_a_managed_network_and_have_none_fails() -> None:
    """Without the managed network that they are set to, agents can send anywhere."""
    judgement = judge(MONITOR, foundry(networkInjections=MANAGED))

    assert judgement == Judgement(
        Verdict.FAIL,
        "The account has no isolation mode, which means Disabled; "
        "AllowOnlyApprovedOutbound is required.",
        (Evidence(Source.MANAGED_NETWORKS, PATH, REQUIRED, None),),
    )


def test_a_managed_network_that_exists_is_judged_beside_a_subnet_of_its_own() -> None:
    """Whatever uses it can send data where it lets it."""
    weak = managed_network("Disabled")

    assert judge(MONITOR, foundry(networkInjections=OWN_SUBNET), weak).verdict is Verdict.FAIL


def test_an_account_with_a_subnet_of_its_own_is_not_concerned() -> None:
    """Agents in the customer's subnet are judged by another control."""
    judgement = judge(MONITOR, foundry(networkInjections=OWN_SUBNET))

    assert judgement == Judgement(
        Verdict.NOT_APPLICABLE,
        "Agents run in a subnet of the customer, not in a managed network.",
    )


def test_one_managed_injection_is_enough_to_be_judged() -> None:
    """An own subnet beside it does not take the managed network out of sight."""
    judgement = judge(MONITOR, foundry(networkInjections=[*OWN_SUBNET, *MANAGED]))

    assert judgement.verdict is Verdict.FAIL


@pytest.mark.parametrize("problems", [{}, {Source.MANAGED_NETWORKS: NOT_IN_INPUT}])
def test_an_account_without_any_managed_network_is_not_concerned(
    problems: dict[Source, Problem],
) -> None:
    """Nothing injected and no managed network, in Azure or in the input: nothing to judge."""
    judgement = judge(MONITOR, foundry(networkInjections="none"), problems=problems)

    assert judgement == Judgement(
        Verdict.NOT_APPLICABLE,
        "The account has no managed network (networkInjections is text, not a list, and counts as "
        "absent).",
    )


@pytest.mark.parametrize(
    ("injections", "problem", "cause"),
    [
        (MANAGED, FORBIDDEN, Cause.UNREADABLE),
        (MANAGED, NOT_READ, Cause.UNDETERMINED),
        (MANAGED, NOT_IN_INPUT, Cause.UNDETERMINED),
        (None, FORBIDDEN, Cause.UNREADABLE),
        (None, NOT_READ, Cause.UNDETERMINED),
    ],
)
def test_an_account_is_unknown_while_its_managed_network_is(
    injections: object, problem: Problem, cause: Cause
) -> None:
    """What could not be read may be there, isolated or not."""
    judgement = judge(
        MONITOR,
        foundry(networkInjections=injections),
        problems={Source.MANAGED_NETWORKS: problem},
    )

    assert judgement == Judgement(
        Verdict.UNKNOWN,
        f"The account's managed network could not be read: {problem.detail}.",
        cause=cause,
    )


def test_a_managed_network_that_was_read_counts_although_the_list_broke_off() -> None:
    """What was seen is there."""
    judgement = judge(
        MONITOR,
        foundry(),
        managed_network("Disabled"),
        problems={Source.MANAGED_NETWORKS: FORBIDDEN},
    )

    assert judgement.verdict is Verdict.FAIL


# --- workspaces ---


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [
        ("AllowOnlyApprovedOutbound", Verdict.PASS),
        ("ALLOWONLYAPPROVEDOUTBOUND", Verdict.PASS),
        ("AllowInternetOutbound", Verdict.FAIL),
        ("Disabled", Verdict.FAIL),
        ("Airtight", Verdict.FAIL),
        (None, Verdict.FAIL),
        (False, Verdict.FAIL),
    ],
)
def test_a_workspace_is_judged_by_its_isolation_mode(mode: object, verdict: Verdict) -> None:
    """Only the strictest mode passes by default; absent is Disabled."""
    judgement = judge(MONITOR, workspace(managedNetwork={"isolationMode": mode}))

    assert judgement.verdict is verdict
    assert judgement.evidence == (Evidence(Source.WORKSPACE, PATH, REQUIRED, mode),)


def test_a_workspace_without_any_network_setting_fails() -> None:
    """Absent means Disabled, and there is no network of the customer either."""
    judgement = judge(MONITOR, workspace())

    assert judgement.message == (
        "The workspace has no isolation mode, which means Disabled; "
        "AllowOnlyApprovedOutbound is required."
    )


def test_a_workspace_in_a_network_of_the_customer_is_not_concerned() -> None:
    """Public access disabled and an approved private endpoint: the customer's network decides."""
    judgement = judge(MONITOR, workspace(**CUSTOMER_VNET))

    assert judgement == Judgement(
        Verdict.NOT_APPLICABLE,
        "The workspace has no managed network but lies in one of the customer: public access is "
        "disabled and a private endpoint is approved.",
    )


@pytest.mark.parametrize(
    "missing",
    [
        {"publicNetworkAccess": "Enabled"},
        {"publicNetworkAccess": None},
        {"privateEndpointConnections": private_endpoints("Pending")},
        {"managedNetwork": {"isolationMode": "AllowInternetOutbound"}},
        {"managedNetwork": {"isolationMode": "Airtight"}},
    ],
)
def test_a_customer_network_needs_both_and_no_managed_one(missing: dict[str, object]) -> None:
    """Half of it is no isolation, and a managed network with holes stays one."""
    assert judge(MONITOR, workspace(**CUSTOMER_VNET | missing)).verdict is Verdict.FAIL


def test_customer_networks_can_be_refused() -> None:
    """With accept_customer_vnet false every workspace needs a managed network."""
    strict = ManagedNetworkParameters(accept_customer_vnet=False)

    assert judge(MONITOR, workspace(**CUSTOMER_VNET), parameters=strict).verdict is Verdict.FAIL


def test_a_project_is_judged_by_its_hub() -> None:
    """The hub's network is the project's, whatever the project itself shows."""
    isolated = {"isolationMode": "AllowOnlyApprovedOutbound"}
    passing = judge(MONITOR, project(), hub(managedNetwork=isolated))
    failing = judge(MONITOR, project(managedNetwork=isolated), hub())

    assert passing == Judgement(
        Verdict.PASS,
        "The project's hub has isolation mode AllowOnlyApprovedOutbound.",
        (Evidence(Source.HUB, PATH, REQUIRED, "AllowOnlyApprovedOutbound"),),
    )
    assert failing.verdict is Verdict.FAIL
    assert judge(MONITOR, project(), hub(**CUSTOMER_VNET)).verdict is Verdict.NOT_APPLICABLE


def test_a_project_is_unknown_without_its_hub() -> None:
    """An unreadable hub leaves it open, and so does one read with an API that shows too little."""
    unread = judge(MONITOR, project(), problems={Source.HUB: FORBIDDEN})
    gone = judge(MONITOR, project())
    outdated = judge(MONITOR, project(), read_with("2023-04-01", hub()))

    assert (unread.verdict, unread.cause) == (Verdict.UNKNOWN, Cause.UNREADABLE)
    assert (gone.verdict, gone.cause) == (Verdict.UNKNOWN, Cause.UNREADABLE)
    assert outdated == Judgement(
        Verdict.UNKNOWN,
        "The project's hub was read with API version 2023-04-01, and only 2023-10-01 and later "
        "show managed networks.",
        cause=Cause.UNDETERMINED,
    )


# --- parameters ---


@pytest.mark.parametrize("spelling", ["AllowInternetOutbound", "allowinternetoutbound"])
def test_a_weaker_mode_can_be_required(spelling: str) -> None:
    """What is required is read in any case, and stricter modes pass too."""
    weaker = ManagedNetworkParameters.model_validate({"required": spelling})
    modes = ("AllowOnlyApprovedOutbound", "AllowInternetOutbound", "Disabled", "Airtight")
    verdicts = [
        judge(MONITOR, workspace(managedNetwork={"isolationMode": mode}), parameters=weaker).verdict
        for mode in modes
    ]

    assert weaker.required is IsolationMode.ALLOW_INTERNET_OUTBOUND
    assert verdicts == [Verdict.PASS, Verdict.PASS, Verdict.FAIL, Verdict.FAIL]


def test_nothing_is_required_with_disabled() -> None:
    """Required Disabled is met by every known mode and by none at all."""
    lax = ManagedNetworkParameters(required=IsolationMode.DISABLED)

    assert judge(MONITOR, workspace(), parameters=lax).verdict is Verdict.PASS
    assert judge(MONITOR, foundry(networkInjections=MANAGED), parameters=lax).verdict is (
        Verdict.PASS
    )


@pytest.mark.parametrize("required", ["Airtight", 5, None])
def test_a_mode_that_does_not_exist_cannot_be_required(required: object) -> None:
    """A typo in a policy is refused."""
    with pytest.raises(ValidationError):
        ManagedNetworkParameters.model_validate({"required": required})


def test_applies_to_foundry_accounts_and_workspaces_read_with_an_api_that_shows_it() -> None:
    """Only Foundry accounts have managed networks, and older APIs do not show them."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.ACCOUNT, kinds=frozenset({"aiservices"})),
        AppliesTo(ResourceType.WORKSPACE),
    )
    assert MONITOR.needs == (Source.MANAGED_NETWORKS, Source.HUB)
    assert MONITOR.since == {
        ResourceType.ACCOUNT: "2025-12-01",
        ResourceType.WORKSPACE: "2023-10-01",
    }
