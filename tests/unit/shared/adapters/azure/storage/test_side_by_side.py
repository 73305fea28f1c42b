"""Several calls at the same time, a bounded number."""

import asyncio
from functools import partial

import pytest

from shared.adapters.azure.storage.side_by_side import AT_ONCE, side_by_side


class Calls:
    """Calls that give way, and count how many are under way."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.under_way = 0
        self.most = 0

    async def call(self, number: int, failing: int = -1) -> int:
        """Return the number a little later."""
        self.begun.append(number)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(0)
            if number == failing:
                raise OSError(f"call {number}")
            await asyncio.sleep(0)
        finally:
            self.under_way -= 1
        return number


@pytest.fixture
def calls() -> Calls:
    """Calls of which none was made."""
    return Calls()


async def test_results_come_in_the_order_of_the_calls(calls: Calls) -> None:
    """However many there are; no more than a few at the same time."""
    for count in (0, 1, AT_ONCE, 5 * AT_ONCE + 1):
        todo = [partial(calls.call, number) for number in range(count)]

        assert await side_by_side(todo) == list(range(count))
    assert calls.most == AT_ONCE


async def test_after_a_failure_no_further_call_is_begun(calls: Calls) -> None:
    """The failure comes out as it is, and nothing runs on behind the caller's back."""
    with pytest.raises(OSError, match="call 3"):
        await side_by_side([partial(calls.call, n, failing=3) for n in range(1000)])

    assert len(calls.begun) <= 2 * AT_ONCE
    assert calls.under_way == 0


async def test_who_is_cancelled_cancels_the_calls(calls: Calls) -> None:
    """A function that the host stops leaves nothing running."""
    task = asyncio.create_task(side_by_side([partial(calls.call, n) for n in range(1000)]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert calls.begun
    assert calls.under_way == 0
