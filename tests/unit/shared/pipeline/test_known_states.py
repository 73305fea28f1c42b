"""A storm of events on one root costs the store one look, and nothing for the rest."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.control import AppliesTo
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import RootState
from shared.domain.topology import ResourceType, Source
from shared.pipeline.known_states import MOST_ROOTS, KnownStates
from shared.pipeline.look import LookStatus
from shared.pipeline.messages import ChangeNote, LookMessage, Trigger, decode
from shared.ports import QueueName, TransitionQuery
from tests.records import ACCOUNT, ROOT, SUBSCRIPTION, moment
from tests.unit.shared.pipeline.stub_monitors import catalogue, monitor
from tests.worlds import World, resource, world

DEPLOYMENT = f"{ACCOUNT}/deployments/chat"


class Unreachable:
    """A store that nobody may ask."""

    def __getattr__(self, name: str) -> object:
        """Fail at whatever is asked."""
        raise AssertionError(f"the store was asked for {name}")


@pytest.fixture(name="here")
def _here() -> World:
    """An account with a deployment that is not good."""
    made = world(catalogue=catalogue(monitor(applies_to=(AppliesTo(ResourceType.DEPLOYMENT),))))
    made.inventory.put(resource(ACCOUNT, kind="OpenAI"), resource(DEPLOYMENT))
    return made


def change(here: World, target: str = DEPLOYMENT, actor: str | None = None) -> LookMessage:
    """Return the message of a change that happens now."""
    now = here.clock.now()
    note = ChangeNote(target, deletes=False, occurred_at=now, actor=actor, correlation_id=None)
    return LookMessage(ACCOUNT, now, Trigger.CHANGE, note)


async def test_changes_that_a_look_of_this_worker_covers_ask_the_store_nothing(here: World) -> None:
    """Not even for a lease."""
    burst = [change(here) for _ in range(5)]
    await here.runtime.looks.look(burst[-1])
    cut_off = replace(here.runtime.looks, findings=Unreachable())  # type: ignore[arg-type]

    reports = [await cut_off.look(each) for each in burst]

    assert {each.status for each in reports} == {LookStatus.COVERED}


async def test_a_change_after_the_look_began_is_looked_at(here: World) -> None:
    """What is known can only prove that a message is covered, never that it is not."""
    await here.runtime.looks.look(change(here))

    report = await here.runtime.looks.look(change(here))

    assert report.status is LookStatus.LOOKED


async def test_a_covered_change_still_tells_who_made_it(here: World) -> None:
    """Then the store is asked, because something is to be written."""
    told = change(here, actor="kim")
    sweep = LookMessage(ACCOUNT, here.clock.now(), Trigger.SWEEP)
    here.clock.advance(timedelta(seconds=1))
    (found,) = (await here.runtime.looks.look(sweep)).transitions
    assert found.attribution is None

    report = await here.runtime.looks.look(told)

    (recorded,) = await here.ports.findings.transitions(TransitionQuery())
    assert report.status is LookStatus.COVERED
    assert recorded.attribution is not None
    assert recorded.attribution.actor == "kim"


async def test_a_change_of_the_root_itself_asks_nothing_where_others_were_looked_at_too(
    here: World,
) -> None:
    """A storm on the account itself is no reason to ask the store again and again."""
    early = change(here, target=ACCOUNT)
    await here.runtime.looks.look(change(here))
    subscription = f"/subscriptions/{SUBSCRIPTION}"
    await here.runtime.looks.look(LookMessage(subscription, here.clock.now(), Trigger.RELATED))
    cut_off = replace(here.runtime.looks, findings=Unreachable())  # type: ignore[arg-type]

    assert (await cut_off.look(early)).status is LookStatus.COVERED


async def test_a_change_of_the_root_itself_still_tells_others(here: World) -> None:
    """Whether the account is there decides about its subscription."""
    early = change(here, target=ACCOUNT)
    await here.runtime.looks.look(change(here))
    while (taken := await here.ports.queue.take(QueueName.LOOKS)) is not None:
        await here.ports.queue.done(QueueName.LOOKS, taken)

    await here.runtime.looks.look(early)

    taken = await here.ports.queue.take(QueueName.LOOKS)
    assert taken is not None
    assert decode(taken.text).trigger is Trigger.RELATED


def covers(known: KnownStates, root: str) -> RootState | None:
    """Return the state that covers a change of something in a root, made long ago."""
    note = ChangeNote(
        f"{root}/deployments/chat",
        deletes=False,
        occurred_at=moment(0),
        actor=None,
        correlation_id=None,
    )
    message = LookMessage(root, moment(0), Trigger.CHANGE, note)
    return known.covering(ResourceId.parse(root), message, None)


def read(version: int) -> RootState:
    """Return a state whose sources were read later."""
    return RootState(version=version, read_at=dict.fromkeys(Source, moment(60)))


def test_an_older_state_does_not_replace_a_newer_one() -> None:
    """Answers of a store can overtake each other."""
    known, newer = KnownStates(), read(3)
    known.remember(ROOT, newer)
    known.remember(ROOT, read(2))

    assert covers(known, ROOT) is newer


def test_the_memory_is_bounded() -> None:
    """The root not seen for longest is forgotten."""
    known = KnownStates()
    for number in range(MOST_ROOTS + 1):
        known.remember(f"{ROOT}{number}", read(1))

    assert covers(known, f"{ROOT}0") is None
    assert covers(known, f"{ROOT}{MOST_ROOTS}") is not None
