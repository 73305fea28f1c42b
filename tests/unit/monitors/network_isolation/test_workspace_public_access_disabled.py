"""network_isolation.workspace_public_access_disabled."""

from collections.abc import Callable

import pytest

from monitors.network_isolation.workspace_public_access_disabled import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, Problem
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import (
    FORBIDDEN,
    GROUP,
    hub,
    judge,
    private_endpoints,
    project,
    read_with,
    resource,
    workspace,
)

ACCESS = "properties.publicNetworkAccess"
FORMER = "properties.allowPublicAccessWhenBehindVnet"
BEHIND_VNET = {
    "allowPublicAccessWhenBehindVnet": False,
    "privateEndpointConnections": private_endpoints("Pending", "approved"),
}
OLD = "2021-04-01"


def registry(**properties: object) -> Resource:
    """Return a registry."""
    name = f"{GROUP}/providers/Microsoft.MachineLearningServices/registries/shelf"
    return resource(name, properties=properties, location="swedencentral")


@pytest.mark.parametrize(
    ("build", "source", "called"),
    [(workspace, Source.WORKSPACE, "workspace"), (registry, Source.REGISTRY, "registry")],
)
class TestWorkspacesAndRegistries:
    """Both are judged by what they state themselves."""

    @pytest.mark.parametrize("spelling", ["Disabled", "disabled"])
    def test_pass_when_public_access_is_disabled(
        self, build: Callable[..., Resource], source: Source, called: str, spelling: str
    ) -> None:
        """In any case."""
        assert judge(MONITOR, build(publicNetworkAccess=spelling)) == Judgement(
            Verdict.PASS,
            f"The {called} cannot be reached over the internet: publicNetworkAccess is {spelling}.",
            (Evidence(source, ACCESS, "Disabled", spelling),),
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
            (0, "absent (publicNetworkAccess is a number, not text, and counts as absent)"),
        ],
    )
    def test_fail_when_open(
        self,
        build: Callable[..., Resource],
        source: Source,
        called: str,
        access: object,
        shown: str,
    ) -> None:
        """Absent is Enabled, and so is what nobody knows."""
        assert judge(MONITOR, build(publicNetworkAccess=access)) == Judgement(
            Verdict.FAIL,
            f"The {called} can be reached over the internet: publicNetworkAccess is {shown}.",
            (Evidence(source, ACCESS, "Disabled", access),),
        )

    def test_the_former_setting_means_nothing_today(
        self, build: Callable[..., Resource], source: Source, called: str
    ) -> None:
        """Only answers of APIs that do not know publicNetworkAccess are judged by it."""
        for judged in (build(**BEHIND_VNET), read_with("2021-07-01", build(**BEHIND_VNET))):
            judgement = judge(MONITOR, judged)

            assert judgement.verdict is Verdict.FAIL
            assert judgement.evidence == (Evidence(source, ACCESS, "Disabled", None),)
            assert called in judgement.message


# --- read with an API before 2021-07-01 ---


def test_the_former_setting_decides_where_the_present_one_is_not_shown() -> None:
    """Closed when there is a virtual network, and there is one: a private endpoint is approved."""
    judgement = judge(MONITOR, read_with(OLD, workspace(**BEHIND_VNET)))

    assert judgement == Judgement(
        Verdict.PASS,
        "The workspace cannot be reached over the internet: allowPublicAccessWhenBehindVnet is "
        "false and a private endpoint is approved.",
        (
            Evidence(Source.WORKSPACE, ACCESS, "Disabled", None),
            Evidence(Source.WORKSPACE, FORMER, expected=False, observed=False),
        ),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"allowPublicAccessWhenBehindVnet": True},
        {"allowPublicAccessWhenBehindVnet": None},
        {"allowPublicAccessWhenBehindVnet": "false"},
        {"privateEndpointConnections": None},
        {"privateEndpointConnections": private_endpoints("Pending", "Rejected")},
    ],
)
def test_unknown_where_the_former_setting_does_not_close_it(changes: dict[str, object]) -> None:
    """What the API does not show may still be set."""
    judgement = judge(MONITOR, read_with(OLD, workspace(**BEHIND_VNET | changes)))

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judgement.message == (
        "The workspace was read with API version 2021-04-01, which does not show "
        "publicNetworkAccess; 2021-07-01 and later do."
    )


@pytest.mark.parametrize(
    ("access", "verdict"),
    [("Disabled", Verdict.PASS), ("Enabled", Verdict.FAIL), ("Sometimes", Verdict.FAIL)],
)
def test_what_an_old_api_shows_all_the_same_counts(access: str, verdict: Verdict) -> None:
    """Previews of that time did."""
    judged = read_with("2021-03-01-preview", workspace(publicNetworkAccess=access, **BEHIND_VNET))

    assert judge(MONITOR, judged).verdict is verdict


# --- projects ---


def test_a_project_is_judged_by_its_hub() -> None:
    """The project's own setting means nothing."""
    passing = judge(MONITOR, project(), hub(publicNetworkAccess="Disabled"))
    failing = judge(MONITOR, project(publicNetworkAccess="Disabled"), hub())

    assert passing == Judgement(
        Verdict.PASS,
        "The project's hub cannot be reached over the internet: publicNetworkAccess is Disabled.",
        (Evidence(Source.HUB, ACCESS, "Disabled", "Disabled"),),
    )
    assert failing.verdict is Verdict.FAIL
    assert failing.evidence[0].source == Source.HUB


def test_it_counts_how_the_hub_was_read() -> None:
    """An old answer for the hub is judged as one, a present one for the project notwithstanding."""
    closed = judge(MONITOR, project(), read_with(OLD, hub(**BEHIND_VNET)))
    hidden = judge(MONITOR, project(), read_with(OLD, hub()))
    shown = judge(MONITOR, read_with(OLD, project()), hub(publicNetworkAccess="Disabled"))

    assert [each.verdict for each in (closed, hidden, shown)] == [
        Verdict.PASS,
        Verdict.UNKNOWN,
        Verdict.PASS,
    ]


@pytest.mark.parametrize(
    ("problem", "cause"),
    [(FORBIDDEN, Cause.UNREADABLE), (NOT_IN_INPUT, Cause.UNDETERMINED)],
)
def test_a_project_is_unknown_without_its_hub(problem: Problem, cause: Cause) -> None:
    """Whatever it says itself."""
    judged = project(publicNetworkAccess="Enabled")
    judgement = judge(MONITOR, judged, problems={Source.HUB: problem})

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, cause)


def test_applies_to_workspaces_and_registries() -> None:
    """Answers for workspaces are judged whatever the API, by what it shows."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.WORKSPACE),
        AppliesTo(ResourceType.REGISTRY),
    )
    assert MONITOR.needs == (Source.HUB,)
    assert MONITOR.since == {ResourceType.REGISTRY: "2023-04-01"}
