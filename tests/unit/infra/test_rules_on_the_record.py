"""The alert rules on the health record, over records that the real sink wrote."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.domain.health import HealthRecord
from tests.fakes import BEGINNING
from tests.log_history import History, running_history

RULES = Path(__file__).parents[3] / "infra/alerts"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[History]:
    """An empty history."""
    async with running_history(tmp_path) as history:
        yield history


@pytest.mark.parametrize(
    ("rule", "measure"),
    [
        ("lost_work", "poison"),
        ("lost_work", "poison_alerts"),
        ("lost_work", "dead_letters"),
        ("parked_deliveries", "parked"),
        ("blind_spots", "blind_spots"),
    ],
)
async def test_a_rule_fires_on_what_it_is_there_for(here: History, rule: str, measure: str) -> None:
    """By the last record: from one on. What cannot be told is a fault of its own."""
    asked = (RULES / f"{rule}.kql").read_text("utf-8")
    found = []
    for place, number in enumerate((0.0, 1.0, None, 0.0)):
        at = BEGINNING + place * timedelta(minutes=5)
        await here.say_how_it_is(HealthRecord(at, "1.0", "i", measures={measure: number}))
        here.arrive()
        found.append(len(here.ask(asked, at)))

    assert found == [0, 1, 0, 0]
