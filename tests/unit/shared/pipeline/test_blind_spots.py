"""Sources that stay unreadable: after three looks or an hour the monitor says that it is blind."""

from datetime import timedelta

import pytest

from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Unreadable
from shared.domain.snapshot import NOT_READ, Problem, SourceReading
from shared.domain.topology import Source
from shared.domain.verdict import Cause, Verdict
from shared.pipeline.blind_spots import judge_readability, unreadable_now
from shared.pipeline.coverage_controls import COVERAGE_CONTROLS, RESOURCE_READABLE
from shared.pipeline.evaluate import Observation
from tests.records import ACCOUNT, moment

ROOT = ResourceId.parse(ACCOUNT)
A, D = Source.ACCOUNT, Source.DEPLOYMENTS
FORBIDDEN = Problem(Cause.UNREADABLE, "403 Forbidden")


def unread(source: Source = A, problem: Problem = FORBIDDEN) -> SourceReading:
    """Return a reading that failed."""
    return SourceReading(source, problem=problem, complete=False)


def judged(
    *states: tuple[Source, Unreadable], at: float = 0, was_blind: bool = False
) -> list[Observation]:
    """Judge what is unreadable."""
    return judge_readability(ROOT, dict(states), moment(at), was_blind=was_blind)


# --- counting ---


def test_looks_that_could_not_read_a_source_are_counted_on() -> None:
    """Since the first of them; the latest words are kept."""
    first = unreadable_now({}, [unread()], moment(1))
    second = unreadable_now(
        first, [unread(problem=Problem(Cause.UNREADABLE, "429")), SourceReading(D)], moment(2)
    )

    assert first == {A: Unreadable(moment(1), 1, "403 Forbidden")}
    assert second == {A: Unreadable(moment(1), 2, "429")}


def test_a_source_that_was_read_is_forgotten_and_counts_anew() -> None:
    """Its failures were not in a row."""
    before = {A: Unreadable(moment(1), 2, "403"), D: Unreadable(moment(1), 1, "403")}

    after = unreadable_now(before, [SourceReading(A), unread(D)], moment(2))
    again = unreadable_now(after, [unread(A)], moment(3))

    assert after == {D: Unreadable(moment(1), 2, "403 Forbidden")}
    assert again[A] == Unreadable(moment(3), 1, "403 Forbidden")


def test_a_source_that_was_not_looked_at_stays_as_it_was() -> None:
    """Nothing is known of it that is new."""
    before = {D: Unreadable(moment(1), 2, "403")}

    assert unreadable_now(before, [SourceReading(A)], moment(2)) == before


def test_what_is_undetermined_is_no_failure_to_read() -> None:
    """Not read yet, or Azure does not say: visible, never a blind spot."""
    assert unreadable_now({}, [unread(problem=NOT_READ)], moment(1)) == {}


# --- judging ---


@pytest.mark.parametrize(
    ("looks", "after", "blind"),
    [
        (1, timedelta(0), False),
        (2, timedelta(minutes=59, seconds=59), False),
        (3, timedelta(0), True),
        (1, timedelta(hours=1), True),
    ],
)
def test_after_three_looks_or_one_hour_it_is_a_blind_spot(
    looks: int,
    after: timedelta,
    blind: bool,  # noqa: FBT001 - a parameter
) -> None:
    """Not before: one answer of 429 alerts nobody."""
    seen = judged((A, Unreadable(moment(0), looks, "403")), at=after.total_seconds())

    assert bool(seen) is blind


def test_a_blind_spot_names_every_source_and_why() -> None:
    """Those alone that have been unreadable for so long."""
    (seen,) = judged(
        (D, Unreadable(moment(0), 4, "503")),
        (A, Unreadable(moment(0), 3, "403")),
        (Source.MANAGED_NETWORKS, Unreadable(moment(0), 1, "429")),
    )

    assert (seen.control_id, seen.control, seen.resource) == (
        RESOURCE_READABLE,
        COVERAGE_CONTROLS[RESOURCE_READABLE],
        ROOT,
    )
    assert seen.judgement.verdict is Verdict.FAIL
    assert seen.judgement.message == "Cannot be read: account: 403; deployments: 503."
    assert [each.source for each in seen.judgement.evidence] == [A, D]
    assert "Acct" in seen.control.remediation_for(ROOT)


def test_a_blind_spot_ends_when_everything_can_be_read() -> None:
    """Not while another source has begun to fail; and where there was none, none ends."""
    (seen,) = judged(was_blind=True)
    assert seen.judgement.verdict is Verdict.PASS

    assert judged((D, Unreadable(moment(0), 1, "429")), was_blind=True) == []
    assert judged() == []
