"""What a sweep saw is told per subscription, and partial coverage looks partial."""

import io
from datetime import timedelta

from shared.adapters.terminal.coverage import coverage_json, write_coverage
from shared.adapters.terminal.page import Page
from shared.adapters.terminal.waiting import Waiting
from shared.domain.sweep import Sweep, SweepCoverage
from tests import arm
from tests.unit.shared.adapters.terminal.samples import RECORDED

PERMISSION = "Microsoft.CognitiveServices/accounts/read"
SWEEP = Sweep("1", arm.SUBSCRIPTION, deep=False, baseline=True, started_at=RECORDED, roots=2)


def seen(*, ended: bool = True, reasons: tuple[str, ...] = (), **counts: int) -> SweepCoverage:
    """Return the coverage of a sweep of two roots."""
    end = RECORDED + timedelta(minutes=1) if ended else None
    counts = {"evaluated": 2} | counts
    return SweepCoverage(SWEEP, is_listed=True, reasons=reasons, ended_at=end, **counts)  # type: ignore[arg-type] # counts


def written(
    coverage: SweepCoverage, store: str | None = None, waiting: Waiting | None = None
) -> str:
    """Write a coverage, each line on one line."""
    stream = io.StringIO()
    write_coverage(Page(stream, width=80, colour=False), coverage, store, waiting)
    return " ".join(stream.getvalue().split())


def refused(*names: str) -> SweepCoverage:
    """Return a coverage with refused accounts, the permission missing twice."""
    roots = [f"{arm.ACCOUNT_ID[:-4]}{name}" for name in names]
    return SweepCoverage(
        SWEEP,
        is_listed=True,
        reasons=(),
        ended_at=RECORDED,
        evaluated=2,
        unknown=len(names),
        denied=tuple((root, PERMISSION) for root in roots * 2),
        details=tuple((root, "account: 403 Forbidden") for root in roots),
    )


def test_full_coverage_is_complete() -> None:
    """Seen as many as evaluated."""
    assert coverage_json(seen()) == {
        "id": arm.SUBSCRIPTION,
        "seen": 2,
        "evaluated": 2,
        "unknown": 0,
        "denied": [],
        "complete": True,
    }
    assert "2 roots seen, 2 evaluated, all readable." in written(seen())
    assert "Incomplete" not in written(seen())


def test_a_sweep_that_is_not_over_says_how_to_go_on() -> None:
    """With the store that remembers it, or with one the next time."""
    waiting = seen(ended=False, evaluated=1, left=1)

    assert coverage_json(waiting)["complete"] is False
    assert "Incomplete: 1 root not looked at yet." in written(waiting)
    assert "run again with --store s.db to go on" in written(waiting, "s.db")
    assert "with --store FILE a sweep" in written(waiting)


def test_what_is_left_is_told_with_until_when_and_why() -> None:
    """Rounded up to a whole second: a run before that finds nothing to do."""
    left = seen(ended=False, evaluated=1, left=1)
    waiting = Waiting(RECORDED + timedelta(minutes=10, microseconds=1), "throttled by ARM")
    due = f"{RECORDED + timedelta(minutes=10, seconds=1):%Y-%m-%d %H:%M:%S}Z"

    told = written(left, "s.db", waiting)

    assert f"What is left is tried again from {due} on (throttled by ARM)." in told
    assert f"run again with --store s.db after {due} to go on" in told
    assert f"sweep again after {due}; with --store FILE" in written(left, None, waiting)
    assert "all readable" not in told


def test_a_list_that_failed_is_told_with_its_reason() -> None:
    """And what to do, which differs with what is missing."""
    told = written(seen(reasons=("the list could not be read whole (403)",)))

    assert "Incomplete: the list could not be read whole (403)." in told
    assert "What to do: mend what could not be listed" in told
    assert "--verbose" in written(seen(given_up=1))
    assert "sweep again later" in written(seen(overdue=1, unknown=1))


def test_refused_reads_tell_the_permission_that_is_missing() -> None:
    """Once for each root, and the root counts as unknown."""
    told = coverage_json(refused("a"))

    assert told["unknown"] == 1
    assert told["denied"] == [{"resource_id": arm.ACCOUNT_ID[:-4] + "a", "permission": PERMISSION}]
    assert "a: account: 403 Forbidden" in written(refused("a"))
    assert f"needs {PERMISSION}" in written(refused("a"))


def test_a_long_list_of_gaps_is_cut() -> None:
    """Twenty are named."""
    many = refused(*(f"a{number}" for number in range(30)))

    assert written(many).count("403 Forbidden") == 20
    assert "and 40 more" in written(many)
