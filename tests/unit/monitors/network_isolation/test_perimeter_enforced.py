"""network_isolation.perimeter_enforced."""

import pytest

from monitors.network_isolation.perimeter_enforced import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import FORBIDDEN, account, changed, judge, perimeter

PERIMETERS = Source.PERIMETER_CONFIGURATIONS
MODE = "properties.resourceAssociation.accessMode"
SEVERITY = "properties.provisioningIssues[].properties.severity"
LEAD = "The account's network security perimeter does not protect it"


def with_issues(*severities: object) -> Resource:
    """Return an enforced association with provisioning issues of these severities."""
    issues = [
        {"name": "issue", "properties": {"issueType": "MissingIdentity", "severity": each}}
        for each in severities
    ]
    return changed(perimeter(), "properties.provisioningIssues", issues)


@pytest.mark.parametrize("mode", ["Enforced", "enforced", "ENFORCED"])
@pytest.mark.parametrize("access", ["SecuredByPerimeter", "Enabled", "Disabled", None])
def test_passes_in_an_enforced_perimeter(mode: str, access: object) -> None:
    """Whatever the account itself says of public access."""
    assert judge(MONITOR, account(publicNetworkAccess=access), perimeter(mode)) == Judgement(
        Verdict.PASS,
        "The account's network security perimeter is enforced.",
        (Evidence(PERIMETERS, MODE, "Enforced", mode),),
    )


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        ("Learning", "Learning"),
        ("Audit", "Audit"),
        ("Transition", "Transition"),
        (None, "absent"),
        (5, "absent (accessMode is a number, not text, and counts as absent)"),
    ],
)
def test_fails_in_a_perimeter_that_only_watches(mode: object, shown: str) -> None:
    """Every mode but Enforced lets through, one that is not known may."""
    assert judge(MONITOR, account(), perimeter(mode)) == Judgement(
        Verdict.FAIL,
        f"{LEAD}: its access mode is {shown}, not Enforced.",
        (Evidence(PERIMETERS, MODE, "Enforced", mode),),
    )


def test_one_association_that_is_not_enforced_fails() -> None:
    """Whichever comes first."""
    both = (perimeter("Enforced", "first"), perimeter("Learning", "second"))

    assert judge(MONITOR, account(), *both).verdict is Verdict.FAIL
    assert judge(MONITOR, account(), *reversed(both)).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("severity", "shown"),
    [
        ("Error", "Error"),
        ("ERROR", "ERROR"),
        ("Grave", "Grave"),
        (None, "unknown"),
        (3, "unknown (severity is a number, not text, and counts as absent)"),
    ],
)
def test_fails_when_azure_could_not_set_it_up(severity: object, shown: str) -> None:
    """An issue of a severity that is absent or not known may be an error."""
    assert judge(MONITOR, account(), with_issues("Warning", severity)) == Judgement(
        Verdict.FAIL,
        f"{LEAD}: it has a provisioning issue of severity {shown}.",
        (Evidence(PERIMETERS, SEVERITY, "Warning at most", severity),),
    )


@pytest.mark.parametrize("issue", [None, "Error", {}, {"properties": None}])
def test_an_issue_that_says_nothing_may_be_an_error(issue: object) -> None:
    """What stands in the list is an issue."""
    odd = changed(perimeter(), "properties.provisioningIssues", [issue])

    assert judge(MONITOR, account(), odd).verdict is Verdict.FAIL


@pytest.mark.parametrize("issues", [with_issues(), with_issues("Warning", "warning")])
def test_warnings_pass(issues: Resource) -> None:
    """The perimeter is in effect."""
    assert judge(MONITOR, account(), issues).verdict is Verdict.PASS


@pytest.mark.parametrize("spelling", ["SecuredByPerimeter", "securedbyperimeter"])
def test_fails_when_access_is_left_to_a_perimeter_that_is_not_there(spelling: str) -> None:
    """The account promises a perimeter and has none."""
    assert judge(MONITOR, account(publicNetworkAccess=spelling)) == Judgement(
        Verdict.FAIL,
        "publicNetworkAccess is SecuredByPerimeter, and the account is in no network security "
        "perimeter.",
        (
            Evidence(
                Source.ACCOUNT,
                "properties.publicNetworkAccess",
                "a perimeter that is Enforced",
                spelling,
            ),
        ),
    )


@pytest.mark.parametrize("access", ["Enabled", "Disabled", None, 5])
def test_not_applicable_without_a_perimeter(access: object) -> None:
    """Nobody says that there should be one."""
    assert judge(MONITOR, account(publicNetworkAccess=access)) == Judgement(
        Verdict.NOT_APPLICABLE, "The account is in no network security perimeter."
    )


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (FORBIDDEN, Cause.UNREADABLE),
        (NOT_READ, Cause.UNDETERMINED),
        (NOT_IN_INPUT, Cause.UNDETERMINED),
    ],
)
@pytest.mark.parametrize("access", ["SecuredByPerimeter", "Enabled"])
def test_unknown_while_perimeters_are(access: str, problem: Problem, cause: Cause) -> None:
    """There may be one, or another one; one that only watches is decided."""
    judged = account(publicNetworkAccess=access)
    problems = {PERIMETERS: problem}
    unknown = Judgement(
        Verdict.UNKNOWN, f"the perimeters could not be read: {problem.detail}", cause=cause
    )

    assert judge(MONITOR, judged, problems=problems) == unknown
    assert judge(MONITOR, judged, perimeter(), problems=problems) == unknown
    assert judge(MONITOR, judged, perimeter("Learning"), problems=problems).verdict is (
        Verdict.FAIL
    )


def test_applies_to_ai_accounts() -> None:
    """As the catalogue says."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),)
    assert MONITOR.needs == (PERIMETERS,)
