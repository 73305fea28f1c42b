"""`ArmInventory.read`: what it costs, and what it makes of what ARM does not give."""

from collections.abc import Collection
from datetime import timedelta

import pytest

from shared.adapters.azure.arm.sources import WAYS
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import CORE_SOURCES, Source, sources_of
from shared.domain.verdict import Cause
from shared.ports import PortError
from tests.arm_inventory import ArmWorld, arm_world
from tests.records import ACCOUNT, GROUP, OTHER_ACCOUNT, SUBSCRIPTION
from tests.worlds import resource

WORKSPACE = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/ws"
REGISTRY = f"{GROUP}/Microsoft.MachineLearningServices/registries/reg"
DEPLOYMENTS = "microsoft.cognitiveservices/accounts/deployments"
ROOTS = [ACCOUNT, WORKSPACE, REGISTRY, f"/subscriptions/{SUBSCRIPTION}"]


async def read(
    world: ArmWorld, root: str, sources: Collection[Source] | None = None
) -> dict[Source, SourceReading]:
    """Read sources of a root, the core ones where none are named."""
    wanted = ResourceId.parse(root)
    chosen = CORE_SOURCES[wanted.type.lower()] if sources is None else sources
    return dict(await world.inventory.read(wanted, chosen, after=world.clock.now()))


def ids(items: Collection[Resource]) -> list[str]:
    """Return the names of resources in the order of the alphabet."""
    return sorted(each.id.name for each in items)


def deployments(count: int) -> list[Resource]:
    """Return deployments of the account."""
    return [resource(f"{ACCOUNT}/deployments/d{number}") for number in range(count)]


# --- what a look costs ---


async def test_a_core_look_at_an_account_costs_two_reads() -> None:
    """Its body and the list of its deployments, however many these are."""
    async with arm_world(resource(ACCOUNT, kind="OpenAI"), *deployments(10)) as world:
        found = await read(world, ACCOUNT)

        assert sorted(world.reads) == [ACCOUNT, f"{ACCOUNT}/deployments"]
        assert len(found[Source.DEPLOYMENTS].items) == 10
        assert found[Source.REFERENCED].problem is None


async def test_a_further_look_opens_no_connection() -> None:
    """Connections are kept and used again."""
    async with arm_world(resource(ACCOUNT)) as world:
        await read(world, ACCOUNT)
        used = {each.connection for each in world.azure.log.reads}
        world.azure.log.clear()

        await read(world, ACCOUNT)

        assert {each.connection for each in world.azure.log.reads} <= used


async def test_the_reads_of_a_look_do_not_wait_for_each_other() -> None:
    """Both are under way before either is answered."""
    async with arm_world(resource(ACCOUNT)) as world:
        await read(world, ACCOUNT)
        world.azure.log.clear()
        world.azure.front.latency = 0.1

        await read(world, ACCOUNT)

        began = [each.began for each in world.azure.log.reads]
        assert max(began) - min(began) < 0.09


async def test_a_deep_look_reads_every_source_once() -> None:
    """An empty account has no lists below lists."""
    async with arm_world(resource(ACCOUNT)) as world:
        await read(world, ACCOUNT, sources_of(WAYS[Source.ACCOUNT][0].type))
        asked = [path for path in world.reads if path.rpartition("/")[2] not in REFUSED_HERE]

        twice = [path for path in asked if asked.count(path) > 1 and path != ACCOUNT]
        assert twice == []


REFUSED_HERE = {"projects", "raiPolicies", "managedComputeDeployments", "computes"}
"""Lists that are asked for with previews first, some of which the local Azure refuses."""


# --- what every source says when it may not be read ---


@pytest.mark.parametrize("root", ROOTS, ids=lambda root: ResourceId.parse(root).type)
async def test_a_refused_read_names_the_action_and_leaves_the_others(root: str) -> None:
    """For every source of the table that is read without another one."""
    kind = ResourceId.parse(root).type
    sources = sources_of(kind)
    alone = [
        source
        for source in sources
        if source in WAYS and not any(way.per in sources for way in WAYS[source])
    ]
    async with arm_world(resource(root, location="swedencentral")) as world:
        for source in alone:
            permission = WAYS[source][0].permission
            world.azure.permissions.revoke(permission)

            found = await read(world, root, alone)

            reading = found[source]
            assert reading.problem is not None, source
            assert reading.problem.cause is Cause.UNREADABLE
            assert reading.problem.permission is not None
            assert reading.problem.permission.lower() == permission.lower()
            assert not reading.complete
            others = [each for each in alone if WAYS[each][0].permission != permission]
            assert all(found[each].problem is None for each in others)
            world.azure.permissions.grant(permission)


# --- lists that fail, and lists that contradict the root ---


async def test_a_failing_page_leaves_what_was_read() -> None:
    """What stood on the pages before it is judged; absence is not proven."""
    async with arm_world(resource(ACCOUNT), *deployments(5)) as world:
        world.azure.arm.page_size = 2
        world.azure.fault("deployments.*skiptoken", status=403, skip=1)

        reading = (await read(world, ACCOUNT))[Source.DEPLOYMENTS]

        assert ids(reading.items) == ["d0", "d1", "d2", "d3"]
        assert reading.problem is not None
        assert reading.problem.permission == f"{WAYS[Source.DEPLOYMENTS][0].type}/read"
        assert not reading.complete


async def test_a_list_began_with_its_first_page() -> None:
    """A write between two pages is not covered by the reading."""
    async with arm_world(resource(ACCOUNT), *deployments(4)) as world:
        world.azure.arm.page_size = 1
        world.azure.front.latency = 0.02

        reading = (await read(world, ACCOUNT))[Source.DEPLOYMENTS]

        assert reading.read_at is not None
        # All four pages were answered since, each after the latency.
        assert world.clock.now() - reading.read_at >= timedelta(seconds=4 * 0.02)


@pytest.mark.parametrize("below", ["deployments", "raiPolicies", "projects"])
async def test_a_list_that_is_said_not_to_exist_is_not_believed_while_its_root_does(
    below: str,
) -> None:
    """A 404 of the list alone proves no absence."""
    source = {"deployments": Source.DEPLOYMENTS, "raiPolicies": Source.RAI_POLICIES}.get(
        below, Source.PROJECTS
    )
    async with arm_world(resource(ACCOUNT)) as world:
        missing = '{"error": {"code": "ParentResourceNotFound", "message": "not found"}}'
        world.azure.fault(f"/{below}", status=404, body=missing)

        reading = (await read(world, ACCOUNT, [source]))[source]

        assert reading.problem is not None
        assert reading.problem.detail.startswith("ARM shows Acct, and of a list below it says:")
        assert not reading.complete


async def test_nothing_is_below_a_root_that_is_not_there() -> None:
    """Its lists are empty and whole, in a core look and in a deep one."""
    async with arm_world(resource(OTHER_ACCOUNT)) as world:
        found = await read(world, ACCOUNT, sources_of(WAYS[Source.ACCOUNT][0].type))

        for reading in found.values():
            assert (reading.items, reading.problem, reading.complete) == ((), None, True)


@pytest.mark.parametrize(
    "body",
    [
        '{"error": {"code": "InvalidResourceType", "message": "no such type"}}',
        '{"error": {"code": "SomethingElse", "message": "?"}}',
        '{"error": {"code": "SubscriptionNotFound", "message": "may not be seen"}}',
        "<html>not here</html>",
    ],
)
async def test_not_every_404_means_that_a_root_is_gone(body: str) -> None:
    """A proxy's, a wrong API version's or that of a hidden subscription proves nothing."""
    async with arm_world(resource(ACCOUNT)) as world:
        world.azure.fault(r"/accounts/acct\?", status=404, body=body)

        reading = (await read(world, ACCOUNT))[Source.ACCOUNT]

        assert reading.problem is not None
        assert not reading.complete


async def test_what_does_not_lie_below_the_root_is_told_of() -> None:
    """Items of another account, or without a usable id, are no deployments of this one."""
    async with arm_world(resource(ACCOUNT), *deployments(1)) as world:
        world.azure.arm.edits[DEPLOYMENTS] = lambda body, _: {
            **body,
            "id": f"{OTHER_ACCOUNT}/deployments/d0",
        }
        reading = (await read(world, ACCOUNT))[Source.DEPLOYMENTS]
        assert (reading.items, reading.complete) == ((), False)
        assert reading.problem is not None
        assert "which does not lie in" in reading.problem.detail

        world.azure.arm.edits[DEPLOYMENTS] = lambda body, _: {
            key: value for key, value in body.items() if key != "id"
        }
        reading = (await read(world, ACCOUNT))[Source.DEPLOYMENTS]
        assert reading.problem is not None
        assert reading.problem.detail.startswith(
            "Azure listed a resource whose id cannot be used: it "
        )


async def test_a_crash_is_a_problem_of_its_source_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The traceback is logged; `read` never raises."""
    monkeypatch.setitem(WAYS, Source.DEPLOYMENTS, ())
    async with arm_world(resource(ACCOUNT)) as world:
        found = await read(world, ACCOUNT)

        problem = found[Source.DEPLOYMENTS].problem
        assert problem is not None
        assert problem.detail == "the reading itself failed; the log has the traceback"
        assert found[Source.ACCOUNT].problem is None
        assert "reading deployments of" in caplog.text


# --- time ---


async def test_no_reading_begins_before_it_may() -> None:
    """A clock that is a little behind is waited for."""
    async with arm_world(resource(ACCOUNT)) as world:
        after = world.clock.now() + timedelta(seconds=0.1)

        found = await world.inventory.read(ResourceId.parse(ACCOUNT), [Source.ACCOUNT], after=after)

        read_at = found[Source.ACCOUNT].read_at
        assert read_at is not None
        assert read_at > after


async def test_a_clock_that_is_far_behind_is_a_problem() -> None:
    """Nothing is read, and it is worth trying again."""
    async with arm_world(resource(ACCOUNT)) as world:
        after = world.clock.now() + timedelta(minutes=1)

        found = await world.inventory.read(ResourceId.parse(ACCOUNT), [Source.ACCOUNT], after=after)
        with pytest.raises(PortError, match=r"clock is (60\.0|59\.\d) s behind"):
            await world.inventory.subscriptions(after=after)

        reading = found[Source.ACCOUNT]
        assert reading.problem is not None
        assert reading.problem.retry_after is not None
        assert not reading.complete
        assert world.azure.log.requests == []
