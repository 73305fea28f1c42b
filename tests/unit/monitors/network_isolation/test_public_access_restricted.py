"""network_isolation.public_access_restricted."""

import pytest

from monitors.network_isolation.public_access_restricted import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import FORBIDDEN, account, judge, perimeter

ACCESS = "properties.publicNetworkAccess"
ACTION = "properties.networkAcls.defaultAction"
MODE = "properties.resourceAssociation.accessMode"
PERIMETERS = Source.PERIMETER_CONFIGURATIONS


@pytest.mark.parametrize("spelling", ["Disabled", "disabled", "DISABLED"])
def test_passes_when_public_access_is_disabled(spelling: str) -> None:
    """Disabled restricts, in any case, whatever the network rules say."""
    judgement = judge(
        MONITOR, account(publicNetworkAccess=spelling, networkAcls={"defaultAction": "Allow"})
    )

    assert judgement == Judgement(
        Verdict.PASS,
        "The internet cannot reach the account: publicNetworkAccess is Disabled.",
        (Evidence(Source.ACCOUNT, ACCESS, "Disabled", spelling),),
    )


def test_passes_when_a_perimeter_secures_access() -> None:
    """SecuredByPerimeter restricts; the perimeter's own mode is judged by another control."""
    judgement = judge(MONITOR, account(publicNetworkAccess="securedByPerimeter"))

    assert judgement == Judgement(
        Verdict.PASS,
        "Access is left to a network security perimeter: publicNetworkAccess is "
        "SecuredByPerimeter. Whether the perimeter is enforced is another control.",
        (Evidence(Source.ACCOUNT, ACCESS, "SecuredByPerimeter", "securedByPerimeter"),),
    )


@pytest.mark.parametrize("access", ["Enabled", None, "SomethingNew", 5])
def test_passes_when_network_rules_deny_by_default(access: object) -> None:
    """With defaultAction Deny only listed networks come in, whatever publicNetworkAccess says."""
    judgement = judge(
        MONITOR, account(publicNetworkAccess=access, networkAcls={"defaultAction": "DENY"})
    )

    assert judgement == Judgement(
        Verdict.PASS,
        "Only the network rules let callers in from the internet: networkAcls.defaultAction is "
        "Deny.",
        (Evidence(Source.ACCOUNT, ACTION, "Deny", "DENY"),),
    )


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ({}, "publicNetworkAccess is absent and networkAcls.defaultAction is absent"),
        (
            {"publicNetworkAccess": None, "networkAcls": None},
            "publicNetworkAccess is absent and networkAcls.defaultAction is absent",
        ),
        (
            {"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Allow"}},
            "publicNetworkAccess is Enabled and networkAcls.defaultAction is Allow",
        ),
        (
            {"publicNetworkAccess": "Sometimes", "networkAcls": {"defaultAction": "Maybe"}},
            (
                "publicNetworkAccess is Sometimes (not a known value, so it counts as Enabled) "
                "and networkAcls.defaultAction is Maybe (not a known value, so it counts as Allow)"
            ),
        ),
        (
            {"publicNetworkAccess": False, "networkAcls": "Deny"},
            (
                "publicNetworkAccess is absent (publicNetworkAccess is a boolean, not text, and "
                "counts as absent) and networkAcls.defaultAction is absent"
            ),
        ),
    ],
)
def test_fails_when_open(stated: dict[str, object], shown: str) -> None:
    """Absent is what Azure does: enabled and allowed; values that are not known count as that."""
    judgement = judge(MONITOR, account(**stated))
    rules = stated.get("networkAcls")

    assert judgement == Judgement(
        Verdict.FAIL,
        f"The account is open to the internet: {shown}.",
        (
            Evidence(Source.ACCOUNT, ACCESS, "Disabled", stated.get("publicNetworkAccess")),
            Evidence(
                Source.ACCOUNT,
                ACTION,
                "Deny",
                rules["defaultAction"] if isinstance(rules, dict) else None,
            ),
        ),
    )


@pytest.mark.parametrize(
    "problems",
    [{}, {PERIMETERS: FORBIDDEN}, {PERIMETERS: NOT_READ}, {PERIMETERS: NOT_IN_INPUT}],
)
def test_passes_in_an_enforced_perimeter(problems: dict[Source, Problem]) -> None:
    """One enforced association that was read is enough, whatever became of the rest of the list."""
    judgement = judge(
        MONITOR,
        account(),
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
    """A perimeter that only watches restricts nobody."""
    judgement = judge(MONITOR, account(publicNetworkAccess="Enabled"), perimeter(mode))

    assert judgement.verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("problem", "cause"),
    [(FORBIDDEN, Cause.UNREADABLE), (NOT_READ, Cause.UNDETERMINED)],
)
def test_unknown_while_perimeters_could_not_be_read(problem: Problem, cause: Cause) -> None:
    """An open account may still be in a perimeter that was not read."""
    judgement = judge(MONITOR, account(), problems={PERIMETERS: problem})

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, cause)
    assert "its perimeters could not be read" in judgement.message


def test_fails_when_the_input_holds_no_perimeter_and_says_so() -> None:
    """What `check` was not given counts as no perimeter, and the message says so."""
    judgement = judge(MONITOR, account(), problems={PERIMETERS: NOT_IN_INPUT})

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.endswith(" No perimeter is in the input, which counts as none.")


def test_perimeters_do_not_matter_to_a_closed_account() -> None:
    """A closed account passes although its perimeters could not be read."""
    judgement = judge(
        MONITOR, account(publicNetworkAccess="Disabled"), problems={PERIMETERS: FORBIDDEN}
    )

    assert judgement.verdict is Verdict.PASS


def test_applies_to_accounts_of_every_kind() -> None:
    """Any account can be open to the internet."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.ACCOUNT),)
    assert MONITOR.needs == (PERIMETERS,)
