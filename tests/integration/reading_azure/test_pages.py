"""Lists whose pages lead nowhere good: what was read is judged, and the token goes nowhere else."""

import re

import pytest

from shared.domain.resource import Resource
from shared.domain.topology import Source
from tests.integration.reading_azure.arm_worlds import MOST_PAGES, ArmWorld, arm_world
from tests.integration.reading_azure.small_estate import (
    ALPHA,
    OPENS,
    RESOLVES,
    before,
    deployment,
    sku_finding,
)
from tests.local_azure.server import LocalAzure
from tests.worlds import write_event

DEPLOYMENTS = rf"^GET {re.escape(ALPHA)}/deployments\?"
KINDS = ("repeat_page", "endless", "foreign_page")


async def _write(world: ArmWorld, *written: Resource) -> None:
    """Write resources, and let the events arrive and be worked off."""
    for each in written:
        world.azure.estate.put(each)
        await world.tell(write_event(each.id, world.clock.now().isoformat()))
    await world.work_now()


@pytest.mark.parametrize("kind", KINDS)
async def test_what_was_read_before_a_bad_page_is_judged(kind: str) -> None:
    """What the pages behind it hold is unknown: no finding of it ends, and no item is gone."""
    async with arm_world(before()) as world:
        await world.sweep()
        late = f"{ALPHA}/deployments/z-late"
        await _write(world, deployment(late, "GlobalStandard"))
        assert sku_finding(late) in await world.is_open()
        # For all that can be known, `late` could stand on the page behind the link.
        world.azure.fault(DEPLOYMENTS, kind=kind, host="https://127.0.0.1:1")
        world.azure.estate.delete(late)
        await _write(world, deployment(RESOLVES, "Standard"), deployment(OPENS, "GlobalStandard"))

        during = await world.is_open()
        assert sku_finding(OPENS) in during
        assert sku_finding(RESOLVES) not in during
        assert sku_finding(late) in during
        assert Source.DEPLOYMENTS in await world.unreadable(ALPHA)
        assert not (await world.state(ALPHA)).missing

        world.azure.faults.clear()
        await world.settle()
        await world.sweep()

        assert await world.is_open() == await world.truth()
        assert sku_finding(late) not in await world.is_open()
        await world.check_history()


async def test_an_endless_list_ends_after_a_bounded_number_of_pages() -> None:
    """However many pages it promises."""
    async with arm_world(before()) as world:
        world.azure.fault(DEPLOYMENTS, kind="endless")
        await world.tell(write_event(deployment(OPENS, "Standard").id))

        await world.work_now()

        assert len(world.azure.log.matching("alpha/deployments")) == MOST_PAGES
        unreadable = (await world.state(ALPHA)).unreadable
        assert "more than 30 pages" in unreadable[Source.DEPLOYMENTS].detail


async def test_no_token_is_sent_to_another_host() -> None:
    """A second Azure, to which the link leads, hears nothing at all."""
    async with arm_world(before()) as world, LocalAzure(*before()) as other:
        world.azure.fault("/", kind="foreign_page", host=other.arm.endpoint)

        await world.sweep()

        assert other.log.requests == []
        assert "127.0.0.1" in (await world.state(ALPHA)).unreadable[Source.DEPLOYMENTS].detail
        world.azure.faults.clear()
        await world.sweep(deep=False)
        await world.sweep()
        assert await world.is_open() == await world.truth()
        await world.check_history()
