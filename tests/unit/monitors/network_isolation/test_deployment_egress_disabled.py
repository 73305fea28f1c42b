"""network_isolation.deployment_egress_disabled."""

import pytest

from monitors.network_isolation.deployment_egress_disabled import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import FORBIDDEN, hub, judge, online_deployment, project, read_with, workspace

MODE = "properties.managedNetwork.isolationMode"
FLAG = "properties.egressPublicNetworkAccess"
APPROVED = "AllowOnlyApprovedOutbound"
INTERNET = "AllowInternetOutbound"


def network(mode: object) -> Resource:
    """Return a workspace whose managed network has this isolation mode."""
    return workspace(managedNetwork={"isolationMode": mode})


def egress(flag: object = None, **properties: object) -> Resource:
    """Return a deployment with this flag."""
    return online_deployment(egressPublicNetworkAccess=flag, **properties)


@pytest.mark.parametrize("flag", ["Enabled", "Disabled", None, "Sometimes", 5])
@pytest.mark.parametrize("mode", [APPROVED, APPROVED.upper()])
def test_passes_in_a_network_that_lets_out_only_what_is_approved(mode: str, flag: object) -> None:
    """The deployment's own flag means nothing there."""
    judgement = judge(MONITOR, egress(flag), network(mode))

    assert judgement == Judgement(
        Verdict.PASS,
        "The deployment reaches approved destinations only: the workspace has isolation mode "
        f"{mode}.",
        (
            Evidence(Source.WORKSPACE, MODE, APPROVED, mode),
            Evidence(Source.ONLINE_DEPLOYMENTS, FLAG, "Disabled", flag),
        ),
    )


@pytest.mark.parametrize("flag", ["Enabled", "Disabled", None])
@pytest.mark.parametrize(
    ("mode", "shown"),
    [(INTERNET, INTERNET), ("Airtight", "Airtight (not a known mode)")],
)
def test_fails_in_a_network_with_holes(mode: str, shown: str, flag: object) -> None:
    """The flag cannot make up for it, and a mode that nobody knows may have holes too."""
    judgement = judge(MONITOR, egress(flag), network(mode))

    assert judgement == Judgement(
        Verdict.FAIL,
        "The deployment can send data to the whole internet: the workspace has isolation mode "
        f"{shown}, and in a managed network egressPublicNetworkAccess means nothing.",
        (
            Evidence(Source.WORKSPACE, MODE, APPROVED, mode),
            Evidence(Source.ONLINE_DEPLOYMENTS, FLAG, "Disabled", flag),
        ),
    )


@pytest.mark.parametrize("flag", ["Disabled", "disabled", "DISABLED"])
@pytest.mark.parametrize(
    ("judged", "shown"),
    [
        (network("Disabled"), "isolation mode Disabled"),
        (network(None), "no isolation mode, which means Disabled"),
        (workspace(), "no isolation mode, which means Disabled"),
        (workspace(managedNetwork="none"), "no isolation mode, which means Disabled"),
        (
            network(7),
            (
                "no isolation mode, which means Disabled (isolationMode is a number, not text, and "
                "counts as absent)"
            ),
        ),
    ],
)
def test_passes_without_a_network_by_its_own_flag(judged: Resource, shown: str, flag: str) -> None:
    """Disabled, absent and wrong-typed modes leave it to the flag, in any case."""
    judgement = judge(MONITOR, egress(flag), judged)

    assert judgement.verdict is Verdict.PASS
    assert judgement.message == (
        f"The deployment cannot reach the internet: the workspace has {shown}, and "
        f"egressPublicNetworkAccess is {flag}."
    )


@pytest.mark.parametrize(
    ("flag", "shown"),
    [
        (None, "absent"),
        ("Enabled", "Enabled"),
        ("Sometimes", "Sometimes (not a known value, so it counts as Enabled)"),
        (
            False,
            "absent (egressPublicNetworkAccess is a boolean, not text, and counts as absent)",
        ),
    ],
)
def test_fails_without_a_network_and_flag(flag: object, shown: str) -> None:
    """Absent is Enabled, and so is what nobody knows."""
    judgement = judge(MONITOR, egress(flag), network("Disabled"))

    assert judgement == Judgement(
        Verdict.FAIL,
        "The deployment can send data to the whole internet: the workspace has isolation mode "
        f"Disabled, and egressPublicNetworkAccess is {shown}.",
        (
            Evidence(Source.WORKSPACE, MODE, APPROVED, "Disabled"),
            Evidence(Source.ONLINE_DEPLOYMENTS, FLAG, "Disabled", flag),
        ),
    )


def test_a_deployment_of_a_project_is_judged_by_the_hub() -> None:
    """The project's own network settings mean nothing."""
    isolated = {"isolationMode": APPROVED}
    passing = judge(MONITOR, egress(), project(), hub(managedNetwork=isolated))
    failing = judge(MONITOR, egress(), project(managedNetwork=isolated), hub())

    assert passing.verdict is Verdict.PASS
    assert passing.message.endswith(
        "the project's hub has isolation mode AllowOnlyApprovedOutbound."
    )
    assert passing.evidence[0].source == Source.HUB
    assert failing.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (FORBIDDEN, Cause.UNREADABLE),
        (NOT_READ, Cause.UNDETERMINED),
        (NOT_IN_INPUT, Cause.UNDETERMINED),
    ],
)
def test_without_the_workspace_the_flag_decides_against_it(problem: Problem, cause: Cause) -> None:
    """Disabled may be overruled by a managed network, so it is unknown; all else fails."""
    problems = {Source.WORKSPACE: problem}
    closed = judge(MONITOR, egress("Disabled"), problems=problems)
    open_ones = [judge(MONITOR, egress(flag), problems=problems) for flag in ("Enabled", None, "?")]

    assert closed == Judgement(
        Verdict.UNKNOWN,
        "egressPublicNetworkAccess is Disabled, but a managed network would overrule it, and the "
        f"workspace could not be read: {problem.detail}.",
        (Evidence(Source.ONLINE_DEPLOYMENTS, FLAG, "Disabled", "Disabled"),),
        cause,
    )
    assert [each.verdict for each in open_ones] == [Verdict.FAIL] * 3
    assert open_ones[0] == Judgement(
        Verdict.FAIL,
        "Nothing shows that the deployment is closed: egressPublicNetworkAccess is Enabled, and "
        f"the workspace could not be read: {problem.detail}.",
        (Evidence(Source.ONLINE_DEPLOYMENTS, FLAG, "Disabled", "Enabled"),),
    )


@pytest.mark.parametrize(
    ("above", "problems", "cause", "shown"),
    [
        (
            (project(),),
            {Source.HUB: FORBIDDEN},
            Cause.UNREADABLE,
            "the hub could not be read: 403 Forbidden",
        ),
        (
            (project(hubResourceId=None), hub()),
            {},
            Cause.UNDETERMINED,
            "the project names no hub, whose network counts",
        ),
        (
            (read_with("2023-04-01", network(APPROVED)),),
            {},
            Cause.UNDETERMINED,
            (
                "the workspace was read with API version 2023-04-01, and only 2023-10-01 and later "
                "show managed networks"
            ),
        ),
    ],
)
def test_a_network_that_cannot_be_told_is_as_one_that_could_not_be_read(
    above: tuple[Resource, ...], problems: dict[Source, Problem], cause: Cause, shown: str
) -> None:
    """No hub, none named, or an answer that does not show networks."""
    closed = judge(MONITOR, egress("Disabled"), *above, problems=problems)
    opened = judge(MONITOR, egress(), *above, problems=problems)

    assert (closed.verdict, closed.cause) == (Verdict.UNKNOWN, cause)
    assert closed.message.endswith(f", and {shown}.")
    assert opened.verdict is Verdict.FAIL


@pytest.mark.parametrize("kind", ["Kubernetes", "kubernetes"])
def test_a_deployment_on_kubernetes_is_not_concerned(kind: str) -> None:
    """Whatever else it and its workspace say."""
    judgement = judge(MONITOR, egress("Enabled", endpointComputeType=kind), network(INTERNET))

    assert judgement == Judgement(
        Verdict.NOT_APPLICABLE,
        "The deployment runs on a Kubernetes cluster of the customer, whose network decides.",
    )


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        ("managed", ""),
        (None, ""),
        ("Quantum", " endpointComputeType is Quantum, which counts as Managed."),
        (
            1,
            (
                " endpointComputeType is absent (endpointComputeType is a number, not text, and "
                "counts as absent), which counts as Managed."
            ),
        ),
    ],
)
def test_what_is_not_on_kubernetes_counts_as_managed(kind: object, note: str) -> None:
    """Absent means Managed; another type does too, and the message says so."""
    judgement = judge(MONITOR, egress("Disabled", endpointComputeType=kind), workspace())

    assert judgement.verdict is Verdict.PASS
    assert judgement.message.endswith(f"egressPublicNetworkAccess is Disabled.{note}")


def test_applies_to_online_deployments_read_with_an_api_that_shows_the_flag() -> None:
    """Batch deployments have no such flag."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ONLINE_DEPLOYMENT),)
    assert MONITOR.needs == (Source.WORKSPACE, Source.HUB)
    assert MONITOR.since == {ResourceType.ONLINE_DEPLOYMENT: "2022-10-01"}
