"""A machine's clock that is wrong is seen by the date of ARM's answers."""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, cast

import pytest

from shared.adapters.azure.checks.clock import ArmClock
from shared.domain.health import Health
from tests.fakes import BEGINNING, FakeClock

if TYPE_CHECKING:
    from shared.adapters.azure.arm.client import ArmClient


class Answering:
    """ARM, of which only the date of an answer matters."""

    def __init__(self, date: str | None) -> None:
        self._headers = {} if date is None else {"Date": date}

    async def post(
        self, *_: object, permission: str
    ) -> tuple[Mapping[str, object], Mapping[str, str]]:
        """Answer."""
        assert permission
        return {}, self._headers


@pytest.mark.parametrize(
    ("behind", "health", "said"),
    [
        (0, Health.OK, "0 s ahead"),
        (29, Health.OK, "29 s behind"),
        (-31, Health.WARN, "31 s ahead"),
        (301, Health.FAULT, "301 s behind"),
    ],
)
async def test_how_far_it_is_off_decides(behind: int, health: Health, said: str) -> None:
    """Seconds are nothing, half a minute is a warning, five minutes a fault."""
    date = format_datetime(BEGINNING + timedelta(seconds=behind), usegmt=True)
    clock = ArmClock(cast("ArmClient", Answering(date)), FakeClock())

    (found,) = await clock.ask("s")

    assert (found.health, said in found.message) == (health, True)
    assert (found.command is None) is (health is Health.OK)


@pytest.mark.parametrize("date", [None, "yesterday"])
async def test_an_answer_without_a_date_proves_nothing(date: str | None) -> None:
    """It is a warning, not a pass."""
    (found,) = await ArmClock(cast("ArmClient", Answering(date)), FakeClock()).ask("s")

    assert found.health is Health.WARN
