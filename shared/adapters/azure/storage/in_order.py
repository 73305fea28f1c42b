"""Rows of several partitions as one sequence."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Sequence

from shared.adapters.azure.storage.row_json import StoredRow

Located = tuple[str, StoredRow]
"""A partition and a row of it."""


async def in_order(
    streams: Sequence[tuple[str, AsyncIterator[StoredRow]]],
) -> AsyncIterator[Located]:
    """Go through the rows of partitions, each in the order of its keys, in the order of their keys.

    Every partition is asked for its first rows at once, and for more only as they are needed.
    """
    firsts = await asyncio.gather(*(anext(rows, None) for _, rows in streams))
    heap = [(first.key, number, first) for number, first in enumerate(firsts) if first is not None]
    heapq.heapify(heap)
    while heap:
        _, number, row = heap[0]
        partition, rows = streams[number]
        yield partition, row
        following = await anext(rows, None)
        if following is None:
            heapq.heappop(heap)
        else:
            heapq.heapreplace(heap, (following.key, number, following))
