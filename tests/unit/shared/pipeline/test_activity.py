"""The Activity Log's timer: it listens each time, and checks the events once an hour."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.listening import SqliteBookmarks
from shared.pipeline.activity import ActivityWatch
from shared.pipeline.listen import Heard
from shared.ports import NoActivityTableError, PortError
from tests.fakes import FakeClock


@dataclass
class Stub:
    """Both use cases: counts its calls, and may fail."""

    failure: Exception | None = None
    calls: int = 0
    heard: Heard = field(default_factory=lambda: Heard(rows=3))
    bookmarks: SqliteBookmarks = field(
        default_factory=lambda: SqliteBookmarks(Database(Path(":memory:")))
    )

    async def listen(self) -> Heard:
        """Listen."""
        await self.check()
        return self.heard

    async def check(self) -> None:
        """Check."""
        self.calls += 1
        if self.failure is not None:
            raise self.failure


def watch(clock: FakeClock, listening: Stub, check: Stub) -> ActivityWatch:
    """Return the use case."""
    return ActivityWatch(clock, listening, check)  # type: ignore[arg-type] # stubs of both


@pytest.mark.parametrize("minutes", [1, 7, 59])
async def test_events_are_checked_once_an_hour(minutes: int) -> None:
    """Every five minutes the log is listened to; a late timer skips no hour."""
    clock, listening, check = FakeClock(), Stub(), Stub()
    clock.advance(timedelta(minutes=minutes))
    for _ in range(24):
        assert await watch(clock, listening, check).run() == Heard(rows=3)
        clock.advance(timedelta(minutes=5))

    assert (listening.calls, check.calls) == (24, 2 if minutes < 5 else 3)


async def test_a_check_that_failed_is_made_by_the_next_run() -> None:
    """Not an hour later."""
    clock, listening, check = FakeClock(), Stub(), Stub(PortError("down"))
    with pytest.raises(PortError):
        await watch(clock, listening, check).run()
    check.failure = None
    clock.advance(timedelta(minutes=5))
    await watch(clock, listening, check).run()

    assert check.calls == 2


async def test_without_a_workspace_nothing_is_done() -> None:
    """And that is what is returned."""
    assert await ActivityWatch(FakeClock()).run() is None


async def test_a_workspace_without_the_table_is_no_failure() -> None:
    """The check concludes that the export is missing, which is a finding."""
    listening, check = Stub(NoActivityTableError("no table")), Stub()

    assert await watch(FakeClock(), listening, check).run() == Heard()
    assert check.calls == 1


async def test_while_the_workspace_is_down_the_function_fails_and_events_are_checked() -> None:
    """What was not heard is heard by the next run."""
    listening, check = Stub(PortError("down")), Stub()
    with pytest.raises(PortError):
        await watch(FakeClock(), listening, check).run()

    assert check.calls == 1
