"""network_isolation.endpoint_public_access_disabled."""

import pytest

from monitors.network_isolation.endpoint_public_access_disabled import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Evidence, Judgement, Verdict
from tests.arm import WORKSPACE_ID, judge, resource

ACCESS = "properties.publicNetworkAccess"


def endpoint(access: object = None, *, kind: object = "Managed") -> Resource:
    """Return an online endpoint of the workspace."""
    return resource(
        f"{WORKSPACE_ID}/onlineEndpoints/endpoint",
        properties={"authMode": "AADToken", "publicNetworkAccess": access},
        kind=kind,
        location="swedencentral",
    )


@pytest.mark.parametrize("spelling", ["Disabled", "disabled", "DISABLED"])
def test_passes_when_public_access_is_disabled(spelling: str) -> None:
    """In any case."""
    assert judge(MONITOR, endpoint(spelling)) == Judgement(
        Verdict.PASS,
        f"The internet cannot reach the endpoint: publicNetworkAccess is {spelling}.",
        (Evidence(Source.ONLINE_ENDPOINTS, ACCESS, "Disabled", spelling),),
    )


@pytest.mark.parametrize(
    ("access", "shown"),
    [
        (None, "absent"),
        ("Enabled", "Enabled"),
        (
            "SecuredByPerimeter",
            "SecuredByPerimeter (not a known value, so it counts as Enabled)",
        ),
        (False, "absent (publicNetworkAccess is a boolean, not text, and counts as absent)"),
    ],
)
def test_fails_when_open(access: object, shown: str) -> None:
    """Absent is Enabled; a value that is not known counts as that."""
    assert judge(MONITOR, endpoint(access)) == Judgement(
        Verdict.FAIL,
        f"The endpoint can be called over the internet: publicNetworkAccess is {shown}.",
        (Evidence(Source.ONLINE_ENDPOINTS, ACCESS, "Disabled", access),),
    )


@pytest.mark.parametrize("kind", ["Kubernetes", "KUBERNETES"])
@pytest.mark.parametrize("access", ["Enabled", "Disabled", None])
def test_an_endpoint_on_kubernetes_is_not_concerned(kind: str, access: object) -> None:
    """The cluster's network decides who can reach it."""
    assert judge(MONITOR, endpoint(access, kind=kind)) == Judgement(
        Verdict.NOT_APPLICABLE,
        "The endpoint is on a Kubernetes cluster of the customer, whose network decides.",
    )


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (None, "absent"),
        ("Quantum", "Quantum"),
        (5, "absent (kind is a number, not text, and counts as absent)"),
    ],
)
def test_an_endpoint_of_no_known_kind_counts_as_managed(kind: object, shown: str) -> None:
    """It is judged like one, and the message says so."""
    opened = judge(MONITOR, endpoint(kind=kind))
    closed = judge(MONITOR, endpoint("Disabled", kind=kind))

    assert (opened.verdict, closed.verdict) == (Verdict.FAIL, Verdict.PASS)
    for each in (opened, closed):
        assert each.message.endswith(f" Its kind is {shown}, which counts as Managed.")


def test_the_kind_is_read_in_any_case() -> None:
    """No note on a kind that is known."""
    assert "kind" not in judge(MONITOR, endpoint(kind="MANAGED")).message


def test_applies_to_online_endpoints_read_with_an_api_that_shows_it() -> None:
    """Batch endpoints have no such property."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ONLINE_ENDPOINT),)
    assert MONITOR.since == {ResourceType.ONLINE_ENDPOINT: "2022-10-01"}
