"""A token endpoint that is down, and permissions that come and go, while the pipeline works."""

import json
from datetime import timedelta

from shared.domain.finding import TransitionKind
from shared.domain.topology import Source
from tests.integration.reading_azure.arm_worlds import arm_world
from tests.integration.reading_azure.small_estate import (
    ALPHA,
    BETA,
    ITSELF,
    NEIGHBOUR,
    OPENS,
    PUBLIC,
    RESOLVES,
    before,
    changes,
    sku_finding,
)
from tests.worlds import write_event

DEPLOYMENTS_READ = "Microsoft.CognitiveServices/accounts/deployments/read"
BLIND_ITSELF = f"coverage.resource_readable {ITSELF}"
BLIND = f"coverage.resource_readable {ALPHA.lower()}"


async def test_a_token_endpoint_that_comes_back_within_minutes_costs_nothing() -> None:
    """Meanwhile everything is unknown and nothing ends; then the work that waited is done."""
    async with arm_world(before()) as world:
        await world.sweep()
        earlier = await world.is_open()
        # A new instance has no token yet.
        world.restart()
        world.azure.identity.is_down = True
        for each in changes():
            world.azure.estate.put(each)
            await world.tell(write_event(each.id, world.clock.now().isoformat()))

        await world.work_now()

        assert await world.is_open() == earlier
        unreadable = (await world.state(ALPHA)).unreadable
        assert {Source.ACCOUNT, Source.DEPLOYMENTS} <= set(unreadable)
        assert all(each.passing for each in unreadable.values())
        assert (await world.state(ALPHA)).retry_at is not None

        world.azure.identity.is_down = False
        await world.settle()

        assert await world.is_open() == await world.truth()
        assert PUBLIC in await world.is_open()
        kinds = [each.kind for each in await world.check_history()]
        assert TransitionKind.BLIND_SPOT not in kinds


async def test_a_first_sweep_without_tokens_ends_and_the_next_one_sees_everything() -> None:
    """The subscription counts as not swept until then; what events told of is a blind spot."""
    async with arm_world(before()) as world:
        world.azure.identity.is_down = True
        await world.tell(write_event(changes()[-1].id, world.clock.now().isoformat()))
        await world.sweep(deep=False)
        await world.sweep(deep=False)

        during = await world.is_open()
        assert set(during) == {f"coverage.subscription_swept {ITSELF}", BLIND, BLIND_ITSELF}
        assert "no token for ARM" in during[BLIND]
        assert world.azure.log.reads == []

        world.azure.identity.is_down = False
        world.clock.advance(timedelta(minutes=1))
        await world.sweep(deep=False)
        await world.sweep()

        assert await world.is_open() == await world.truth()
        await world.check_history()


async def test_a_permission_that_is_granted_later() -> None:
    """Unknown, a blind spot after three looks, cleared by the next look, and the findings right."""
    async with arm_world(before()) as world:
        await world.sweep()
        earlier = await world.is_open()
        world.azure.permissions.revoke(DEPLOYMENTS_READ, ALPHA)
        for each in changes():
            world.azure.estate.put(each)
        change = write_event(changes()[-1].id, world.clock.now().isoformat())

        await world.tell(change)
        await world.work_now()
        state = (await world.state(ALPHA)).unreadable[Source.DEPLOYMENTS]
        assert (state.permission, state.looks) == (DEPLOYMENTS_READ, 1)
        assert BLIND not in await world.is_open()
        assert PUBLIC in await world.is_open()

        await world.settle()
        assert (await world.state(ALPHA)).unreadable[Source.DEPLOYMENTS].looks == 2
        assert BLIND not in await world.is_open()

        await world.sweep(deep=False)
        during = await world.is_open()
        assert DEPLOYMENTS_READ in during[BLIND]
        assert set(earlier) <= set(during)
        assert sku_finding(OPENS) not in during
        assert sku_finding(NEIGHBOUR) in during
        assert await world.unreadable(BETA) == set()
        await world.sweep(deep=False)

        world.azure.permissions.grant(DEPLOYMENTS_READ, ALPHA)
        await world.tell(change)
        await world.work_now()

        after = await world.is_open()
        assert after == await world.truth()
        assert sku_finding(OPENS) in after
        assert sku_finding(RESOLVES) not in after
        blind = [
            each.kind
            for each in await world.check_history()
            if f"{each.control} {each.resource_id.lower()}" == BLIND
        ]
        assert blind == [TransitionKind.BLIND_SPOT, TransitionKind.BLIND_SPOT_CLEARED]


async def test_a_permission_that_is_lost_on_everything_ends_no_finding() -> None:
    """Every root is a blind spot, none is gone; with the permission back all is as it was."""
    async with arm_world(before()) as world:
        await world.sweep()
        earlier = await world.is_open()
        world.azure.permissions.revoke()
        for _ in range(3):
            await world.sweep(deep=False)

        during = await world.is_open()
        assert set(earlier) <= set(during)
        assert {BLIND, f"coverage.subscription_swept {ITSELF}"} <= set(during)

        world.azure.permissions.grant()
        await world.sweep(deep=False)
        await world.sweep()

        assert await world.is_open() == earlier == await world.truth()
        await world.check_history()


async def test_a_subscription_that_is_hidden_ends_no_finding() -> None:
    """ARM says that it does not exist, as it does to an identity whose access was taken away."""
    hidden = {"error": {"code": "SubscriptionNotFound", "message": "could not be found"}}
    async with arm_world(before()) as world:
        await world.sweep()
        earlier = await world.is_open()
        world.azure.fault("GET /subscriptions/", status=404, body=json.dumps(hidden))
        for _ in range(3):
            world.clock.advance(timedelta(hours=1))
            await world.sweep(deep=False)

        during = await world.is_open()
        assert set(earlier) <= set(during)
        assert {BLIND, BLIND_ITSELF, f"coverage.subscription_swept {ITSELF}"} <= set(during)

        world.azure.faults.clear()
        await world.sweep(deep=False)
        await world.sweep()

        assert await world.is_open() == earlier == await world.truth()
        await world.check_history()
