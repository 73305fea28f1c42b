"""The clock that goes by the storage service."""

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from shared.adapters.azure.storage.service_clock import ServiceClock
from tests.fakes import BEGINNING, FakeClock

SECOND = timedelta(seconds=1)


def answer(clock: ServiceClock, given: datetime, *, took: float = 0.1) -> None:
    """Let the service answer at a time of its own, as it says it: in whole seconds."""
    now = clock.own.now()
    date = format_datetime(given.replace(microsecond=0), usegmt=True)
    clock.answered(date, now - timedelta(seconds=took), now)


@pytest.mark.parametrize("minutes", [-2, 2])
def test_a_machine_that_is_wrong_by_minutes_is_set_right(minutes: int) -> None:
    """To within the second that the service's answer leaves open."""
    clock = ServiceClock(FakeClock())
    service = BEGINNING + timedelta(minutes=minutes)

    answer(clock, service)

    assert abs(clock.now() - service) < 1.2 * SECOND


def test_a_machine_that_may_be_right_is_believed() -> None:
    """Whole seconds say nothing against fractions of one."""
    clock = ServiceClock(FakeClock())
    for fraction in (0.0, 0.4, 0.9):
        answer(clock, clock.own.now() + timedelta(seconds=fraction))

    assert clock.behind == timedelta()


def test_each_answer_brings_it_closer() -> None:
    """However late in its second the first one came."""
    own = FakeClock()
    clock = ServiceClock(own)
    for _ in range(20):
        own.advance(timedelta(seconds=0.93))
        answer(clock, own.now() + timedelta(seconds=90), took=0.01)

    assert abs(clock.behind - timedelta(seconds=90)) < 0.1 * SECOND


def test_when_the_machine_is_set_right_nothing_is_added_any_more() -> None:
    """What was learned of its clock before is forgotten."""
    own = FakeClock()
    clock = ServiceClock(own)
    answer(clock, own.now() + timedelta(minutes=2))
    own.advance(timedelta(minutes=2))

    answer(clock, own.now())

    assert clock.behind == timedelta()


@pytest.mark.parametrize("date", [None, "", "yesterday"])
def test_an_answer_without_a_time_teaches_nothing(date: str | None) -> None:
    """It is a proxy's."""
    clock = ServiceClock(FakeClock())
    now = clock.own.now()

    clock.answered(date, now, now)

    assert clock.behind == timedelta()


async def test_it_waits_by_the_machine_s_clock() -> None:
    """A duration is the same by both."""
    own = FakeClock()

    await ServiceClock(own).sleep(timedelta(minutes=1))

    assert own.now() > BEGINNING + timedelta(minutes=1)
