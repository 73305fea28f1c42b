"""Whatever goes wrong with one list, `read` answers, and nothing looks absent that may be there."""

from datetime import timedelta

import pytest

from shared.domain.resource_id import ResourceId
from shared.domain.topology import CORE_SOURCES, ResourceType, Source
from shared.domain.verdict import Cause
from tests.arm_inventory import arm_world
from tests.records import ACCOUNT
from tests.worlds import resource

FAULTS: dict[str, dict[str, object]] = {
    "throttled": {"status": 429, "headers": {"Retry-After": "600"}},
    "broken": {"status": 500},
    "unavailable": {"status": 503, "headers": {"Retry-After": "30"}},
    "reset": {"kind": "reset"},
    "cut": {"kind": "cut"},
    "truncated": {"kind": "truncated"},
    "html": {"kind": "html", "status": 200},
    "repeats": {"kind": "repeat_page"},
    "foreign": {"kind": "foreign_page"},
    "refused": {"status": 403},
    "null": {"status": 200, "body": "null"},
    "no list": {"status": 200, "body": '{"value": {"a": 1}}'},
    "no objects": {"status": 200, "body": '{"value": [1, null]}'},
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_of_a_list_is_its_problem_alone(name: str) -> None:
    """The account beside it is read, and the list claims not to be whole."""
    root = ResourceId.parse(ACCOUNT)
    sources = [*CORE_SOURCES[ResourceType.ACCOUNT.lower()], Source.PROJECTS]
    async with arm_world(resource(ACCOUNT), resource(f"{ACCOUNT}/deployments/d")) as world:
        world.azure.fault("/deployments", **FAULTS[name])

        found = await world.inventory.read(root, sources, after=world.clock.now())

        reading = found[Source.DEPLOYMENTS]
        assert reading.problem is not None
        assert reading.problem.cause is Cause.UNREADABLE
        assert not reading.complete
        assert reading.read_at is not None
        assert found[Source.ACCOUNT].items
        assert found[Source.ACCOUNT].problem is None
        # What the unread deployments name is not known either.
        assert not found[Source.REFERENCED].complete
        if name == "throttled":
            assert reading.problem.retry_after is not None
            assert reading.problem.retry_after > timedelta(minutes=9)
        else:
            # A throttled subscription is not asked again meanwhile.
            assert found[Source.PROJECTS].problem is None


async def test_a_resource_that_disappears_half_way_is_no_half_root() -> None:
    """Its body is gone before its lists are asked."""
    root = ResourceId.parse(ACCOUNT)
    async with arm_world(resource(ACCOUNT), resource(f"{ACCOUNT}/projects/p")) as world:
        world.azure.fault(r"/accounts/acct\?", kind="vanish", resource=ACCOUNT, times=1)
        early = await world.inventory.read(root, [Source.ACCOUNT], after=world.clock.now())
        late = await world.inventory.read(
            root, [Source.ACCOUNT, Source.PROJECT_CONNECTIONS], after=world.clock.now()
        )

        assert early[Source.ACCOUNT].items
        for reading in late.values():
            assert (reading.items, reading.problem, reading.complete) == ((), None, True)


async def test_a_permission_that_is_granted_later_is_used_at_once() -> None:
    """Nothing of the refusal lasts."""
    root = ResourceId.parse(ACCOUNT)
    action = "Microsoft.CognitiveServices/accounts/deployments/read"
    async with arm_world(resource(ACCOUNT)) as world:
        world.azure.permissions.revoke(action)
        refused = await world.inventory.read(root, [Source.DEPLOYMENTS], after=world.clock.now())
        world.azure.permissions.grant(action)
        granted = await world.inventory.read(root, [Source.DEPLOYMENTS], after=world.clock.now())

        problem = refused[Source.DEPLOYMENTS].problem
        assert problem is not None
        assert problem.permission == action
        assert granted[Source.DEPLOYMENTS].problem is None
