"""network_isolation.private_endpoint_own_tenant."""

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from monitors.network_isolation.private_endpoint_own_tenant import MONITOR, OwnTenantParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import (
    ABSENT,
    SUBSCRIPTION,
    account,
    changed,
    hub,
    judge,
    private_endpoints,
    project,
    workspace,
)

HUB = "11111111-0000-0000-0000-00000000000a"
STRANGER = "99999999-0000-0000-0000-000000000009"
LISTS = "properties.privateEndpointConnections"
PATH = f"{LISTS}[].properties.privateEndpoint.id"
EXPECTED = "in a subscription that is monitored or listed in subscriptions"
OWN = OwnTenantParameters(subscriptions=(HUB,))
FAILS = (
    "Approved private endpoint connections lead into a subscription that is neither monitored nor "
    "listed in subscriptions"
)


def endpoint(subscription: str, name: str = "pe") -> str:
    """Return the id of a private endpoint."""
    group = f"/subscriptions/{subscription}/resourceGroups/rg-net"
    return f"{group}/providers/Microsoft.Network/privateEndpoints/{name}"


def connection(endpoint_id: object, status: object = "Approved") -> dict[str, object]:
    """Return an entry of `privateEndpointConnections`."""
    return {
        "properties": {
            "privateEndpoint": {"id": endpoint_id},
            "privateLinkServiceConnectionState": {"status": status},
        }
    }


@pytest.mark.parametrize(
    ("build", "source"), [(account, Source.ACCOUNT), (workspace, Source.WORKSPACE)]
)
class TestAccountsAndWorkspaces:
    """Both embed their connections alike."""

    def test_pass_while_all_are_the_organisations(
        self, build: Callable[..., Resource], source: Source
    ) -> None:
        """Monitored subscriptions count, and those that the policy lists, in any case."""
        ids = [endpoint(SUBSCRIPTION), endpoint(HUB.upper())]
        judged = build(privateEndpointConnections=[connection(each) for each in ids])

        assert judge(MONITOR, judged, parameters=OWN) == Judgement(
            Verdict.PASS,
            "Every approved private endpoint lies in a subscription of the organisation.",
            (Evidence(source, PATH, EXPECTED, ids),),
        )

    @pytest.mark.parametrize("turn", [1, -1])
    def test_fail_with_one_elsewhere(
        self, build: Callable[..., Resource], source: Source, turn: int
    ) -> None:
        """One is enough, wherever in the list it stands; it is named, and so is its id."""
        foreign = endpoint(STRANGER, "pe-odd")
        connections = [connection(endpoint(SUBSCRIPTION)), connection(foreign, "approved")]
        judged = build(privateEndpointConnections=connections[::turn])

        assert judge(MONITOR, judged, parameters=OWN) == Judgement(
            Verdict.FAIL,
            f"{FAILS} (1 of 2): pe-odd.",
            (Evidence(source, PATH, EXPECTED, [foreign]),),
        )

    @pytest.mark.parametrize("status", ["Pending", "Rejected", "Disconnected", None, 5])
    def test_only_approved_connections_count(
        self, build: Callable[..., Resource], source: Source, status: object
    ) -> None:
        """Nobody comes in over a connection that was not approved."""
        judged = build(privateEndpointConnections=[connection(endpoint(STRANGER), status)])
        judgement = judge(MONITOR, judged, parameters=OWN)

        assert judgement.verdict is Verdict.PASS
        assert judgement.message == "No private endpoint connection is approved."
        assert judgement.evidence[0].source == source

    @pytest.mark.parametrize(
        ("endpoint_id", "name"),
        [
            (None, "one without an endpoint id"),
            ("", "one without an endpoint id"),
            (
                5,
                ("one without an endpoint id (id is a number, not text, and counts as absent)"),
            ),
            ("pe", "one whose private endpoint is no ARM id"),
            (
                f"/subscription/{SUBSCRIPTION}/resourceGroups/rg",
                "one whose private endpoint is no ARM id",
            ),
        ],
    )
    def test_fail_when_it_does_not_say_where_it_leads(
        self, build: Callable[..., Resource], source: Source, endpoint_id: object, name: str
    ) -> None:
        """An approved connection without a readable id may lead anywhere."""
        judged = build(privateEndpointConnections=[connection(endpoint_id)])

        assert judge(MONITOR, judged, parameters=OWN) == Judgement(
            Verdict.FAIL,
            f"{FAILS} (1 of 1): {name}.",
            (Evidence(source, PATH, EXPECTED, [endpoint_id]),),
        )

    def test_not_applicable_while_nothing_is_listed(
        self, build: Callable[..., Resource], source: Source
    ) -> None:
        """Without the list every network hub would fail."""
        judged = build(privateEndpointConnections=[connection(endpoint(STRANGER))])

        assert judge(MONITOR, judged) == Judgement(
            Verdict.NOT_APPLICABLE,
            "The policy does not list the organisation's own subscriptions (subscriptions is "
            "empty).",
        )
        assert source

    @pytest.mark.parametrize(
        ("stated", "note"),
        [
            ({}, ""),
            ({LISTS.removeprefix("properties."): None}, ""),
            ({LISTS.removeprefix("properties."): []}, ""),
            (
                {LISTS.removeprefix("properties."): "none"},
                " (privateEndpointConnections is text, not a list, and counts as absent)",
            ),
        ],
    )
    def test_pass_without_connections(
        self,
        build: Callable[..., Resource],
        source: Source,
        stated: dict[str, object],
        note: str,
    ) -> None:
        """Where there is none, none leads elsewhere."""
        observed = stated.get("privateEndpointConnections")

        assert judge(MONITOR, build(**stated), parameters=OWN) == Judgement(
            Verdict.PASS,
            f"No private endpoint connection is approved{note}.",
            (Evidence(source, LISTS, "none that is approved elsewhere", observed),),
        )


@pytest.mark.parametrize("build", [account, workspace])
def test_unknown_without_properties(build: Callable[..., Resource]) -> None:
    """A list of resources without their properties says nothing of connections."""
    judgement = judge(MONITOR, changed(build(), "properties", ABSENT), parameters=OWN)

    assert judgement.cause is Cause.UNDETERMINED
    assert judgement.message == "the resource is shown without its properties"


def test_the_first_five_are_named() -> None:
    """The message does not grow with the list."""
    connections = [connection(endpoint(STRANGER, f"pe-{number}")) for number in range(8)]
    judged = account(privateEndpointConnections=connections)
    judgement = judge(MONITOR, judged, parameters=OWN)

    assert judgement.message == f"{FAILS} (8 of 8): pe-0, pe-1, pe-2, pe-3, pe-4 and 3 more."


def test_a_subscription_that_is_no_longer_monitored_is_elsewhere() -> None:
    """What is monitored is what the monitor watches now."""
    judged = account(privateEndpointConnections=[connection(endpoint(SUBSCRIPTION))])

    assert judge(MONITOR, judged, parameters=OWN, watched=()).verdict is Verdict.FAIL
    assert judge(MONITOR, judged, parameters=OWN, watched=(SUBSCRIPTION,)).verdict is Verdict.PASS


def test_a_project_is_judged_by_its_own_connections() -> None:
    """The hub's are judged at the hub."""
    foreign = {"privateEndpointConnections": [connection(endpoint(STRANGER))]}

    assert judge(MONITOR, project(), hub(**foreign), parameters=OWN).verdict is Verdict.PASS
    assert judge(MONITOR, project(**foreign), hub(), parameters=OWN).verdict is Verdict.FAIL


def test_what_is_no_connection_is_passed_over() -> None:
    """Only objects can be approved; one without an endpoint fails, whoever built it."""
    entries: list[object] = [None, "Approved", 5, *private_endpoints("Approved")]

    assert judge(MONITOR, account(privateEndpointConnections=entries), parameters=OWN).message == (
        f"{FAILS} (1 of 1): one without an endpoint id."
    )


@pytest.mark.parametrize("text", ["", "My subscription", "/subscriptions/x", "*", "a/b", "ä"])
def test_refuses_what_is_no_subscription_id(text: str) -> None:
    """A name or a path would never match anything."""
    with pytest.raises(ValidationError, match="is no subscription id; write the id alone"):
        OwnTenantParameters(subscriptions=(text,))


def test_subscriptions_are_stripped_and_compared_in_lower_case() -> None:
    """The policy keeps the spelling it came in."""
    parameters = OwnTenantParameters(subscriptions=(f" {HUB.upper()} ",))

    assert parameters.subscriptions == (HUB.upper(),)
    assert parameters.known == {HUB}


def test_applies_to_ai_accounts_and_workspaces() -> None:
    """Both can have private endpoints."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),
        AppliesTo(ResourceType.WORKSPACE),
    )
    assert MONITOR.needs == ()
