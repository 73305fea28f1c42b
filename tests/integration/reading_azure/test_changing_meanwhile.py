"""Azure that changes, or tells of yesterday, while it is read."""

import re
from datetime import timedelta

import pytest

from shared.domain.finding import FindingState, TransitionKind
from shared.domain.resource_id import ResourceId
from shared.domain.topology import Source
from tests.integration.reading_azure.arm_worlds import arm_world
from tests.integration.reading_azure.small_estate import (
    ALPHA,
    BETA,
    OPENS,
    RESOLVES,
    account,
    before,
    changes,
    sku_finding,
)
from tests.worlds import delete_event, write_event

MINUTE = timedelta(minutes=1)


async def test_a_stale_answer_right_after_a_write_is_put_right_a_minute_later() -> None:
    """The first look sees the state before the write; the second one finds what was written."""
    async with arm_world(before()) as world:
        await world.sweep()
        earlier = await world.is_open()
        world.azure.fault("/accounts/", kind="stale")
        for each in changes():
            world.azure.estate.put(each)
            await world.tell(write_event(each.id, world.clock.now().isoformat()))

        await world.work_now()
        assert await world.is_open() == earlier

        world.azure.faults.clear()
        world.clock.advance(MINUTE)
        await world.work_now()

        assert await world.is_open() == await world.truth()
        assert sku_finding(OPENS) in await world.is_open()
        assert sku_finding(RESOLVES) not in await world.is_open()
        await world.check_history()


async def test_a_stale_answer_right_after_a_delete_brings_nothing_back() -> None:
    """The account is still shown at first, and gone a minute later; its findings end once."""
    async with arm_world(before()) as world:
        await world.sweep()
        world.azure.estate.delete(ALPHA)
        world.azure.fault("/accounts/", kind="stale")
        await world.tell(delete_event(ResourceId.parse(ALPHA), world.clock.now().isoformat()))

        await world.work_now()
        assert any(ALPHA.lower() in key for key in await world.is_open())

        world.azure.faults.clear()
        world.clock.advance(MINUTE)
        await world.work_now()

        assert not [key for key in await world.is_open() if ALPHA.lower() in key]
        await world.settle()
        assert await world.is_open() == await world.truth()
        kinds = [each.kind for each in await world.check_history()]
        assert TransitionKind.REOPENED not in kinds


@pytest.mark.parametrize("told", [True, False], ids=["with an event", "without"])
async def test_an_account_that_goes_between_its_own_read_and_its_lists(told: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """It is no blind spot, and gone once that is sure."""
    async with arm_world(before()) as world:
        await world.sweep()
        world.azure.fault(rf"^GET {re.escape(ALPHA)}\?", kind="vanish", resource=ALPHA, times=1)
        # So that the lists are asked for after it.
        world.azure.fault(rf"^GET {re.escape(ALPHA)}/", kind="hang", seconds=0.1, times=1)
        await world.tell(write_event(account(ALPHA).id, world.clock.now().isoformat()))
        await world.work_now()

        findings = await world.ports.findings.findings(ALPHA.lower())
        assert FindingState.OPEN in {each.state for each in findings.values()}
        assert not any("coverage" in key for key in findings)

        if told:
            await world.tell(delete_event(ResourceId.parse(ALPHA), world.clock.now().isoformat()))
            await world.settle()
        else:
            await world.sweep(deep=False)
            await world.sweep(deep=False)

        assert (await world.state(ALPHA)).gone
        assert await world.is_open() == await world.truth()
        await world.check_history()


async def test_a_project_that_goes_before_its_connections_are_listed() -> None:
    """The deep sweep is no less complete for it, and nothing of the project stays open."""
    project = f"{ALPHA}/projects/p"
    async with arm_world(before()) as world:
        world.azure.fault(
            rf"^GET {re.escape(ALPHA)}/projects\?", kind="vanish", resource=project, times=1
        )
        await world.sweep()
        await world.sweep(deep=False)
        assert await world.unreadable(BETA) == set()

        await world.sweep()
        await world.sweep()

        assert await world.unreadable(ALPHA) == set()
        assert await world.is_open() == await world.truth()
        assert not [key for key in await world.is_open() if project.lower() in key]
        await world.check_history()


async def test_a_project_that_is_gone_is_no_finding_of_its_lists() -> None:
    """One look in between may not read its connections; it says so, and no finding ends by it."""
    project = f"{ALPHA}/projects/p"
    async with arm_world(before()) as world:
        await world.sweep()
        connected = {key for key in await world.is_open() if f"{project}/".lower() in key}
        world.azure.fault(
            rf"^GET {re.escape(ALPHA)}/projects\?", kind="vanish", resource=project, times=1
        )
        await world.runtime.sweeps.begin(deep=True)
        await world.work_now()

        assert connected <= set(await world.is_open())
        assert Source.PROJECT_CONNECTIONS in await world.unreadable(ALPHA)
        await world.settle()
        await world.sweep()
        assert await world.is_open() == await world.truth()
        await world.check_history()
