"""Calls that need not wait for each other, a bounded number at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

AT_ONCE = 16
"""Enough to hide a round trip of milliseconds; more would only queue up at the account."""

T = TypeVar("T")


async def side_by_side(calls: Sequence[Callable[[], Awaitable[T]]]) -> list[T]:
    """Make the calls, begun in order; return their results in order.

    After a failure no further one is begun, those under way are cancelled, and the failure is
    raised: where storage is down, thousands of calls must not each find out by themselves.
    """
    if len(calls) == 1:
        # The most frequent, and a group of tasks for one is work for nothing.
        return [await calls[0]()]
    results: dict[int, T] = {}
    todo = iter(enumerate(calls))

    async def work() -> None:
        for place, call in todo:
            results[place] = await call()

    try:
        async with asyncio.TaskGroup() as workers:
            for _ in range(min(AT_ONCE, len(calls))):
                workers.create_task(work())
    except BaseExceptionGroup as failures:
        failure = failures.exceptions[0]
    else:
        return [results[place] for place in range(len(calls))]
    raise failure
