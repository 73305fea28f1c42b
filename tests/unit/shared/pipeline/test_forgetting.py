"""Forgetting: once an hour, so much at a time, and only what is old enough."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.pipeline.forgetting import OF_A_RUN, Forgetting
from tests.fakes import BEGINNING, FakeClock


@dataclass
class Stub:
    """Remembers what it was asked to purge."""

    asked: list[tuple[datetime, int]] = field(default_factory=list)

    async def purge(self, before: datetime, limit: int) -> int:
        """Remember."""
        self.asked.append((before, limit))
        return 7


async def test_once_an_hour_some_of_what_is_too_old_is_forgotten() -> None:
    """However often it is asked to."""
    clock, stub = FakeClock(), Stub()
    clock.advance(timedelta(minutes=3))
    counts = []
    for _ in range(24):
        counts.append(await Forgetting(stub, clock, timedelta(days=400)).run())
        clock.advance(timedelta(minutes=5))

    assert counts == [7, *[0] * 11, 7, *[0] * 11]
    assert {limit for _, limit in stub.asked} == {OF_A_RUN}
    assert stub.asked[0][0] - (BEGINNING - timedelta(days=400)) < timedelta(minutes=5)
