"""Which roots there are, from two lists of which either can fail."""

import json

import pytest

from shared.adapters.azure.arm import resource_graph
from shared.domain.topology import Source
from shared.ports import Listed, PortError
from tests.arm_inventory import ArmWorld, arm_world
from tests.records import ACCOUNT, GROUP, OTHER_ACCOUNT, OTHER_SUBSCRIPTION, SUBSCRIPTION
from tests.worlds import resource

WORKSPACE = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/ws"
ROOTS = [resource(ACCOUNT, kind="OpenAI", location="westus"), resource(WORKSPACE)]


async def listed(world: ArmWorld) -> list[Listed]:
    """List the roots of the subscription."""
    return [each async for each in world.inventory.roots(SUBSCRIPTION)]


def texts(found: list[Listed]) -> list[str]:
    """Return the ids of what was listed."""
    return [each.root.text for each in found]


async def test_accounts_come_with_their_bodies_and_the_rest_without() -> None:
    """The body as the list shows it, and when its page was asked for."""
    async with arm_world(*ROOTS) as world:
        before = world.clock.now()
        found = await listed(world)

        assert texts(found) == [ACCOUNT, WORKSPACE]
        account, workspace = found
        assert workspace.reading is None
        assert account.reading is not None
        (body,) = account.reading.items
        assert (body.kind, body.api_version) == ("OpenAI", "2026-03-01")
        assert account.reading.source is Source.ACCOUNT
        assert account.reading.api_version == "2026-03-01"
        assert account.reading.read_at is not None
        assert account.reading.read_at > before
        assert (account.reading.problem, account.reading.complete) == (None, True)


async def test_a_list_is_read_page_by_page() -> None:
    """No second page is asked for before the first is used."""
    async with arm_world(*(resource(f"{ACCOUNT}{number}") for number in range(5))) as world:
        world.azure.arm.page_size = world.azure.resource_graph.page_size = 2
        roots = world.inventory.roots(SUBSCRIPTION)
        first = await anext(roots)

        assert len(world.azure.log.requests) == 1 + 1  # its token, its first page
        rest = [each async for each in roots]
        assert texts([first, *rest]) == [f"{ACCOUNT}{number}" for number in range(5)]
        assert len(world.reads) == 3
        assert len({each.reading.read_at for each in [first, *rest] if each.reading}) == 3


async def test_each_list_shows_what_the_other_misses() -> None:
    """Resource Graph lags behind; an account that it does not show yet is in ARM's list."""
    async with arm_world(*ROOTS, resource(OTHER_ACCOUNT)) as world:
        world.azure.resource_graph.hide(ACCOUNT)
        world.azure.resource_graph.keep(OTHER_ACCOUNT)
        world.azure.estate.delete(OTHER_ACCOUNT)

        assert sorted(texts(await listed(world))) == sorted([ACCOUNT, OTHER_ACCOUNT, WORKSPACE])


@pytest.mark.parametrize(
    ("fault", "left", "told"),
    [
        ("GET /subscriptions/[^/]*/providers/", {ACCOUNT, WORKSPACE}, "the list of accounts: "),
        ("ResourceGraph", {ACCOUNT}, "Resource Graph: "),
    ],
)
async def test_what_could_be_listed_is_listed_before_the_failure(
    fault: str, left: set[str], told: str
) -> None:
    """And the failure names what failed."""
    async with arm_world(*ROOTS) as world:
        world.azure.fault(fault, status=403)
        roots = world.inventory.roots(SUBSCRIPTION)
        found = {(await anext(roots)).root.text for _ in left}

        assert found == left
        with pytest.raises(PortError, match=told):
            await anext(roots)


async def test_accounts_without_a_usable_id_are_a_failure() -> None:
    """Nothing is dropped in silence."""
    async with arm_world(*ROOTS) as world:
        world.azure.arm.edits["microsoft.cognitiveservices/accounts"] = lambda body, _: {
            **body,
            "id": "/somewhere",
        }
        with pytest.raises(PortError, match="whose id cannot be used"):
            await listed(world)


async def test_a_subscription_that_is_refused_is_no_empty_one() -> None:
    """Both parts are asked; what ARM refuses is told."""
    async with arm_world(*ROOTS) as world:
        world.azure.permissions.revoke("Microsoft.CognitiveServices/accounts/read")

        with pytest.raises(PortError, match=r"Microsoft\.CognitiveServices/accounts/read"):
            await listed(world)


async def test_subscriptions_are_counted_by_resource_graph() -> None:
    """In one query over all that can be seen."""
    other = resource(ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION))
    async with arm_world(*ROOTS, other) as world:
        found = await world.inventory.subscriptions(after=world.clock.now())
        assert found == {SUBSCRIPTION, OTHER_SUBSCRIPTION}
        assert world.reads == []

        world.azure.fault("ResourceGraph", status=403)
        with pytest.raises(PortError, match="the subscriptions could not be listed"):
            await world.inventory.subscriptions(after=world.clock.now())


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"id": None}, "whose id cannot be used"),
        ({"id": f"{GROUP}/Microsoft.Web/sites/s"}, "which was not asked for"),
        ({"id": ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)}, "which was not asked for"),
    ],
)
async def test_a_row_that_shows_no_root_is_told_and_the_others_listed(
    row: dict[str, object], told: str
) -> None:
    """Nothing is dropped in silence here either."""
    async with arm_world(*ROOTS) as world:
        body = json.dumps({"data": [row, {"id": WORKSPACE}]})
        world.azure.fault("ResourceGraph", status=200, body=body)
        roots = world.inventory.roots(SUBSCRIPTION)

        assert [(await anext(roots)).root.text for _ in ROOTS] == [ACCOUNT, WORKSPACE]
        with pytest.raises(PortError, match=told):
            await anext(roots)


async def test_a_result_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After more pages than any estate fills."""
    monkeypatch.setattr(resource_graph, "MOST_PAGES", 3)
    async with arm_world(*ROOTS) as world:
        world.azure.fault("ResourceGraph", kind="endless")

        with pytest.raises(PortError, match="more than 3 pages"):
            await listed(world)


@pytest.mark.parametrize("row", [{"count_": 1}, {"subscriptionId": None}, {"subscriptionId": ""}])
async def test_a_subscription_without_an_id_is_a_failure(row: dict[str, object]) -> None:
    """One that nobody watches must not stay unseen."""
    async with arm_world() as world:
        world.azure.fault("ResourceGraph", status=200, body=json.dumps({"data": [row]}))

        with pytest.raises(PortError, match="Resource Graph leaves out an id"):
            await world.inventory.subscriptions(after=world.clock.now())
