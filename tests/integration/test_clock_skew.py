"""Workers whose clocks are minutes apart miss nothing, as they go by the service's clock."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from shared.adapters.azure.storage.service_clock import ServiceClock
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.pipeline.work import WorkReport
from shared.ports import Clock, Pace
from shared.runtime.assembly import Runtime, assemble
from tests.fakes import FakeClock, MemoryInventory
from tests.records import ACCOUNT, SUBSCRIPTION
from tests.worlds import World, resource, world, write_event

MINUTES = timedelta(minutes=2)


class Skewed:
    """The clock of a machine that is wrong by so much."""

    def __init__(self, right: FakeClock, by: timedelta) -> None:
        self._right = right
        self._by = by

    def now(self) -> datetime:
        """Return what the machine takes for the time."""
        return self._right.now() + self._by

    async def sleep(self, duration: timedelta) -> None:
        """Let the time pass at once."""
        self._right.advance(duration)


class ReadBy(MemoryInventory):
    """What ARM shows, with times by the clock of the worker that reads it."""

    def __init__(self, shown: MemoryInventory, clock: Clock, right: FakeClock) -> None:
        super().__init__(right)
        self._shown = shown
        self._by = clock

    @property
    def second_look_after(self) -> timedelta:
        """Return how long ARM lags."""
        return timedelta(minutes=1)

    async def read(
        self,
        root: ResourceId,
        sources: Collection[Source],
        *,
        after: datetime,
        pace: Pace = Pace.EVENT,
    ) -> Mapping[Source, SourceReading]:
        """Read what is there now."""
        del after, pace
        at, index = self._by.now(), self._shown.index()
        return {each: self.reading(index, root, each, at) for each in sources}


def worker(told: World, by: timedelta) -> Runtime:
    """Return a worker on a machine whose clock is wrong, once the service has answered it."""
    clock = ServiceClock(Skewed(told.clock, by))
    sent = clock.own.now()
    date = format_datetime(told.clock.now().replace(microsecond=0), usegmt=True)
    clock.answered(date, sent, clock.own.now())
    inventory = ReadBy(told.inventory, clock, told.clock)
    ports = replace(told.ports, clock=clock, inventory=inventory)
    return assemble(ports, told.catalogue, frozenset({SUBSCRIPTION}))


def account(access: str) -> Resource:
    """Return an account that is open to everybody, or not."""
    return resource(
        ACCOUNT,
        kind="OpenAI",
        location="swedencentral",
        properties={"publicNetworkAccess": access, "disableLocalAuth": True},
    )


@pytest.mark.parametrize("first", [-MINUTES, MINUTES])
async def test_a_change_accepted_behind_is_not_covered_by_a_look_ahead(first: timedelta) -> None:
    """Without a common clock it would be dropped, and found by the next sweep only."""
    told = world()
    early, late = worker(told, first), worker(told, -first)
    told.inventory.put(account("Disabled"))
    await early.intake.accept([write_event(ResourceId.parse(ACCOUNT))])
    await early.worker.drain(WorkReport())
    told.clock.advance(timedelta(minutes=1, seconds=30))
    await early.worker.drain(WorkReport())
    told.clock.advance(timedelta(seconds=20))

    told.inventory.put(account("Enabled"))
    await late.intake.accept([write_event(ResourceId.parse(ACCOUNT))])
    for _ in range(5):
        await late.worker.drain(WorkReport())
        await early.worker.drain(WorkReport())
        told.clock.advance(MINUTES)

    found = await told.ports.findings.findings(ACCOUNT.lower())
    assert any("public_access" in each.control for each in found.values())
