"""A sweep under ARM's quota: nothing fails for want of it, and events overtake the sweep."""

import asyncio

from shared.adapters.azure.arm.quota import Quota
from shared.adapters.system_clock import SystemClock
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.sweep import SweepCoverage
from shared.pipeline.look import LookStatus
from shared.pipeline.messages import LookMessage, Trigger
from shared.pipeline.work import WorkReport
from tests.integration.reading_azure.arm_worlds import ArmWorld, arm_world
from tests.integration.reading_azure.small_estate import GROUP, ITSELF, account, deployment
from tests.worlds import SUBSCRIPTION

ACCOUNTS = 60
BURST, PER_SECOND = 20, 60
AT_ONCE = 16
FIRST = f"{GROUP}/Microsoft.CognitiveServices/accounts/a000"


def estate() -> list[Resource]:
    """Return so many accounts of one deployment each."""
    names = [f"{GROUP}/Microsoft.CognitiveServices/accounts/a{n:03}" for n in range(ACCOUNTS)]
    bodies = [(account(name), deployment(f"{name}/deployments/d", "Standard")) for name in names]
    return [each for pair in bodies for each in pair]


def throttle(world: ArmWorld) -> None:
    """Put ARM's quota in force, small."""
    quota = world.azure.arm.quota
    quota.is_on, quota.size, quota.per_second = True, BURST, PER_SECOND


async def covered(world: ArmWorld) -> SweepCoverage:
    """Return how far the sweep is."""
    (found,) = await world.ports.ledger.coverage(SUBSCRIPTION)
    return found


async def test_a_sweep_that_needs_more_reads_than_the_quota_has_fails_nowhere() -> None:
    """Every root is read whole, at the quota's speed, and an event's look does not wait for it."""
    clock = SystemClock()
    quota = Quota(clock, burst=BURST, per_second=PER_SECOND)
    async with arm_world(estate(), clock=clock, quota=quota) as world:
        throttle(world)
        runtime, loop, report = world.runtime, asyncio.get_running_loop(), WorkReport()
        await runtime.sweeps.begin(deep=False)
        began = loop.time()
        sweeping = asyncio.create_task(runtime.worker.drain(report, concurrency=AT_ONCE))
        while (await covered(world)).evaluated < ACCOUNTS // 3:  # noqa: ASYNC110 - a store
            await asyncio.sleep(0.01)

        asked = len(world.azure.log.reads)
        event = LookMessage(FIRST, clock.now(), Trigger.CHANGE)
        looked = await runtime.looks.look(event)
        meanwhile = [
            each for each in world.azure.log.reads[asked:] if FIRST.lower() not in each.path.lower()
        ]
        left = (await covered(world)).left
        await sweeping
        took = loop.time() - began

        assert looked.status is LookStatus.LOOKED
        assert not looked.problems
        # The event's dozen reads came before the sweep's, but for those that had their share.
        assert len(meanwhile) <= 2 * AT_ONCE
        assert left > 0

        coverage = await covered(world)
        assert coverage.complete
        assert (coverage.evaluated, coverage.unknown) == (ACCOUNTS, 0)
        assert report.looks[LookStatus.BUSY] <= 1
        assert world.azure.log.matching(status=429) == []
        assert await world.unreadable(FIRST) == await world.unreadable(ITSELF) == set()
        reads = len(world.azure.log.reads)
        assert took >= (reads - BURST - 10) / PER_SECOND
        root = ResourceId.parse(FIRST)
        assert (await world.ports.findings.state(root.key)).version == 2


async def test_a_throttled_subscription_is_swept_when_azure_answers_again() -> None:
    """Somebody else has used the quota up: 429 to us; no root is lost, none is a blind spot."""
    async with arm_world(estate()) as world:
        world.azure.fault("/deployments", status=429, headers={"Retry-After": "600"}, times=1)

        await world.sweep(deep=False)

        coverage = await covered(world)
        assert coverage.complete
        assert (coverage.evaluated, coverage.unknown) == (ACCOUNTS, 0)
        assert len(world.azure.log.matching(status=429)) == 1
        assert not [key for key in await world.is_open() if key.startswith("coverage.")]
        await world.check_history()
