"""Whatever ARM does wrong with one read: the rest is judged at once, and in the end all is right.

The account's own read, the list of its deployments and a list below a project fail in each way, for
a moment, for minutes and for hours.
"""

import re

import pytest

from shared.domain.finding import SILENT_KINDS, TransitionKind
from shared.domain.topology import Source
from tests.integration.reading_azure.arm_worlds import ArmWorld, arm_world
from tests.integration.reading_azure.small_estate import (
    ALPHA,
    BETA,
    NEIGHBOUR,
    OPENS,
    PUBLIC,
    RESOLVES,
    before,
    changes,
    sku_finding,
)
from tests.worlds import write_event

PASSING: dict[str, dict[str, object]] = {
    "429": {"status": 429},
    "429 for a second": {"status": 429, "headers": {"Retry-After": "1"}},
    "429 for ten minutes": {"status": 429, "headers": {"Retry-After": "600"}},
    "500": {"status": 500},
    "503": {"status": 503},
    "503 for a minute": {"status": 503, "headers": {"Retry-After": "60"}},
    "reset": {"kind": "reset"},
    "cut off": {"kind": "cut"},
    "truncated": {"kind": "truncated"},
    "HTML": {"kind": "html", "status": 200},
}
"""Trying again helps."""
HANG: dict[str, dict[str, object]] = {"hang": {"kind": "hang", "seconds": 60}}
LASTING: dict[str, dict[str, object]] = {
    "403": {"status": 403},
    "404 of a proxy": {"status": 404},
    "no list": {"status": 200, "body": '{"value": null}'},
}
"""Trying again does not."""
FAULTS = PASSING | HANG | LASTING
BRIEF = ("429 for a second", "500", "503", "cut off", "truncated", "HTML")
OF_AN_ACCOUNT = ("429", "429 for ten minutes", "500", "reset", "truncated", "HTML")
FOR_HOURS = ("429 for ten minutes", "500", "reset", "truncated", *LASTING)
AT_FIRST = ("429 for ten minutes", "503 for a minute", "HTML", "403")
THROTTLED = ("429", "429 for a second", "429 for ten minutes")
DEPLOYMENTS = rf"^GET {re.escape(ALPHA)}/deployments\?"
ITSELF = rf"^GET {re.escape(ALPHA)}\?"
UNREAD = {Source.DEPLOYMENTS, Source.REFERENCED}
"""What the deployments name elsewhere is not known either."""
HIDDEN = f"{ALPHA.lower()}/deployments/"
BLIND = f"coverage.resource_readable {ALPHA.lower()}"


async def somebody_changes_it(world: ArmWorld) -> None:
    """Change the estate, and let the events arrive."""
    for each in changes():
        world.azure.estate.put(each)
        await world.tell(write_event(each.id, world.clock.now().isoformat()))


@pytest.mark.parametrize("name", BRIEF)
async def test_a_fault_of_a_moment_is_outlasted_by_the_look(name: str) -> None:
    """Nothing becomes unknown, and nothing is left to be tried again."""
    async with arm_world(before()) as world:
        await world.sweep()
        world.azure.fault(DEPLOYMENTS, **FAULTS[name], times=1)
        await somebody_changes_it(world)

        await world.work_now()

        assert await world.unreadable(ALPHA) == set()
        assert (await world.state(ALPHA)).retry_at is None
        assert await world.is_open() == await world.truth()
        await world.check_history()


@pytest.mark.parametrize("name", FAULTS)
async def test_a_list_that_fails_for_minutes_hides_itself_alone(name: str) -> None:
    """The neighbour and the account's own body are judged at once, the list when it can be read."""
    async with arm_world(before()) as world:
        await world.sweep()
        earlier = await world.is_open()
        world.azure.fault(DEPLOYMENTS, **FAULTS[name])
        await somebody_changes_it(world)

        await world.work_now()

        during = await world.is_open()
        new = set(during) - set(earlier)
        assert {PUBLIC, sku_finding(NEIGHBOUR)} <= new
        assert not [key for key in new if HIDDEN in key]
        assert set(earlier) <= set(during)
        assert await world.unreadable(ALPHA) == UNREAD
        helps = (await world.state(ALPHA)).retry_at is not None
        assert helps is (name not in LASTING)

        world.azure.faults.clear()
        await world.settle()

        after = await world.is_open()
        assert after == await world.truth()
        assert sku_finding(OPENS) in after
        assert sku_finding(RESOLVES) not in after
        assert await world.unreadable(ALPHA) == set()
        kinds = [each.kind for each in await world.check_history()]
        assert TransitionKind.BLIND_SPOT not in kinds
        assert TransitionKind.REOPENED not in kinds


@pytest.mark.parametrize("name", OF_AN_ACCOUNT)
async def test_an_account_that_cannot_be_read_hides_itself_alone(name: str) -> None:
    """Its deployments are judged at once; it is not taken for gone, and no finding of it ends."""
    async with arm_world(before()) as world:
        await world.sweep()
        earlier = await world.is_open()
        world.azure.fault(ITSELF, **FAULTS[name])
        await somebody_changes_it(world)

        await world.work_now()

        during = await world.is_open()
        assert PUBLIC not in during
        assert sku_finding(NEIGHBOUR) in during
        assert {key for key in earlier if key.endswith(ALPHA.lower())} <= set(during)
        assert Source.ACCOUNT in await world.unreadable(ALPHA)
        assert not (await world.state(ALPHA)).missing
        if name not in THROTTLED:
            assert Source.DEPLOYMENTS not in await world.unreadable(ALPHA)

        world.azure.faults.clear()
        await world.settle()

        assert await world.is_open() == await world.truth()
        await world.check_history()


@pytest.mark.parametrize("name", FOR_HOURS)
async def test_a_list_that_fails_for_hours_becomes_a_blind_spot(name: str) -> None:
    """It is told once, ends once with the sweep that can read again, and the findings are right."""
    async with arm_world(before()) as world:
        await world.sweep()
        earlier = await world.is_open()
        world.azure.fault(DEPLOYMENTS, **FAULTS[name])
        await somebody_changes_it(world)
        await world.settle()
        await world.sweep(deep=False)

        during = await world.is_open()
        assert BLIND in during
        assert set(earlier) <= set(during)
        assert sku_finding(OPENS) not in during

        world.azure.faults.clear()
        await world.sweep(deep=False)

        assert await world.is_open() == await world.truth()
        blind = [
            each.kind
            for each in await world.check_history()
            if f"{each.control} {each.resource_id.lower()}" == BLIND
            and each.kind not in SILENT_KINDS
        ]
        assert blind == [TransitionKind.BLIND_SPOT, TransitionKind.BLIND_SPOT_CLEARED]


@pytest.mark.parametrize("name", AT_FIRST)
async def test_a_list_that_fails_from_the_beginning_is_unknown_until_it_is_read(name: str) -> None:
    """The first sweep judges the rest; nothing that it could not read passes or fails."""
    async with arm_world(before()) as world:
        world.azure.fault(DEPLOYMENTS, **FAULTS[name])
        await world.sweep(deep=False)

        assert sku_finding(RESOLVES) not in await world.is_open()
        assert (await world.state(BETA)).version
        # A sweep has the account from its list, and asks for the deployments alone.
        assert await world.unreadable(ALPHA) >= UNREAD

        world.azure.faults.clear()
        await world.sweep(deep=False)
        await world.sweep()

        assert await world.is_open() == await world.truth()
        assert sku_finding(RESOLVES) in await world.is_open()
        await world.check_history()
