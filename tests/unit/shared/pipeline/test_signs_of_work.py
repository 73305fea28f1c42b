"""What waits, and whether the clock of the machine can be right."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from shared.domain.health import Health
from shared.pipeline.health_report import Signs
from shared.pipeline.signs_of_work import WaitingWork
from shared.ports import Backlog, QueueName
from tests.fakes import FakeClock


@dataclass
class Queues:
    """Queues whose next message has waited for a while, with a clock that is right."""

    clock: FakeClock
    waits: timedelta = timedelta(0)

    async def backlog(self, queue: QueueName) -> Backlog:
        """Tell of one message."""
        assert queue in QueueName
        now = self.clock.now()
        return Backlog(1, now - self.waits, now)


@pytest.mark.parametrize(
    ("off", "health"),
    [
        (timedelta(seconds=20), Health.OK),
        (timedelta(seconds=-40), Health.WARN),
        (timedelta(seconds=400), Health.FAULT),
    ],
)
async def test_a_machine_whose_clock_is_off_is_seen_though_its_times_are_put_right(
    off: timedelta, health: Health
) -> None:
    """Where the monitor goes by the clock of the storage, it is the machine's own that counts."""
    right, machine = FakeClock(), FakeClock()
    machine.advance(off)
    signs = Signs()

    await WaitingWork(Queues(right), right, machine).take(right.now(), signs)

    (check,) = [each for each in signs.checks if each.name == "clock"]
    assert check.health is health
    assert signs.measures["clock_ahead_seconds"] == pytest.approx(off.total_seconds(), abs=0.1)


async def test_what_waits_too_long_is_a_fault_whatever_the_machine_says() -> None:
    """Its age goes by the clock that the queue has."""
    right, machine = FakeClock(), FakeClock()
    machine.advance(timedelta(hours=5))
    signs = Signs()

    await WaitingWork(Queues(right, timedelta(minutes=20)), right, machine).take(right.now(), signs)

    found = {each.name: each.health for each in signs.checks}
    assert found["queue.looks"] is found["queue.alerts"] is Health.FAULT
    assert found["queue.sweeps"] is Health.OK
    assert signs.measures["queue_looks_seconds"] == pytest.approx(1200, abs=0.1)
