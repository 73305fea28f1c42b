"""network_isolation.private_endpoint_approved."""

from collections.abc import Callable

import pytest

from monitors.network_isolation.private_endpoint_approved import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import FORBIDDEN, account, hub, judge, private_endpoints, project, workspace

PATH = "properties.privateEndpointConnections[].properties.privateLinkServiceConnectionState.status"


@pytest.mark.parametrize(
    ("build", "source", "called"),
    [(account, Source.ACCOUNT, "account"), (workspace, Source.WORKSPACE, "workspace")],
)
class TestAccountsAndWorkspaces:
    """Accounts and workspaces of their own are judged by their own connections."""

    def test_pass_with_an_approved_connection(
        self, build: Callable[..., Resource], source: Source, called: str
    ) -> None:
        """One approved connection among others is enough, in any case."""
        connections = private_endpoints("Pending", "approved")
        judgement = judge(MONITOR, build(privateEndpointConnections=connections))

        assert judgement == Judgement(
            Verdict.PASS,
            f"The {called} has an approved private endpoint connection.",
            (Evidence(source, PATH, "one that is Approved", ["Pending", "approved"]),),
        )

    def test_fail_without_an_approved_connection(
        self, build: Callable[..., Resource], source: Source, called: str
    ) -> None:
        """Connections that nobody approved do not count, nor what is no connection."""
        connections = [*private_endpoints("Rejected", "Pending", None), "Approved", None]
        judgement = judge(MONITOR, build(privateEndpointConnections=connections))
        statuses = ["Rejected", "Pending", "no status"]

        assert judgement == Judgement(
            Verdict.FAIL,
            f"The {called} has no approved private endpoint connection: none of its 3 is approved "
            "(Pending, Rejected, no status).",
            (Evidence(source, PATH, "one that is Approved", statuses),),
        )

    @pytest.mark.parametrize("stated", [{}, {"privateEndpointConnections": None}])
    def test_fail_without_any_connection(
        self,
        build: Callable[..., Resource],
        source: Source,
        called: str,
        stated: dict[str, object],
    ) -> None:
        """No list of connections means none."""
        judgement = judge(MONITOR, build(**stated))

        assert judgement == Judgement(
            Verdict.FAIL,
            f"The {called} has no approved private endpoint connection: it has none.",
            (Evidence(source, PATH, "one that is Approved", None),),
        )

    def test_fail_when_the_connections_are_no_list(
        self, build: Callable[..., Resource], source: Source, called: str
    ) -> None:
        """A value of the wrong type counts as absent, and the message says so."""
        judgement = judge(MONITOR, build(privateEndpointConnections="Approved"))

        assert judgement == Judgement(
            Verdict.FAIL,
            f"The {called} has no approved private endpoint connection: it has none "
            "(privateEndpointConnections is text, not a list, and counts as absent).",
            (Evidence(source, PATH, "one that is Approved", "Approved"),),
        )


def test_a_project_passes_by_its_hub() -> None:
    """The hub's connections count, not the project's own."""
    judgement = judge(
        MONITOR, project(), hub(privateEndpointConnections=private_endpoints("Approved"))
    )

    assert judgement == Judgement(
        Verdict.PASS,
        "The project's hub has an approved private endpoint connection.",
        (Evidence(Source.HUB, PATH, "one that is Approved", ["Approved"]),),
    )


def test_a_project_fails_by_its_hub() -> None:
    """A connection of the project itself does not make up for the hub's."""
    judgement = judge(
        MONITOR, project(privateEndpointConnections=private_endpoints("Approved")), hub()
    )

    assert judgement.verdict is Verdict.FAIL
    assert judgement.evidence[0].source == Source.HUB


def test_a_project_is_unknown_without_its_hub() -> None:
    """An unreadable hub leaves it open, and so does a project that names none."""
    unread = judge(MONITOR, project(), problems={Source.HUB: FORBIDDEN})
    unnamed = judge(MONITOR, project(hubResourceId=None), hub())

    assert (unread.verdict, unread.cause) == (Verdict.UNKNOWN, Cause.UNREADABLE)
    assert (unnamed.verdict, unnamed.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)


def test_applies_to_accounts_of_every_kind_and_workspaces() -> None:
    """Both can have private endpoints."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.ACCOUNT),
        AppliesTo(ResourceType.WORKSPACE),
    )
    assert MONITOR.needs == (Source.HUB,)
