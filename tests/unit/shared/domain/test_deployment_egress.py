"""Where containers of online deployments can send data, read with old APIs.

What holds otherwise is tested with `network_isolation.deployment_egress_disabled`.
"""

import pytest

from shared.domain.deployment_egress import judge_egress
from shared.domain.resource import Resource
from shared.domain.snapshot import Problem
from shared.domain.topology import Source
from shared.domain.verdict import Cause, Verdict
from tests.arm import FORBIDDEN, online_deployment, read_with, snapshot_of, workspace

OLD = "2022-05-01"


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [
        ("AllowOnlyApprovedOutbound", Verdict.PASS),
        ("AllowInternetOutbound", Verdict.FAIL),
        ("Disabled", Verdict.UNKNOWN),
        (None, Verdict.UNKNOWN),
    ],
)
def test_a_flag_that_the_api_does_not_show_leaves_it_open_where_it_counts(
    mode: object, verdict: Verdict
) -> None:
    """A managed network decides without the flag."""
    judged = read_with(OLD, online_deployment())
    network = workspace(managedNetwork={"isolationMode": mode})

    assert judge_egress(judged, snapshot_of(judged, network)).verdict is verdict


def test_says_that_the_flag_is_not_shown() -> None:
    """It is undetermined: nothing failed."""
    judged = read_with(OLD, online_deployment())
    judgement = judge_egress(judged, snapshot_of(judged, workspace()))

    assert judgement.cause is Cause.UNDETERMINED
    assert judgement.message == (
        "It cannot be told whether the deployment is closed: the workspace has no isolation mode, "
        "which means Disabled, and API version 2022-05-01 does not show egressPublicNetworkAccess."
    )


@pytest.mark.parametrize(
    ("judged", "problems", "cause"),
    [
        (read_with(OLD, online_deployment()), {Source.WORKSPACE: FORBIDDEN}, Cause.UNREADABLE),
        (
            read_with(OLD, online_deployment(egressPublicNetworkAccess="Disabled")),
            {Source.WORKSPACE: FORBIDDEN},
            Cause.UNREADABLE,
        ),
    ],
)
def test_without_flag_and_workspace_it_cannot_be_told(
    judged: Resource, problems: dict[Source, Problem], cause: Cause
) -> None:
    """A flag that is not shown may be Disabled."""
    judgement = judge_egress(judged, snapshot_of(judged, problems=problems))

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, cause)


def test_a_flag_that_an_old_api_shows_all_the_same_counts() -> None:
    """What was seen is there."""
    judged = read_with(OLD, online_deployment(egressPublicNetworkAccess="Enabled"))

    assert judge_egress(judged, snapshot_of(judged, workspace())).verdict is Verdict.FAIL
