"""Work of every hour is done once for each, as soon as a timer comes in it."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.listening import SqliteBookmarks
from shared.pipeline.hourly import Hourly
from tests.fakes import BEGINNING, FakeClock

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def clock() -> FakeClock:
    """The clock, at the beginning of an hour."""
    return FakeClock()


@pytest.fixture
def bookmarks() -> SqliteBookmarks:
    """What is remembered."""
    return SqliteBookmarks(Database(Path(":memory:")))


@pytest.fixture
def hourly(bookmarks: SqliteBookmarks, clock: FakeClock) -> Hourly:
    """The hours of some work."""
    return Hourly("work", bookmarks, clock)


async def test_it_is_due_once_an_hour_at_whichever_minute(
    hourly: Hourly, bookmarks: SqliteBookmarks, clock: FakeClock
) -> None:
    """A timer that comes late, or in another process, skips no hour and does none twice."""
    hours = []
    for minutes in (3, 5, 51, 30, 40, 119, 1):
        clock.advance(minutes * MINUTE)
        hour = await Hourly("work", bookmarks, clock).due()
        if hour is not None:
            hours.append(round((hour - BEGINNING) / HOUR))
            await hourly.done(hour)

    assert hours == [0, 1, 2, 4]


async def test_what_was_not_done_stays_due(hourly: Hourly, clock: FakeClock) -> None:
    """Of hours that are over, only the last."""
    assert await hourly.due() == BEGINNING
    clock.advance(5 * MINUTE)
    assert await hourly.due() == BEGINNING
    clock.advance(3 * HOUR)

    assert await hourly.due() == BEGINNING + 3 * HOUR


@pytest.mark.parametrize("text", ["nonsense", '"2026-11-20T08:00:00"', '"2099-01-01T00:00:00Z"'])
async def test_a_bookmark_that_cannot_be_right_holds_nothing_up(
    hourly: Hourly, bookmarks: SqliteBookmarks, text: str
) -> None:
    """Neither one that cannot be read, nor one that a clock ahead of ours wrote."""
    await bookmarks.save("work", text)
    hour = await hourly.due()

    assert hour == BEGINNING
    await hourly.done(hour)
    assert await hourly.due() is None
