"""catalog_models.unscanned_isolated."""

import pytest

from monitors.catalog_models.model_scanned import MONITOR as MODEL_SCANNED
from monitors.catalog_models.unscanned_isolated import MONITOR
from monitors.network_isolation.deployment_egress_disabled import MONITOR as EGRESS
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.scanned_models import ScannedParameters
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Severity, Verdict
from tests.arm import (
    FORBIDDEN,
    account,
    hub,
    judge,
    managed_compute_deployment,
    managed_network,
    online_deployment,
    project,
    read_with,
    workspace,
)

UNSCANNED = "azureml://registries/HuggingFace/models/bert/versions/1"
MODE = "properties.managedNetwork.isolationMode"
APPROVED = "AllowOnlyApprovedOutbound"
CLOSED = workspace(managedNetwork={"isolationMode": APPROVED})
OPEN = workspace(managedNetwork={"isolationMode": "AllowInternetOutbound"})
SCANNED_ELSEWHERE = {MODEL_SCANNED.id: ScannedParameters(scanned_models={"HuggingFace": ("bert",)})}
UNSCANNED_COMPUTE = managed_compute_deployment(sku="VmManagedCompute")


# --- online deployments ---


@pytest.mark.parametrize("network", [CLOSED, OPEN, workspace()])
def test_a_scanned_model_needs_no_isolation(network: Resource) -> None:
    """Wherever it can send data."""
    judged = online_deployment()
    scan = judge(MODEL_SCANNED, judged)

    assert judge(MONITOR, judged, network) == Judgement(
        Verdict.PASS, f"No isolation is needed. {scan.message}", scan.evidence
    )


@pytest.mark.parametrize(
    ("judged", "network", "verdict"),
    [
        (online_deployment(UNSCANNED), OPEN, Verdict.FAIL),
        (online_deployment(UNSCANNED), CLOSED, Verdict.PASS),
        (online_deployment(UNSCANNED), workspace(), Verdict.FAIL),
        (
            online_deployment(UNSCANNED, egressPublicNetworkAccess="disabled"),
            workspace(),
            Verdict.PASS,
        ),
        (online_deployment(None), OPEN, Verdict.FAIL),
        (online_deployment(["a", "list"]), OPEN, Verdict.FAIL),
        (online_deployment(environmentId="mine"), OPEN, Verdict.FAIL),
        (online_deployment(environmentId="mine"), CLOSED, Verdict.PASS),
    ],
)
def test_an_unscanned_model_is_judged_by_where_it_can_send_data(
    judged: Resource, network: Resource, verdict: Verdict
) -> None:
    """The message and the evidence are those of both judgements."""
    scan, egress = judge(MODEL_SCANNED, judged), judge(EGRESS, judged, network)

    assert (scan.verdict, egress.verdict) == (Verdict.FAIL, verdict)
    assert judge(MONITOR, judged, network) == Judgement(
        verdict, f"{scan.message} {egress.message}", (*scan.evidence, *egress.evidence)
    )


def test_a_project_is_judged_by_its_hub() -> None:
    """As in the control that it builds on."""
    judged = online_deployment(UNSCANNED)
    isolated = {"isolationMode": APPROVED}

    assert judge(MONITOR, judged, project(), hub(managedNetwork=isolated)).verdict is Verdict.PASS
    assert judge(MONITOR, judged, project(managedNetwork=isolated), hub()).verdict is Verdict.FAIL


def test_an_unscanned_model_on_kubernetes_is_not_concerned() -> None:
    """Nobody here sees the cluster's network; the message tells both."""
    judgement = judge(MONITOR, online_deployment(UNSCANNED, endpointComputeType="Kubernetes"), OPEN)

    assert judgement.verdict is Verdict.NOT_APPLICABLE
    assert judgement.message.startswith("Model bert of registry huggingface is not on the list")
    assert judgement.message.endswith(
        "on a Kubernetes cluster of the customer, whose network decides."
    )


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (FORBIDDEN, Cause.UNREADABLE),
        (NOT_READ, Cause.UNDETERMINED),
        (NOT_IN_INPUT, Cause.UNDETERMINED),
    ],
)
def test_unknown_while_the_network_of_an_unscanned_model_is(problem: Problem, cause: Cause) -> None:
    """A scanned one passes without it, and one that says itself that it is open fails."""
    problems = {Source.WORKSPACE: problem}
    closed = online_deployment(UNSCANNED, egressPublicNetworkAccess="Disabled")
    unknown = judge(MONITOR, closed, problems=problems)

    assert (unknown.verdict, unknown.cause) == (Verdict.UNKNOWN, cause)
    assert problem.detail in unknown.message
    assert judge(MONITOR, online_deployment(), problems=problems).verdict is Verdict.PASS
    assert judge(MONITOR, online_deployment(UNSCANNED), problems=problems).verdict is Verdict.FAIL


def test_what_an_old_api_does_not_show_matters_only_where_it_counts() -> None:
    """Without a managed network the hidden flag decides; with one, or scanned, nothing is open."""
    old = read_with("2022-05-01", online_deployment(UNSCANNED))

    assert judge(MONITOR, old, workspace()).verdict is Verdict.UNKNOWN
    assert judge(MONITOR, old, CLOSED).verdict is Verdict.PASS
    assert judge(MONITOR, old, OPEN).verdict is Verdict.FAIL
    assert (
        judge(MONITOR, read_with("2022-05-01", online_deployment()), workspace()).verdict
        is Verdict.PASS
    )


# --- managed compute ---


@pytest.mark.parametrize("others", [(), (managed_network("Disabled"),)])
def test_scanned_managed_compute_needs_no_isolation(others: tuple[Resource, ...]) -> None:
    """A template of the model's registry on Microsoft's own runtimes."""
    assert judge(MONITOR, managed_compute_deployment(), *others).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("mode", "verdict", "shown"),
    [
        (APPROVED, Verdict.PASS, f"isolation mode {APPROVED}."),
        (APPROVED.lower(), Verdict.PASS, f"isolation mode {APPROVED.lower()}."),
        (
            "AllowInternetOutbound",
            Verdict.FAIL,
            f"isolation mode AllowInternetOutbound; only {APPROVED} confines it.",
        ),
        ("Disabled", Verdict.FAIL, f"isolation mode Disabled; only {APPROVED} confines it."),
        (
            None,
            Verdict.FAIL,
            f"no isolation mode, which means Disabled; only {APPROVED} confines it.",
        ),
        (
            ["x"],
            Verdict.FAIL,
            (
                "no isolation mode, which means Disabled (isolationMode is a list, not text, and "
                f"counts as absent); only {APPROVED} confines it."
            ),
        ),
        (
            "Airtight",
            Verdict.FAIL,
            f"isolation mode Airtight (not a known mode); only {APPROVED} confines it.",
        ),
    ],
)
def test_unscanned_managed_compute_is_judged_by_the_accounts_network(
    mode: object, verdict: Verdict, shown: str
) -> None:
    """Only the strictest mode confines it."""
    judgement = judge(MONITOR, UNSCANNED_COMPUTE, account(), managed_network(mode))
    scan = judge(MODEL_SCANNED, UNSCANNED_COMPUTE)

    assert judgement == Judgement(
        verdict,
        f"{scan.message} The account's managed network has {shown}",
        (*scan.evidence, Evidence(Source.MANAGED_NETWORKS, MODE, APPROVED, mode)),
    )


def test_unscanned_managed_compute_fails_without_a_network() -> None:
    """No managed network confines nothing."""
    judgement = judge(MONITOR, UNSCANNED_COMPUTE, account())

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.endswith(
        " The account has no managed network, so nothing confines it."
    )
    assert judgement.evidence[-1] == Evidence(Source.MANAGED_NETWORKS, MODE, APPROVED, None)


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (FORBIDDEN, Cause.UNREADABLE),
        (NOT_READ, Cause.UNDETERMINED),
        (NOT_IN_INPUT, Cause.UNDETERMINED),
    ],
)
def test_managed_compute_is_unknown_while_the_accounts_network_is(
    problem: Problem, cause: Cause
) -> None:
    """Unless it was scanned, or the network was read before the list broke off."""
    problems = {Source.MANAGED_NETWORKS: problem}
    unknown = judge(MONITOR, UNSCANNED_COMPUTE, problems=problems)

    assert (unknown.verdict, unknown.cause) == (Verdict.UNKNOWN, cause)
    assert unknown.message.endswith(
        f" The account's managed network could not be read: {problem.detail}."
    )
    assert judge(MONITOR, managed_compute_deployment(), problems=problems).verdict is Verdict.PASS
    assert (
        judge(MONITOR, UNSCANNED_COMPUTE, managed_network("Disabled"), problems=problems).verdict
        is Verdict.FAIL
    )


def test_the_weakest_network_counts_whatever_the_order() -> None:
    """An account has one; should an answer show several, the worst decides."""
    strict, weak = managed_network(), managed_network("AllowInternetOutbound")

    for networks in ((strict, weak), (weak, strict)):
        assert judge(MONITOR, UNSCANNED_COMPUTE, *networks).verdict is Verdict.FAIL


# --- parameters ---


def test_what_was_scanned_follows_the_parameters_of_the_other_control() -> None:
    """Whoever lists a model there need not list it here, and the other way round."""
    listed, unlisted = online_deployment(UNSCANNED), online_deployment()

    assert judge(MONITOR, listed, OPEN, in_force=SCANNED_ELSEWHERE).verdict is Verdict.PASS
    assert judge(MONITOR, unlisted, OPEN, in_force=SCANNED_ELSEWHERE).verdict is Verdict.FAIL


def test_is_critical_and_applies_to_what_can_send_data_while_it_serves() -> None:
    """Batch deployments run on computes, which are judged by their own network."""
    assert MONITOR.control.severity is Severity.CRITICAL
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.ONLINE_DEPLOYMENT),
        AppliesTo(ResourceType.MANAGED_COMPUTE_DEPLOYMENT),
    )
    assert MONITOR.needs == (Source.WORKSPACE, Source.HUB, Source.MANAGED_NETWORKS)
    assert MONITOR.tables == ("scanned_models",)
    assert MONITOR.since == {ResourceType.MANAGED_COMPUTE_DEPLOYMENT: "2026-03-15-preview"}
