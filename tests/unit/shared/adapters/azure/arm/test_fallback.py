"""Regions that refuse an API version are asked with an older one."""

import pytest

from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.domain.verdict import Cause
from tests.arm_inventory import ArmWorld, arm_world
from tests.records import ACCOUNT
from tests.worlds import resource

ACCOUNTS = "microsoft.cognitiveservices/accounts"
DEPLOYMENTS = f"{ACCOUNTS}/deployments"
BODY = resource(ACCOUNT, location="Sweden Central")
DEPLOYMENT = resource(f"{ACCOUNT}/deployments/d")


async def read(world: ArmWorld, *sources: Source) -> dict[Source, SourceReading]:
    """Read sources of the account."""
    return dict(
        await world.inventory.read(ResourceId.parse(ACCOUNT), sources, after=world.clock.now())
    )


async def one(world: ArmWorld, source: Source) -> SourceReading:
    """Read one source of the account."""
    return (await read(world, source))[source]


@pytest.mark.parametrize("not_found", [False, True])
@pytest.mark.parametrize(
    ("source", "refused"), [(Source.ACCOUNT, ACCOUNTS), (Source.DEPLOYMENTS, DEPLOYMENTS)]
)
async def test_an_older_version_is_used_and_told(
    source: Source, refused: str, *, not_found: bool
) -> None:
    """In whichever of ARM's two ways the region refuses: 400, or a 404 that is none."""
    async with arm_world(BODY, DEPLOYMENT) as world:
        world.azure.arm.versions.support(refused, "2025-06-01", not_found=not_found)

        reading = await one(world, source)

        (item,) = reading.items
        assert (reading.problem, reading.complete) == (None, True)
        assert reading.api_version == item.api_version == "2025-06-01"


async def test_what_was_refused_is_not_asked_again() -> None:
    """A later look costs its two reads."""
    async with arm_world(BODY, DEPLOYMENT) as world:
        world.azure.arm.versions.support(ACCOUNTS, "2025-12-01")
        await read(world, Source.ACCOUNT, Source.DEPLOYMENTS)
        await read(world, Source.ACCOUNT, Source.DEPLOYMENTS)
        world.azure.log.clear()

        await read(world, Source.ACCOUNT, Source.DEPLOYMENTS)

        assert len(world.reads) == 2


async def test_a_stable_type_without_any_version_is_unreadable() -> None:
    """That Azure does not have accounts is not believed."""
    async with arm_world(BODY) as world:
        world.azure.arm.versions.support(ACCOUNTS, "1999-01-01")

        found = await read(world, Source.ACCOUNT, Source.DEPLOYMENTS)

        for reading in found.values():
            assert reading.problem is not None
            assert reading.problem.cause is Cause.UNREADABLE
            assert not reading.complete


async def test_a_preview_type_without_any_version_has_no_resources() -> None:
    """No problem, proof of absence, and no further read."""
    async with arm_world(BODY) as world:
        world.azure.arm.versions.support(f"{ACCOUNTS}/managedcomputedeployments", not_found=True)
        for _ in range(2):
            reading = await one(world, Source.MANAGED_COMPUTE_DEPLOYMENTS)

            assert (reading.items, reading.problem, reading.complete) == ((), None, True)
            assert reading.api_version is None
            assert reading.read_at is not None
        asked = world.azure.log.matching("managedComputeDeployments")
        assert len(asked) == len({each.api_version for each in asked})


async def test_a_preview_type_that_arm_says_is_not_there_has_no_resources() -> None:
    """Though the version is known: previews are rolled out region by region."""
    async with arm_world(BODY) as world:
        missing = '{"error": {"code": "ResourceNotFound", "message": "not found"}}'
        world.azure.fault("managedComputeDeployments", status=404, body=missing)

        reading = await one(world, Source.MANAGED_COMPUTE_DEPLOYMENTS)

        assert (reading.items, reading.problem, reading.complete) == ((), None, True)


@pytest.mark.parametrize(
    ("source", "name", "supported", "used"),
    [
        (Source.PROJECTS, "projects", ("2026-07-15-preview", "2026-03-01"), "2026-07-15-preview"),
        (Source.PROJECTS, "projects", ("2025-12-01",), "2025-12-01"),
        (Source.RAI_POLICIES, "raiPolicies", ("2026-05-15-preview",), "2026-05-15-preview"),
        (Source.RAI_POLICIES, "raiPolicies", ("2026-03-01",), "2026-03-01"),
    ],
)
async def test_a_preview_that_shows_more_is_preferred(
    source: Source, name: str, supported: tuple[str, ...], used: str
) -> None:
    """And a stable version will do where there is none."""
    async with arm_world(BODY, resource(f"{ACCOUNT}/{name}/x")) as world:
        world.azure.arm.versions.support(f"{ACCOUNTS}/{name}", *supported)

        reading = await one(world, source)

        assert [each.api_version for each in reading.items] == [used]


async def test_the_account_is_read_twice_where_a_preview_answers() -> None:
    """Once as every control wants it, once for what only a preview shows."""
    async with arm_world(BODY) as world:
        world.azure.arm.versions.support(ACCOUNTS, "2026-03-01", "2026-01-15-preview")

        found = await read(world, Source.ACCOUNT, Source.ACCOUNT_PREVIEW)

        assert found[Source.ACCOUNT].api_version == "2026-03-01"
        assert found[Source.ACCOUNT_PREVIEW].api_version == "2026-01-15-preview"
        assert found[Source.ACCOUNT_PREVIEW].items[0].id == found[Source.ACCOUNT].items[0].id


async def test_the_account_has_no_second_view_where_no_preview_answers() -> None:
    """That is no problem."""
    async with arm_world(BODY) as world:
        world.azure.arm.versions.support(ACCOUNTS, "2026-03-01")

        reading = await one(world, Source.ACCOUNT_PREVIEW)

        assert (reading.items, reading.problem, reading.complete) == ((), None, True)
