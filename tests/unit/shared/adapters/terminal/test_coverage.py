"""What a sweep saw is told per subscription, and partial coverage looks partial."""

import io

from shared.adapters.terminal.coverage import CoverageBook, write_coverage
from shared.adapters.terminal.page import Page
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import NOT_READ, Problem
from shared.domain.verdict import Cause
from shared.pipeline.look import LookReport, LookStatus
from shared.ports import Sweep
from tests import arm
from tests.unit.shared.adapters.terminal.samples import RECORDED

DENIED = Problem(Cause.UNREADABLE, "403 Forbidden", "Microsoft.CognitiveServices/accounts/read")


def look(
    name: str, *problems: Problem, status: LookStatus = LookStatus.LOOKED, group: str = arm.GROUP
) -> LookReport:
    """Report a look at an account."""
    root = ResourceId.parse(f"{group}/providers/Microsoft.CognitiveServices/accounts/{name}")
    return LookReport(root, status, problems=problems)


def book(roots: int, *looks: LookReport) -> CoverageBook:
    """Make the coverage of a sweep of so many roots."""
    made = CoverageBook(
        [Sweep("1", arm.SUBSCRIPTION, deep=False, baseline=True, started_at=RECORDED, roots=roots)]
    )
    for each in looks:
        made.add(each)
    return made


def written(made: CoverageBook) -> str:
    """Write the coverage of every subscription."""
    stream = io.StringIO()
    for each in made.subscriptions:
        write_coverage(Page(stream, width=80, colour=False), each)
    return stream.getvalue()


def test_full_coverage_is_complete() -> None:
    """Seen as many as evaluated; what was merely not read yet is no gap."""
    made = book(2, look("a", NOT_READ), look("b", status=LookStatus.COVERED))

    assert [each.json() for each in made.subscriptions] == [
        {
            "id": arm.SUBSCRIPTION,
            "seen": 2,
            "evaluated": 2,
            "unknown": 0,
            "denied": [],
            "complete": True,
        }
    ]
    assert "2 roots seen, 2 evaluated, all readable." in written(made)


def test_a_root_that_nobody_looked_at_makes_it_incomplete() -> None:
    """A look that another worker has is none yet."""
    made = book(2, look("a"), look("b", status=LookStatus.BUSY))

    assert made.subscriptions[0].json()["complete"] is False
    assert "Incomplete" in written(made)


def test_refused_reads_tell_the_permission_that_is_missing() -> None:
    """Once for each root, and the root counts as unknown."""
    made = book(1, look("a", DENIED, DENIED))

    told = made.subscriptions[0].json()
    assert told["unknown"] == 1
    assert told["denied"] == [
        {"resource_id": arm.ACCOUNT_ID[:-4] + "a", "permission": DENIED.permission}
    ]
    assert "403 Forbidden" in written(made)
    assert "Microsoft.CognitiveServices/accounts/read" in written(made).replace("\n    ", " ")


def test_only_the_last_look_at_a_root_counts() -> None:
    """A second look that read everything mends the first."""
    made = book(1, look("a", DENIED), look("A"))

    assert made.subscriptions[0].json()["unknown"] == 0


def test_looks_at_other_subscriptions_are_not_of_this_sweep() -> None:
    """Events can ask for them meanwhile."""
    other = "/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/g"

    assert book(1, look("a", group=other)).subscriptions[0].evaluated == 0


def test_a_long_list_of_gaps_is_cut() -> None:
    """Twenty are named."""
    made = book(
        30, *(look(f"a{number}", Problem(Cause.UNREADABLE, "gone")) for number in range(30))
    )

    assert written(made).count(": gone") == 20
    assert "and 10 more" in written(made)
