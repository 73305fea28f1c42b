"""The tasks of a timer: each gets its turn, whatever becomes of the others."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.listening import SqliteBookmarks
from shared.domain.health import Health, HealthCheck
from shared.pipeline import upkeep
from shared.pipeline.health_report import Signs
from shared.pipeline.poison import DrovePoison
from shared.pipeline.upkeep import WHOLE, Upkeep, UpkeepError
from shared.pipeline.upkeep_rounds import BOOKMARK, LATE, LONGEST_REASON, UpkeepRounds
from shared.ports import PortError
from tests.fakes import BEGINNING, FakeClock


async def counts() -> DrovePoison:
    """Count."""
    return DrovePoison(redriven=2)


async def number() -> int:
    """Count as a number."""
    return 3


async def fails() -> int:
    """Meet an outage."""
    raise PortError("the queue is down")


async def crashes() -> int:
    """Crash."""
    raise ZeroDivisionError("by nought")


async def hangs() -> int:
    """Wait for what never comes."""
    await asyncio.Event().wait()
    return 0


async def loses_patience() -> int:
    """Have waited long enough."""
    raise TimeoutError("the workspace")


@pytest.fixture
def rounds() -> UpkeepRounds:
    """What is remembered."""
    return UpkeepRounds(SqliteBookmarks(Database(Path(":memory:"))), FakeClock())


async def told(rounds: UpkeepRounds, later: timedelta = timedelta(0)) -> tuple[Signs, HealthCheck]:
    """Return what the health record tells of the last round."""
    signs = Signs()
    await rounds.take(BEGINNING + later, signs)
    (check,) = signs.checks
    return signs, check


async def test_all_counts_are_returned_by_name() -> None:
    """Noughts are left out."""
    assert await Upkeep({"a": counts, "b": number}).run() == {"a": {"redriven": 2}, "b": 3}


async def test_after_a_failure_the_others_are_done_and_told() -> None:
    """The function fails, so that the host tells of it; nothing is swallowed."""
    with pytest.raises(UpkeepError) as raised:
        await Upkeep({"a": fails, "b": crashes, "c": number}).run()

    assert str(raised.value) == (
        "a: failed: the queue is down; b: crashed: ZeroDivisionError('by nought'); c: 3"
    )
    assert isinstance(raised.value.__cause__, PortError)


async def test_one_that_hangs_is_ended_and_the_others_are_done(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It fails, and the log says so; what may take longer has its own time."""
    monkeypatch.setattr(upkeep, "LONGEST", timedelta(milliseconds=20))
    monkeypatch.setattr(upkeep, "LONGER", MappingProxyType({"b": timedelta(milliseconds=40)}))
    tasks = {"a": hangs, "b": hangs, "c": loses_patience, "d": number}
    with caplog.at_level(logging.WARNING), pytest.raises(UpkeepError) as raised:
        await Upkeep(tasks).run()

    assert str(raised.value) == (
        "a: failed: it took longer than 0.02 s; b: failed: it took longer than 0.04 s;"
        " c: crashed: TimeoutError('the workspace'); d: 3"
    )
    assert "a was ended: it took longer than 0.02 s" in caplog.text


async def test_however_many_hang_each_gets_its_turn_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The host ends a function after ten minutes, and all else that its worker does."""
    monkeypatch.setattr(upkeep, "LONGEST", timedelta(seconds=2))
    monkeypatch.setattr(upkeep, "WHOLE", timedelta(milliseconds=400))
    monkeypatch.setattr(upkeep, "LEAST", timedelta(milliseconds=20))
    began = asyncio.get_running_loop().time()
    tasks = {**dict.fromkeys("abcdefghij", hangs), "last": number}
    with pytest.raises(UpkeepError, match="last: 3"):
        await Upkeep(tasks).run()

    assert asyncio.get_running_loop().time() - began < 10
    assert timedelta(minutes=10) > WHOLE


async def test_what_failed_is_in_the_next_health_record(rounds: UpkeepRounds) -> None:
    """With why; when all went well, that is there."""
    signs, check = await told(rounds)
    assert (check.name, check.health) == ("redrive", Health.WARN)
    assert signs.measures == {"redrive_seconds": None, "redrive_failed": None}

    with pytest.raises(UpkeepError):
        await Upkeep({"a": fails, "b": number, "c": crashes}, rounds.remember).run()
    signs, check = await told(rounds, timedelta(minutes=5))
    assert check.health is Health.WARN
    assert check.message == (
        "The last ended 4 min ago, and of its tasks `a` failed: the queue is down;"
        " `c` crashed: ZeroDivisionError('by nought')."
    )
    assert signs.measures["redrive_failed"] == 2

    await Upkeep({"a": number}, rounds.remember).run()
    signs, check = await told(rounds, timedelta(minutes=5))
    assert (check.health, check.message) == (Health.OK, "The last ended 4 min ago.")
    assert signs.measures == {"redrive_seconds": 300.0, "redrive_failed": 0}


async def test_rounds_that_come_to_no_end_are_a_fault(rounds: UpkeepRounds) -> None:
    """As when the host ends each of them."""
    await Upkeep({}, rounds.remember).run()

    _, check = await told(rounds, LATE + timedelta(minutes=1))

    assert check.health is Health.FAULT


async def test_what_is_remembered_is_short_and_may_be_damaged(rounds: UpkeepRounds) -> None:
    """Then nothing is known of the last round."""
    await rounds.remember({"a": "x" * 10_000})
    last = await rounds.last()
    assert last is not None
    assert len(last.failed["a"]) == LONGEST_REASON

    await rounds.bookmarks.save(BOOKMARK, "nonsense")

    assert await rounds.last() is None


async def test_a_round_that_cannot_be_remembered_fails(rounds: UpkeepRounds) -> None:
    """After its tasks are done."""

    class Down(SqliteBookmarks):
        async def save(self, name: str, text: str) -> None:
            raise PortError(f"no place for {name}, {len(text)} long")

    down = UpkeepRounds(Down(Database(Path(":memory:"))), rounds.clock)
    with pytest.raises(UpkeepError, match="a: 3; remembered: failed: no place for upkeep"):
        await Upkeep({"a": number}, down.remember).run()
