"""The alert rule on blind spots, over rows that the real sink wrote: it lasts as they do."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.domain.finding import ResolvedReason, Transition, TransitionKind
from shared.domain.health import HealthRecord
from shared.pipeline.coverage_controls import BLIND_SPOTS
from tests.fakes import BEGINNING
from tests.log_history import History, Row, running_history
from tests.records import transition

RULE = (Path(__file__).parents[3] / "infra/alerts/blind_spots.kql").read_text("utf-8")
COVERAGE = "coverage.resource_readable"
HOUR = timedelta(hours=1)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[History]:
    """An empty history."""
    async with running_history(tmp_path) as history:
        yield history


def told(kind: TransitionKind, hours: float, control: str = COVERAGE) -> Transition:
    """Return an alert about what can be seen, so many hours after the beginning."""
    at = BEGINNING + hours * HOUR
    reason = ResolvedReason.FIXED if kind is TransitionKind.BLIND_SPOT_CLEARED else None
    return transition(int(hours * 10) + 1, kind=kind, control=control, at=at, reason=reason)


def until(here: History, hours: float) -> None:
    """Let time pass until so many hours after the beginning."""
    here.clock.advance(BEGINNING + hours * HOUR - here.clock.now())


async def counted(here: History, hours: float, spots: float | None) -> None:
    """Let a health record say how many are open."""
    at = BEGINNING + hours * HOUR
    until(here, hours)
    await here.say_how_it_is(HealthRecord(at, "1.0", "one", measures={"blind_spots": spots}))


def found(here: History, hours: float) -> list[Row]:
    """Return what the rule finds so many hours after the beginning."""
    here.arrive()
    return here.ask(RULE, BEGINNING + hours * HOUR)


async def test_a_new_blind_spot_is_named(here: History) -> None:
    """With its resource, before a health record counts it, and until it is cleared."""
    spot = told(TransitionKind.BLIND_SPOT, 0)
    await here.tell([spot])

    (row,) = found(here, 0.1)

    assert (row["Control"], row["TargetResourceId"]) == (COVERAGE, spot.resource_id)
    await here.tell([told(TransitionKind.BLIND_SPOT_CLEARED, 1)])
    assert found(here, 1.1) == []


@pytest.mark.parametrize("hours", [1, 30, 24 * 40])
async def test_the_alert_lasts_as_long_as_the_blind_spot(here: History, hours: float) -> None:
    """Also when nothing has told of it for weeks."""
    await here.tell([told(TransitionKind.BLIND_SPOT, 0)])
    await counted(here, hours, 2)

    assert "2 in all" in " ".join(str(each["Message"]) for each in found(here, hours))


async def test_the_alert_ends_when_none_is_left(here: History) -> None:
    """The last record counts, not one before it."""
    await counted(here, 48, 1)
    await counted(here, 48.1, 0)

    assert found(here, 48.2) == []


async def test_a_reminder_of_a_blind_spot_names_it_again(here: History) -> None:
    """A reminder says that it is open still; that of another control says nothing here."""
    await here.tell([told(TransitionKind.BLIND_SPOT, 0)])
    assert found(here, 30) == []

    until(here, 31)
    other = "network_isolation.public_access_restricted"
    await here.tell([told(TransitionKind.REMINDER, 30), told(TransitionKind.REMINDER, 31, other)])

    (row,) = found(here, 31.1)

    assert row["Control"] == COVERAGE


async def test_what_cannot_be_counted_is_no_blind_spot(here: History) -> None:
    """The check of the health record says so itself, as a fault."""
    await counted(here, 48, None)

    assert found(here, 48.1) == []


def test_the_rule_names_the_controls_that_are_blind_spots() -> None:
    """Those that the health record counts, and no others."""
    assert set(re.findall(r'"(coverage\.\w+)"', RULE)) == BLIND_SPOTS
