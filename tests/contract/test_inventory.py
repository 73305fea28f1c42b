"""`Inventory`: the estate as it is now, and what a reading proves of what it does not show."""

import contextlib
from collections.abc import Collection

import pytest

from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import CORE_SOURCES, DEEP_SOURCES, Source
from shared.domain.verdict import Cause
from shared.ports import Inventory, PortError
from tests.contract.backends import InventoryBackend
from tests.records import ACCOUNT, GROUP, OTHER_ACCOUNT, OTHER_SUBSCRIPTION, SUBSCRIPTION
from tests.worlds import resource

pytestmark = pytest.mark.contract

DEPLOYMENT = f"{ACCOUNT}/deployments/chat"
WORKSPACES = f"{GROUP}/Microsoft.MachineLearningServices/workspaces"
HUB, PROJECT = f"{WORKSPACES}/hub", f"{WORKSPACES}/project"
REGISTRY = f"{GROUP}/Microsoft.MachineLearningServices/registries/reg"


async def read(
    estate: InventoryBackend, root: str, *sources: Source
) -> dict[Source, SourceReading]:
    """Read sources of a root now."""
    after = estate.clock.now()
    return dict(await estate.inventory.read(ResourceId.parse(root), sources, after=after))


async def one(estate: InventoryBackend, root: str, source: Source) -> SourceReading:
    """Read one source of a root now."""
    return (await read(estate, root, source))[source]


def ids(items: Collection[Resource]) -> list[str]:
    """Return the ids of resources in the order of the alphabet."""
    return sorted(each.id.text for each in items)


async def test_every_source_asked_for_is_answered(estate: InventoryBackend) -> None:
    """Whether anything is there or not, under its own name and with the time of its reading."""
    estate.put(resource(ACCOUNT, kind="OpenAI"), resource(HUB), resource(REGISTRY))
    for root in (ACCOUNT, HUB, REGISTRY, OTHER_ACCOUNT):
        kind = ResourceId.parse(root).type.lower()
        sources = (*CORE_SOURCES[kind], *DEEP_SOURCES.get(kind, ()))
        before = estate.clock.now()
        found = await read(estate, root, *sources)

        assert list(found) == list(sources)
        for source, reading in found.items():
            assert reading.source is source
            assert reading.read_at is not None
            assert before < reading.read_at < estate.clock.now()


async def test_each_reading_begins_after_what_it_must_show(estate: InventoryBackend) -> None:
    """A resource changed before is shown changed, however short the time between."""
    for n in range(20):
        estate.put(resource(ACCOUNT, kind="OpenAI", tags={"n": str(n)}))
        reading = await one(estate, ACCOUNT, Source.ACCOUNT)
        assert reading.items[0].body["tags"] == {"n": str(n)}


async def test_a_reading_shows_resources_as_arm_would(estate: InventoryBackend) -> None:
    """With their ids in their spelling, their bodies and their API version."""
    account = resource(ACCOUNT, kind="OpenAI", properties={"a": [1, {"b": None}]})
    deployment = resource(DEPLOYMENT.replace("chat", "Chat"), sku={"name": "Standard"})
    estate.put(Resource(account.id, account.body, "2026-07-01"), deployment)

    found = await read(estate, ACCOUNT.upper(), Source.ACCOUNT, Source.DEPLOYMENTS)

    (shown,) = found[Source.ACCOUNT].items
    assert (shown.id.text, shown.api_version) == (ACCOUNT, "2026-07-01")
    assert shown.object("properties").value == {"a": [1, {"b": None}]}
    assert ids(found[Source.DEPLOYMENTS].items) == [f"{ACCOUNT}/deployments/Chat"]
    assert all(each.problem is None and each.complete for each in found.values())


async def test_resources_of_other_roots_do_not_show(estate: InventoryBackend) -> None:
    """Not even those of an account whose name begins alike."""
    estate.put(resource(ACCOUNT), resource(f"{ACCOUNT}2"), resource(f"{ACCOUNT}2/deployments/d"))

    found = await read(estate, ACCOUNT, Source.ACCOUNT, Source.DEPLOYMENTS)

    assert ids(found[Source.ACCOUNT].items) == [ACCOUNT]
    assert found[Source.DEPLOYMENTS].items == ()


async def test_a_root_that_is_not_there_is_a_reading_without_items(
    estate: InventoryBackend,
) -> None:
    """No problem, and proof that it is absent."""
    estate.put(resource(OTHER_ACCOUNT))

    reading = await one(estate, ACCOUNT, Source.ACCOUNT)

    assert (reading.items, reading.problem, reading.complete) == ((), None, True)


async def test_a_root_that_was_deleted_is_not_there(estate: InventoryBackend) -> None:
    """As soon as it is gone."""
    estate.put(resource(ACCOUNT), resource(OTHER_ACCOUNT))
    assert (await one(estate, ACCOUNT, Source.ACCOUNT)).items

    estate.delete(ACCOUNT)

    reading = await one(estate, ACCOUNT, Source.ACCOUNT)
    assert (reading.items, reading.problem, reading.complete) == ((), None, True)


async def test_a_child_that_is_not_in_a_whole_list_is_proven_absent(
    estate: InventoryBackend,
) -> None:
    """An empty list is whole too."""
    estate.put(resource(ACCOUNT), resource(DEPLOYMENT), resource(f"{ACCOUNT}/deployments/b"))
    estate.delete(DEPLOYMENT)
    reading = await one(estate, ACCOUNT, Source.DEPLOYMENTS)
    assert (ids(reading.items), reading.complete) == ([f"{ACCOUNT}/deployments/b"], True)

    estate.delete(f"{ACCOUNT}/deployments/b")

    reading = await one(estate, ACCOUNT, Source.DEPLOYMENTS)
    assert (reading.items, reading.problem, reading.complete) == ((), None, True)


async def test_a_root_of_which_only_a_child_is_known_is_unreadable_not_absent(
    estate: InventoryBackend,
) -> None:
    """A child without its parent must not make the parent look deleted."""
    estate.put(resource(DEPLOYMENT))

    found = await read(estate, ACCOUNT, Source.ACCOUNT, Source.DEPLOYMENTS)

    root = found[Source.ACCOUNT]
    assert (root.items, root.complete) == ((), False)
    assert root.problem is not None
    assert root.problem.cause is Cause.UNREADABLE
    assert ids(found[Source.DEPLOYMENTS].items) == [DEPLOYMENT]


async def test_a_list_that_failed_part_way_proves_no_absence(estate: InventoryBackend) -> None:
    """It never raises, and does not claim to be whole."""
    estate.put(resource(ACCOUNT), resource(DEPLOYMENT))
    estate.spoil(ACCOUNT)

    reading = await one(estate, ACCOUNT, Source.DEPLOYMENTS)

    assert not reading.complete


async def test_what_was_unreadable_is_whole_when_it_can_be_read_again(
    estate: InventoryBackend,
) -> None:
    """Nothing of the failure lasts."""
    estate.put(resource(ACCOUNT))
    estate.spoil(ACCOUNT)
    await one(estate, ACCOUNT, Source.DEPLOYMENTS)

    estate.mend(ACCOUNT)

    reading = await one(estate, ACCOUNT, Source.DEPLOYMENTS)
    assert (reading.problem, reading.complete) == (None, True)


async def test_the_hub_of_a_project_is_read_wherever_it_is(estate: InventoryBackend) -> None:
    """By the id that the project names, in any case, in another subscription too."""
    elsewhere = HUB.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)
    estate.put(resource(elsewhere, kind="Hub"), resource(HUB, kind="Hub"))
    for named in (elsewhere, elsewhere.upper(), f"{elsewhere}/"):
        estate.put(resource(PROJECT, kind="Project", properties={"hubResourceId": named}))

        reading = await one(estate, PROJECT, Source.HUB)

        assert ids(reading.items) == [elsewhere]
        assert (reading.problem, reading.complete) == (None, True)


async def test_a_workspace_without_a_hub_has_none(estate: InventoryBackend) -> None:
    """No problem either."""
    estate.put(resource(HUB, kind="Hub"), resource(PROJECT, properties={"hubResourceId": None}))
    for workspace in (HUB, PROJECT):
        reading = await one(estate, workspace, Source.HUB)

        assert (reading.items, reading.problem) == ((), None)


async def test_a_hub_that_is_not_there_is_unreadable(estate: InventoryBackend) -> None:
    """What it decides about cannot be judged."""
    estate.put(resource(PROJECT, kind="Project", properties={"hubResourceId": HUB}))

    reading = await one(estate, PROJECT, Source.HUB)

    assert reading.items == ()
    assert reading.problem is not None
    assert reading.problem.cause is Cause.UNREADABLE


async def test_the_roots_of_a_subscription_are_listed_once_each(
    estate: InventoryBackend, inventory: Inventory
) -> None:
    """Accounts, workspaces and registries, also those of which only a child is known."""
    orphan = f"{OTHER_ACCOUNT}/deployments/d"
    elsewhere = ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)
    estate.put(*map(resource, (ACCOUNT, DEPLOYMENT, HUB, REGISTRY, orphan, elsewhere)))

    listed = [each.root.key async for each in inventory.roots(SUBSCRIPTION.upper())]

    roots = (ACCOUNT, HUB, REGISTRY, OTHER_ACCOUNT)
    assert sorted(listed) == sorted(root.lower() for root in roots)
    assert [each.root.key async for each in inventory.roots(OTHER_SUBSCRIPTION)] == [
        elsewhere.lower()
    ]


async def test_subscriptions_are_those_that_hold_a_root(
    estate: InventoryBackend, inventory: Inventory
) -> None:
    """In lower case; one whose last root is gone holds none."""
    assert await inventory.subscriptions(after=estate.clock.now()) == frozenset()
    spelled = f"/subscriptions/{'AB' * 4}-1111-1111-1111-111111111111"
    elsewhere = ACCOUNT.replace(f"/subscriptions/{SUBSCRIPTION}", spelled)
    estate.put(resource(ACCOUNT), resource(elsewhere))
    both = {SUBSCRIPTION, spelled.rpartition("/")[2].lower()}
    assert await inventory.subscriptions(after=estate.clock.now()) == both

    estate.delete(elsewhere)

    assert await inventory.subscriptions(after=estate.clock.now()) == {SUBSCRIPTION}


async def test_an_unknown_subscription_has_no_roots(inventory: Inventory) -> None:
    """Nothing is listed; an inventory that cannot know whether it may see it says so."""
    listed = []
    with contextlib.suppress(PortError):
        listed = [root async for root in inventory.roots("unknown")]

    assert listed == []
