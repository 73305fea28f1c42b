"""`Inventory` on Azure Resource Manager: the real estate."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from shared.adapters.azure.arm.api_versions import ApiVersions
from shared.adapters.azure.arm.asking import Asker
from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.arm.elsewhere import EveryRead
from shared.adapters.azure.arm.listing import Listing
from shared.adapters.azure.arm.resource_graph import ResourceGraph
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem, SourceReading
from shared.domain.topology import OTHER_ROOTS, OTHER_VIEWS, ROOT_TYPES, Source
from shared.domain.verdict import Cause
from shared.ports import Clock, Listed, Pace, PortError

SECOND_LOOK_AFTER = timedelta(minutes=1)
"""How long after a write ARM may still answer with the state before it."""
LONGEST_WAIT = timedelta(seconds=1)
"""How far this machine's clock may be behind that of whoever asks, and is waited for."""
_TICK = timedelta(microseconds=1)


class ArmInventory:
    """Reads the estate from ARM, and finds roots by Resource Graph.

    `api_versions` set the API version that a type or provider is first asked with:
    `{"Microsoft.CognitiveServices/accounts": "2025-12-01"}`.
    """

    second_look_after = SECOND_LOOK_AFTER

    def __init__(
        self, client: ArmClient, clock: Clock, api_versions: Mapping[str, str] | None = None
    ) -> None:
        self._client = client
        self._clock = clock
        self._versions = ApiVersions(clock, api_versions or {})
        self._graph = ResourceGraph(client, self._versions, clock)

    async def read(
        self,
        root: ResourceId,
        sources: Collection[Source],
        *,
        after: datetime,
        pace: Pace = Pace.EVENT,
    ) -> Mapping[Source, SourceReading]:
        """Read sources of a root, all at the same time."""
        behind = await self._wait_until_past(after)
        if behind is not None:
            return {each: SourceReading(each, problem=behind, complete=False) for each in sources}
        async with asyncio.TaskGroup() as group:
            reads = EveryRead(root, self._asker(pace), group, self._graph)
            tasks = {source: reads.task(source) for source in sources}
        return _without_contradiction(root, {each: task.result() for each, task in tasks.items()})

    async def roots(self, subscription: str) -> AsyncIterator[Listed]:
        """List the roots of a subscription once each, accounts with their bodies."""
        async for listed in self._listing().roots(subscription):
            yield listed

    async def subscriptions(self, *, after: datetime) -> frozenset[str]:
        """Return the subscriptions that hold a root, as Resource Graph knows them by now."""
        behind = await self._wait_until_past(after)
        if behind is not None:
            raise PortError(f"the subscriptions could not be listed: {behind.detail}")
        return await self._listing().subscriptions()

    def _asker(self, pace: Pace) -> Asker:
        return Asker(self._client, self._versions, self._clock, pace)

    def _listing(self) -> Listing:
        return Listing(self._asker(Pace.SWEEP), self._graph)

    async def _wait_until_past(self, after: datetime) -> Problem | None:
        """Wait until this machine's clock is past a time; say so if that takes too long."""
        behind = after - self._clock.now()
        if timedelta(0) <= behind <= LONGEST_WAIT:
            await self._clock.sleep(behind + _TICK)
        behind = after - self._clock.now()
        if behind < timedelta(0):
            return None
        return Problem(
            Cause.UNREADABLE,
            f"this machine's clock is {behind.total_seconds():.1f} s behind whoever asks for it",
            retry_after=behind,
        )


def _without_contradiction(
    root: ResourceId, found: Mapping[Source, SourceReading]
) -> Mapping[Source, SourceReading]:
    """Disbelieve that a root is not there while a list shows what lies below it."""
    own = ROOT_TYPES[root.type.lower()]
    reading = found.get(own)
    if reading is None or reading.items or reading.problem is not None:
        return found
    below = [
        each
        for source, each in found.items()
        if each.items and source not in OTHER_ROOTS and source not in OTHER_VIEWS
    ]
    if not below:
        return found
    shown = below[0].items[0].id.text
    problem = Problem(Cause.UNREADABLE, f"ARM says that it does not exist, and shows {shown}")
    return {**found, own: replace(reading, problem=problem, complete=False)}
