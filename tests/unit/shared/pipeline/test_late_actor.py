"""Who made a change that a sweep saw first: a row of the Activity Log tells it hours later."""

from datetime import datetime, timedelta
from typing import Any

from shared.domain.finding import Attribution, TransitionKind
from shared.domain.resource import Resource
from shared.domain.snapshot import Problem
from shared.domain.topology import Source
from shared.domain.verdict import Cause
from shared.pipeline.work import WorkReport
from tests.activity_rows import ACTOR, row
from tests.fakes import BEGINNING
from tests.listening import running_listener
from tests.records import ACCOUNT, CONTROL
from tests.worlds import resource, world, write_event

MADE_AT = BEGINNING + timedelta(minutes=10)
LAG = timedelta(seconds=20)


def account(access: str) -> Resource:
    """Return the account with this public access."""
    return resource(ACCOUNT, properties={"publicNetworkAccess": access}, kind="OpenAI")


def deletion(gone: Resource, *, at: datetime) -> dict[str, Any]:
    """Return the row of its deletion."""
    return {
        name: each.replace("/WRITE", "/DELETE") if isinstance(each, str) else each
        for name, each in row(gone.id, at=at).items()
    }


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
    async with running_listener(lag=LAG) as (told, workspace):
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


async def test_who_deleted_what_a_sweep_found_gone_is_told_by_a_late_row() -> None:
    """It is proven gone a minute after it was first absent: the deletion was before both."""
    async with running_listener(lag=LAG) as (told, workspace):
        there = account("Enabled")
        told.world.inventory.put(there)
        told.wait(minutes=15)
        await told.world.sweep()
        told.wait(minutes=10)
        deleted_at = told.world.clock.now()
        told.world.inventory.delete(there.id)
        told.wait(minutes=15)
        await told.world.sweep()
        told.wait(hours=1)
        workspace.ingest(deletion(there, at=deleted_at), at=told.world.clock.now())
        told.wait(minutes=30)

        await told.listening.listen()
        await told.world.drain()

        (resolved,) = [
            each
            for each in await told.world.history()
            if (each.kind, each.control) == (TransitionKind.RESOLVED, CONTROL)
        ]
        assert resolved.attribution is not None
        assert resolved.attribution.actor == ACTOR


async def test_who_took_a_perimeter_away_is_told_by_a_late_row() -> None:
    """What is not there is in no evidence, and decides all the same."""
    async with running_listener(lag=LAG) as (told, workspace):
        enforced = {"resourceAssociation": {"name": "x", "accessMode": "Enforced"}}
        name = f"{ACCOUNT}/networkSecurityPerimeterConfigurations/p"
        perimeter = resource(name, properties=enforced)
        told.world.inventory.put(account("Enabled"), perimeter)
        told.wait(minutes=15)
        await told.world.sweep()
        told.wait(minutes=10)
        taken_at = told.world.clock.now()
        told.world.inventory.remove(perimeter.id)
        told.wait(minutes=5)
        await told.world.sweep(deep=False)
        told.wait(minutes=5)
        workspace.ingest(row(perimeter.id, at=taken_at), at=told.world.clock.now())
        told.wait(minutes=5)

        await told.listening.listen()
        await told.world.drain()

        (opened,) = [each for each in await told.world.history() if each.control == CONTROL]
        assert opened.attribution is not None


async def test_a_change_is_not_forgotten_while_what_it_changed_cannot_be_read() -> None:
    """A look that read nothing has not shown that the account was good."""
    told = world(lag=LAG)
    told.inventory.put(account("Disabled"))
    told.clock.advance(timedelta(minutes=15))
    await told.sweep()
    told.clock.advance(timedelta(minutes=5))
    opened = account("Enabled")
    told.inventory.put(opened)
    throttled = Problem(Cause.UNREADABLE, "throttled", retry_after=timedelta(minutes=1))
    told.inventory.problems[opened.id.key, Source.ACCOUNT] = throttled
    made_at = told.clock.now().isoformat()
    told.clock.advance(LAG)
    await told.tell(write_event(opened.id, made_at))
    for minute in range(36):
        if minute == 6:
            told.inventory.problems.clear()
        await told.runtime.worker.drain(WorkReport())
        told.clock.advance(timedelta(minutes=1))

    (found,) = [each for each in await told.history() if each.control == CONTROL]
    assert found.attribution is not None
