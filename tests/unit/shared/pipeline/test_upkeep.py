"""The tasks of a timer: each gets its turn, whatever becomes of the others."""

import pytest

from shared.pipeline.poison import DrovePoison
from shared.pipeline.upkeep import Upkeep, UpkeepError
from shared.ports import PortError


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
