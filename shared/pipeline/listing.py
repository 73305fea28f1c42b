"""The roots of a subscription as they are listed, and the bodies that come with the list.

The bodies are stored, so that a sweep need not read them again; none is kept in memory.
"""

import asyncio
import logging
from collections.abc import AsyncIterator

from shared.domain.resource_id import ResourceId
from shared.ports import Inventory, Listed, PortError, SnapshotStore

log = logging.getLogger(__name__)

AT_ONCE = 32
"""Bodies in memory at a time, and stored side by side: a store answers after its latency."""


async def listed_roots(
    inventory: Inventory, snapshots: SnapshotStore, subscription: str, reasons: list[str]
) -> AsyncIterator[ResourceId]:
    """List the roots, each when its body is stored; why a list failed is added to `reasons`.

    Raises:
        PortError: a body could not be stored.
    """
    roots = aiter(inventory.roots(subscription))
    waiting: list[Listed] = []
    is_over = False
    while not is_over:
        try:
            waiting.append(await anext(roots))
        except StopAsyncIteration:
            is_over = True
        except PortError as error:
            log.warning("%s cannot be listed whole: %s", subscription, error)
            reasons.append(f"the list could not be read whole ({error})")
            is_over = True
        if is_over or len(waiting) >= AT_ONCE:
            await _save(snapshots, waiting)
            for each in waiting:
                yield each.root
            waiting.clear()


async def _save(snapshots: SnapshotStore, listed: list[Listed]) -> None:
    """Store the bodies of some roots."""
    saves = [
        snapshots.save(each.root, [each.reading]) for each in listed if each.reading is not None
    ]
    if saves:
        await asyncio.gather(*saves)
