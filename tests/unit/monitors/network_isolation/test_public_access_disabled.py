"""network_isolation.public_access_disabled."""

import pytest

from monitors.network_isolation.public_access_disabled import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import FORBIDDEN, account, judge, perimeter

ACCESS = "properties.publicNetworkAccess"
MODE = "properties.resourceAssociation.accessMode"
PERIMETERS = Source.PERIMETER_CONFIGURATIONS


@pytest.mark.parametrize("spelling", ["Disabled", "disabled", "DISABLED"])
def test_passes_when_public_access_is_disabled(spelling: str) -> None:
    """In any case, and whether or not perimeters could be read."""
    judgement = judge(
        MONITOR, account(publicNetworkAccess=spelling), problems={PERIMETERS: FORBIDDEN}
    )

    assert judgement == Judgement(
        Verdict.PASS,
        "Public access is switched off: publicNetworkAccess is Disabled.",
        (Evidence(Source.ACCOUNT, ACCESS, "Disabled", spelling),),
    )


@pytest.mark.parametrize(
    ("stated", "observed", "shown"),
    [
        ({}, None, "absent"),
        ({"publicNetworkAccess": None}, None, "absent"),
        ({"publicNetworkAccess": "Enabled"}, "Enabled", "Enabled"),
        ({"publicNetworkAccess": "SecuredByPerimeter"}, "SecuredByPerimeter", "SecuredByPerimeter"),
        (
            {"publicNetworkAccess": "Sometimes"},
            "Sometimes",
            "Sometimes (not a known value, so it counts as Enabled)",
        ),
        (
            {"publicNetworkAccess": False},
            False,
            "absent (publicNetworkAccess is a boolean, not text, and counts as absent)",
        ),
    ],
)
def test_fails_while_public_access_is_on(
    stated: dict[str, object], observed: object, shown: str
) -> None:
    """Absent is enabled, and SecuredByPerimeter without an enforced perimeter is not disabled."""
    judgement = judge(MONITOR, account(**stated))

    assert judgement == Judgement(
        Verdict.FAIL,
        f"The account has its public endpoint switched on: publicNetworkAccess is {shown}.",
        (Evidence(Source.ACCOUNT, ACCESS, "Disabled", observed),),
    )


def test_network_rules_do_not_make_up_for_it() -> None:
    """That is what public_access_restricted accepts and this control does not."""
    judged = account(publicNetworkAccess="Enabled", networkAcls={"defaultAction": "Deny"})

    assert judge(MONITOR, judged).verdict is Verdict.FAIL


@pytest.mark.parametrize("access", ["Enabled", "SecuredByPerimeter", None])
@pytest.mark.parametrize(
    "problems",
    [{}, {PERIMETERS: FORBIDDEN}, {PERIMETERS: NOT_READ}, {PERIMETERS: NOT_IN_INPUT}],
)
def test_passes_in_an_enforced_perimeter(
    access: str | None, problems: dict[Source, Problem]
) -> None:
    """One enforced association that was read is enough, wherever in the list it stands."""
    judgement = judge(
        MONITOR,
        account(publicNetworkAccess=access),
        perimeter("Learning", "first"),
        perimeter("enforced", "second"),
        problems=problems,
    )

    assert judgement == Judgement(
        Verdict.PASS,
        "An enforced network security perimeter decides who can reach the account.",
        (Evidence(PERIMETERS, MODE, "Enforced", "enforced"),),
    )


@pytest.mark.parametrize("mode", ["Learning", "Audit", None, 1])
def test_fails_in_a_perimeter_that_is_not_enforced(mode: object) -> None:
    """A perimeter that only watches keeps nobody out."""
    judgement = judge(MONITOR, account(publicNetworkAccess="Enabled"), perimeter(mode))

    assert judgement.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("problem", "cause"),
    [(FORBIDDEN, Cause.UNREADABLE), (NOT_READ, Cause.UNDETERMINED)],
)
def test_unknown_while_perimeters_could_not_be_read(problem: Problem, cause: Cause) -> None:
    """The account may still be in a perimeter that was not read."""
    judgement = judge(MONITOR, account(), problems={PERIMETERS: problem})

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, cause)
    assert judgement.message == (
        "Without an enforced perimeter the account has its public endpoint switched on "
        "(publicNetworkAccess is absent), and its perimeters could not be read: "
        f"{problem.detail}."
    )


def test_fails_when_the_input_holds_no_perimeter_and_says_so() -> None:
    """What `check` was not given counts as no perimeter."""
    judgement = judge(MONITOR, account(), problems={PERIMETERS: NOT_IN_INPUT})

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.endswith(" No perimeter is in the input, which counts as none.")


def test_applies_to_accounts_of_every_kind() -> None:
    """Any account has a public endpoint."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT),)
    assert MONITOR.needs == (PERIMETERS,)
