"""Forgetting: once an hour, so much at a time, and only what is old enough."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.listening import SqliteBookmarks
from shared.pipeline.forgetting import OF_A_RUN, Forgetting
from shared.ports import PortError
from tests.fakes import BEGINNING, FakeClock

KEEP = timedelta(days=400)
FIVE_MINUTES = timedelta(minutes=5)


@dataclass
class Stub:
    """Remembers what it was asked to purge."""

    asked: list[tuple[datetime, int]] = field(default_factory=list)
    down: bool = False

    async def purge(self, before: datetime, limit: int) -> int:
        """Remember."""
        if self.down:
            raise PortError("it is down")
        self.asked.append((before, limit))
        return 7


@pytest.mark.parametrize("late", [timedelta(minutes=3), timedelta(minutes=59)])
async def test_once_an_hour_some_of_what_is_too_old_is_forgotten(late: timedelta) -> None:
    """However often it is asked to, in whichever process, and however late the first time."""
    clock, stub = FakeClock(), Stub()
    bookmarks = SqliteBookmarks(Database(Path(":memory:")))
    clock.advance(late)
    counts = []
    for _ in range(24):
        counts.append(await Forgetting(stub, clock, KEEP, bookmarks).run())
        clock.advance(FIVE_MINUTES)

    assert (counts[0], sum(counts)) == (7, 2 * 7 if late < FIVE_MINUTES else 3 * 7)
    assert {limit for _, limit in stub.asked} == {OF_A_RUN}
    assert stub.asked[0][0] - (BEGINNING - KEEP) < timedelta(hours=1)


async def test_without_bookmarks_it_is_remembered_in_the_process() -> None:
    """Nor then does every run go through all that is kept."""
    clock, stub = FakeClock(), Stub()
    forgetting = Forgetting(stub, clock, KEEP)

    assert [await forgetting.run() for _ in range(3)] == [7, 0, 0]


async def test_what_could_not_be_forgotten_is_tried_again_in_the_same_hour() -> None:
    """By the next run."""
    clock, stub = FakeClock(), Stub(down=True)
    forgetting = Forgetting(stub, clock, KEEP)
    with pytest.raises(PortError):
        await forgetting.run()
    stub.down = False
    clock.advance(timedelta(minutes=20))

    assert await forgetting.run() == 7
