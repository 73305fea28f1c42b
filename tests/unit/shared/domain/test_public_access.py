"""How public access is described, and what an enforced perimeter makes up for."""

import pytest

from shared.domain.public_access import ACCESS, described, judge_by_perimeter
from shared.domain.resource import Property
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem
from shared.domain.topology import Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import FORBIDDEN, account, perimeter, snapshot_of

PERIMETERS = Source.PERIMETER_CONFIGURATIONS
SEEN = Evidence(Source.ACCOUNT, ACCESS, "Disabled", "Enabled")
EXPOSURE = "is open to the internet"
FOUND = "publicNetworkAccess is Enabled"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Enabled", "publicNetworkAccess is Enabled"),
        ("ENABLED", "publicNetworkAccess is ENABLED"),
        ("securedbyperimeter", "publicNetworkAccess is securedbyperimeter"),
        (
            "Sometimes",
            "publicNetworkAccess is Sometimes (not a known value, so it counts as Enabled)",
        ),
        (None, "publicNetworkAccess is absent"),
    ],
)
def test_says_what_a_value_counts_as(value: str | None, words: str) -> None:
    """Values that nobody knows count as what Azure does without the property."""
    found = Property(ACCESS, value, value, str)

    assert described(found, "Enabled", "SecuredByPerimeter") == words


def test_keeps_the_path_below_properties() -> None:
    """A nested property is named with what it lies in."""
    found = Property("properties.networkAcls.defaultAction", None, 5, str)

    assert described(found, "Allow") == (
        "networkAcls.defaultAction is absent (defaultAction is a number, not text, and counts as "
        "absent)"
    )


def test_an_enforced_perimeter_passes_even_in_a_list_that_could_not_be_read_whole() -> None:
    """What was read counts."""
    judged = account()
    snapshot = snapshot_of(
        judged,
        perimeter("Learning", "one"),
        perimeter("ENFORCED", "two"),
        problems={PERIMETERS: FORBIDDEN},
    )

    assert judge_by_perimeter(snapshot, EXPOSURE, FOUND, SEEN) == Judgement(
        Verdict.PASS,
        "An enforced network security perimeter decides who can reach the account.",
        (
            Evidence(
                PERIMETERS, "properties.resourceAssociation.accessMode", "Enforced", "ENFORCED"
            ),
        ),
    )


@pytest.mark.parametrize(
    ("problem", "cause"),
    [(FORBIDDEN, Cause.UNREADABLE), (NOT_READ, Cause.UNDETERMINED)],
)
def test_without_the_perimeters_it_is_unknown(problem: Problem, cause: Cause) -> None:
    """One that was not read may be enforced."""
    snapshot = snapshot_of(account(), problems={PERIMETERS: problem})

    assert judge_by_perimeter(snapshot, EXPOSURE, FOUND, SEEN) == Judgement(
        Verdict.UNKNOWN,
        "Without an enforced perimeter the account is open to the internet (publicNetworkAccess "
        f"is Enabled), and its perimeters could not be read: {problem.detail}.",
        (SEEN,),
        cause,
    )


def test_no_perimeter_fails() -> None:
    """Nothing protects the account."""
    judgement = judge_by_perimeter(snapshot_of(account()), EXPOSURE, FOUND, SEEN)

    assert judgement == Judgement(
        Verdict.FAIL,
        "The account is open to the internet: publicNetworkAccess is Enabled.",
        (SEEN,),
    )


def test_no_perimeter_in_the_input_fails_and_says_so() -> None:
    """What `check` was not given counts as none."""
    snapshot = snapshot_of(account(), problems={PERIMETERS: NOT_IN_INPUT})
    judgement = judge_by_perimeter(snapshot, EXPOSURE, FOUND, SEEN)

    assert judgement == Judgement(
        Verdict.FAIL,
        "The account is open to the internet: publicNetworkAccess is Enabled. No perimeter is in "
        "the input, which counts as none.",
        (SEEN,),
    )
