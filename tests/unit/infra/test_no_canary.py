"""The alert rule on the canary, over rows that the real sink wrote: its absence is seen."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.domain.canary import LATE_AFTER
from shared.domain.finding import Transition
from shared.domain.root_state import RootState
from shared.pipeline.canary import canary_commit
from tests.fakes import BEGINNING
from tests.kql.saved_functions import BODIES
from tests.log_history import History, running_history
from tests.records import transition

RULE = (Path(__file__).parents[3] / "infra/alerts/no_canary.kql").read_text("utf-8")
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[History]:
    """An empty history."""
    async with running_history(tmp_path) as history:
        yield history


def canary(sent: float, took: float = 0.1) -> Transition:
    """Return a canary that was sent so many minutes after the beginning."""
    sent_at = BEGINNING + sent * MINUTE
    made = canary_commit(RootState(sequence=int(sent)), sent_at, sent_at + took * MINUTE)
    assert made is not None
    return made.transitions[0]


def fires(here: History, minutes: float) -> bool:
    """Whether the rule fires so many minutes after the beginning."""
    now: datetime = BEGINNING + minutes * MINUTE
    return bool(here.ask(RULE, now))


async def test_the_rule_fires_when_two_canaries_in_a_row_are_lost(here: History) -> None:
    """One that is lost alone does not wake anybody."""
    late = LATE_AFTER / MINUTE
    await here.tell([canary(0), canary(30), canary(90)])
    here.arrive()

    assert not fires(here, 91)
    assert not fires(here, 90 + late - 1)
    assert fires(here, 90 + late + 1)
    assert fires(here, 60 * 24)


async def test_the_rule_fires_when_there_never_was_one(here: History) -> None:
    """Other alerts are no sign of life: they can come without the queue of looks."""
    await here.tell([transition(1)])
    here.arrive()

    assert fires(here, 1)


async def test_one_that_was_on_its_way_for_long_does_not_calm_it(here: History) -> None:
    """A backlog of two hours is an outage, though its canaries come in the end."""
    await here.tell([canary(0, took=120)])
    here.arrive()

    assert fires(here, 121)


async def test_canaries_are_not_among_the_alerts_that_people_ask_for(here: History) -> None:
    """The saved functions leave them out."""
    await here.tell([canary(0), transition(1)])
    here.arrive()

    found = here.ask(BODIES["ComplianceAlerts"], BEGINNING + MINUTE)

    assert [each["AlertKind"] for each in found] == ["opened"]
