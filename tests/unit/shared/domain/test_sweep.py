"""How much a sweep saw is folded from what became of every root."""

from dataclasses import replace

from shared.domain.sweep import (
    GIVEN_UP,
    MOST_DETAILS,
    RootOutcome,
    Sweep,
    SweepCoverage,
    SweptRoot,
    coverage_of,
)
from tests.records import SUBSCRIPTION, moment

SWEEP = Sweep("1", SUBSCRIPTION, deep=False, baseline=False, started_at=moment(0), roots=0)
ITSELF = f"/subscriptions/{SUBSCRIPTION}"
WHOLE = RootOutcome()


def fold(
    *outcomes: RootOutcome | None, listed: bool = True, reasons: tuple[str, ...] = ()
) -> SweepCoverage:
    """Fold a sweep that is over, of the subscription itself and so many roots."""
    roots = [SweptRoot(f"{ITSELF}/r{at}", listed, each) for at, each in enumerate(outcomes)]
    return coverage_of(
        SWEEP,
        [SweptRoot(ITSELF, True, WHOLE), *roots],  # noqa: FBT003 - listed
        is_listed=True,
        reasons=reasons,
        ended_at=moment(9),
    )


def test_a_sweep_that_saw_everything_is_complete() -> None:
    """The subscription itself is not counted among its resources."""
    told = fold(WHOLE, WHOLE)

    assert (told.sweep.roots, told.evaluated, told.unknown) == (2, 2, 0)
    assert told.complete


def test_a_refused_part_is_unknown_and_leaves_the_sweep_complete() -> None:
    """Every root was looked at; what is missing is named."""
    told = fold(WHOLE, RootOutcome(unreadable=("deployments: 403",), denied=("read",)))

    assert (told.evaluated, told.unknown, told.complete) == (2, 1, True)
    assert told.denied == ((f"{ITSELF}/r1", "read"),)
    assert told.details == ((f"{ITSELF}/r1", "deployments: 403"),)


def test_every_shortfall_makes_it_incomplete_and_is_said() -> None:
    """In words that stay the same while nothing changes."""
    unproven = RootOutcome(unreadable=("account: 503",), overdue=True, unproven=True)
    told = fold(None, None, GIVEN_UP, unproven, listed=False, reasons=("no list",))

    assert told.shortfalls == (
        "no list",
        "2 roots not looked at",
        "1 root given up, because every look at it failed",
        "1 root not readable within an hour",
        "1 root known before, not listed, and not readable",
    )
    assert not told.complete
    under_way = replace(told, ended_at=None, is_listed=False, reasons=())
    assert under_way.shortfalls[:2] == ("the list was not completed", "2 roots not looked at yet")


def test_a_root_that_is_listed_is_there_although_nobody_can_read_it() -> None:
    """Only one that is merely known may be gone."""
    assert fold(RootOutcome(unreadable=("account: 403",), unproven=True)).complete


def test_many_reasons_are_cut_and_all_are_counted() -> None:
    """A refused subscription of thousands of accounts says the same of each."""
    told = fold(*[RootOutcome(unreadable=("403",))] * (MOST_DETAILS + 5))

    assert (len(told.details), told.unknown) == (MOST_DETAILS, MOST_DETAILS + 5)
