"""Who made a change that a sweep saw first: a row of the Activity Log tells it hours later."""

from datetime import timedelta

from shared.domain.finding import Attribution
from tests.activity_rows import ACTOR, row
from tests.fakes import BEGINNING
from tests.listening import running_listener
from tests.records import ACCOUNT, CONTROL
from tests.worlds import resource

MADE_AT = BEGINNING + timedelta(minutes=10)


async def test_a_late_row_tells_who_made_the_change_that_a_sweep_found() -> None:
    """The transition that the sweep recorded gets its actor and its time; nothing else changes."""
    async with running_listener() as (told, workspace):
        told.world.inventory.put(
            resource(ACCOUNT, properties={"publicNetworkAccess": "Disabled"}, kind="OpenAI")
        )
        await told.world.sweep()
        told.wait(minutes=15)
        opened = resource(ACCOUNT, properties={"publicNetworkAccess": "Enabled"}, kind="OpenAI")
        told.world.inventory.put(opened)
        told.wait(minutes=15)
        await told.world.sweep()
        (found,) = [each for each in await told.world.history() if each.control == CONTROL]
        assert found.attribution is None
        told.wait(hours=3)
        workspace.ingest(
            row(opened.id, at=MADE_AT, correlation_id="c1"), at=BEGINNING + timedelta(hours=3)
        )

        await told.listening.listen()
        await told.world.drain()

        history = await told.world.history()
        (after,) = [each for each in history if each.control == CONTROL]
        assert after.attribution == Attribution(ACTOR, MADE_AT, "c1", exact=True)
        assert (after.id, after.at) == (found.id, found.at)


async def test_a_row_of_a_change_that_was_made_later_explains_nothing_earlier() -> None:
    """What the sweep saw cannot follow from it."""
    async with running_listener() as (told, workspace):
        opened = resource(ACCOUNT, properties={"publicNetworkAccess": "Enabled"}, kind="OpenAI")
        told.world.inventory.put(opened)
        await told.world.sweep()
        told.wait(hours=1)
        later = BEGINNING + timedelta(minutes=50)
        workspace.ingest(row(opened.id, at=later), at=later)

        await told.listening.listen()
        await told.world.drain()

        history = await told.world.history()
        assert history
        assert {each.attribution for each in history} == {None}


async def test_nobody_is_blamed_whose_change_was_looked_at_and_found_good() -> None:
    """Azure tells of a change again, after the account was opened without any event."""
    async with running_listener(lag=timedelta(seconds=20)) as (told, workspace):
        good = resource(ACCOUNT, properties={"publicNetworkAccess": "Disabled"}, kind="OpenAI")
        told.world.inventory.put(good)
        told.wait(minutes=15)
        await told.world.sweep()
        told.world.inventory.put(
            resource(ACCOUNT, properties={"publicNetworkAccess": "Enabled"}, kind="OpenAI")
        )
        told.wait(minutes=60)
        await told.world.sweep()
        late = BEGINNING + timedelta(minutes=80)
        workspace.ingest(row(good.id, at=MADE_AT, correlation_id="c1"), at=late)
        told.wait(minutes=10)

        await told.listening.listen()
        await told.world.drain()

        found = [each for each in await told.world.history() if each.control == CONTROL]
        assert [each.attribution for each in found] == [None]
