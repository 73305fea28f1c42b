"""Whatever the order, duplication, loss and interleaving of changes.

The findings are those of the final estate.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.pipeline.look import LookStatus
from shared.pipeline.work import WorkReport
from tests.fakes import Killed, Switch
from tests.worlds import (
    SUBSCRIPTION,
    World,
    delete_event,
    fold,
    judge_once,
    resource,
    world,
    write_event,
)

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
ACCOUNTS = [f"{GROUP}/Microsoft.CognitiveServices/accounts/a{n}" for n in range(2)]
ITSELF = f"/subscriptions/{SUBSCRIPTION}"
HUB = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/hub"
PROJECT = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/project"
TARGETS = ("https://elsewhere.example", "https://models.openai.azure.com")
SKUS = ("Standard", "GlobalStandard", "DataZoneStandard", "Novel")

# One step of the story: what is done to the estate, by which resource and variation.
steps = st.lists(
    st.tuples(
        st.sampled_from(
            (
                *("account", "deployment", "perimeter", "connection"),
                *("hub", "project", "delete", "again"),
            )
        ),
        st.integers(0, 5),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=12,
)


@dataclass
class Story:
    """Does things to an estate, and keeps the events that tell of them."""

    world: World
    events: list[dict[str, object]] = field(default_factory=list)
    taken: int = 0

    def do(self, what: str, which: int, how: int) -> None:
        """Do one thing; the event that Azure sends of it is not delivered yet."""
        account = ACCOUNTS[which % 2]
        match what:
            case "account":
                self._put(_account(account, how))
            case "hub":
                self._put(_workspace(HUB, "Hub", how))
            case "project":
                self._put(_workspace(PROJECT, "Project", how, hubResourceId=HUB))
            case "delete" | "again":
                self._delete(which, again=what == "again")
            case _ if account.lower() in self.world.inventory.resources:
                self._do_below(account, what, which, how)

    def _do_below(self, account: str, what: str, which: int, how: int) -> None:
        """Do something below an account."""
        match what:
            case "deployment":
                sku = {"name": SKUS[how]}
                model = {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "1"}}
                name = f"{account}/deployments/d{which // 2}"
                self._put(resource(name, sku=sku, properties=model))
            case "perimeter":
                mode = ("Enforced", "Learning")[how % 2]
                association = {"resourceAssociation": {"accessMode": mode}}
                name = f"{account}/networkSecurityPerimeterConfigurations/p"
                self._put(resource(name, properties=association))
            case "connection":
                self._put(resource(f"{account}/projects/p", properties={}))
                leads = {"category": "CustomKeys", "target": TARGETS[how % 2]}
                self._put(resource(f"{account}/projects/p/connections/c", properties=leads))

    def _delete(self, which: int, *, again: bool) -> None:
        """Delete something with all below it; `again`: make it once more, with nothing below it."""
        present = sorted(self.world.inventory.resources.values(), key=lambda each: each.id.key)
        if present:
            gone = present[which % len(present)]
            self.world.inventory.delete(gone.id)
            self.events.append(delete_event(gone.id, self._time()))
            if again:
                self._put(gone)

    def news(self) -> list[dict[str, object]]:
        """Return the events that were not taken yet."""
        news = self.events[self.taken :]
        self.taken = len(self.events)
        return news

    def _put(self, item: Resource) -> None:
        self.world.inventory.put(item)
        self.events.append(write_event(item.id, self._time()))

    def _time(self) -> str:
        return self.world.clock.now().isoformat()


def _account(name: str, how: int) -> Resource:
    """Vary what the account's own controls judge."""
    properties: dict[str, object] = {
        "publicNetworkAccess": ("Enabled", "Disabled")[how % 2],
        "disableLocalAuth": how > 1,
    }
    return resource(
        name,
        kind=("OpenAI", "AIServices")[how // 2],
        location="swedencentral",
        properties=properties,
    )


def _workspace(name: str, kind: str, how: int, **properties: object) -> Resource:
    """Vary the isolation of a workspace."""
    mode = ("Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound", "Novel")[how]
    settings_ = {"managedNetwork": {"isolationMode": mode}, **properties}
    return resource(name, kind=kind, location="swedencentral", properties=settings_)


async def agrees(told: World) -> None:
    """Compare what is open.

    And what the history leaves open, with judging the final estate once.
    """
    failing, undecided = judge_once(told.inventory)
    roots = {ResourceId.parse(name).key for name in (*ACCOUNTS, HUB, PROJECT, ITSELF)}
    found = {
        key: message
        for key, message in (await told.open_findings(roots)).items()
        if key not in undecided and not key.startswith("coverage.")
    }

    assert found == failing
    left_open = {key for key in fold(await told.history()) if not key.startswith("coverage.")}
    assert left_open - undecided == set(failing)


def _run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


@given(story=steps, order=st.randoms(use_true_random=False), batch=st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_any_order_and_duplication_of_all_events_ends_in_the_truth(
    story: list[Any], order: Random, batch: int
) -> None:
    """Events that come late.

    Twice and in any order, in any batches, end in the findings of the final estate.
    """

    async def tell() -> None:
        told = world()
        happened = Story(told)
        for step in story:
            happened.do(*step)
        arriving = [event for event in happened.events for _ in range(order.randint(1, 2))]
        order.shuffle(arriving)
        for start in range(0, len(arriving), batch):
            await told.tell(*arriving[start : start + batch])
            if order.random() < 0.5:
                await told.drain()
        await told.drain()
        await agrees(told)

    _run(tell)


@given(story=steps, order=st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_what_lost_events_did_not_tell_a_sweep_finds(story: list[Any], order: Random) -> None:
    """With any part of the events lost.

    In any order, a deep sweep brings the findings to the truth.
    """

    async def tell() -> None:
        told = world()
        happened = Story(told)
        for step in story:
            happened.do(*step)
            if order.random() < 0.3 and happened.events:
                await told.tell(order.choice(happened.events))
                await told.drain()
        await told.sweep(deep=True)
        await agrees(told)

    _run(tell)


@given(story=steps, order=st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_answers_that_are_stale_after_a_write_are_put_right_by_the_second_look(
    story: list[Any], order: Random
) -> None:
    """While the inventory answers with the state before a write.

    The second look finds the state after it.
    """

    async def tell() -> None:
        told = world(lag=timedelta(seconds=20))
        happened = Story(told)
        for step in story:
            happened.do(*step)
            if order.random() < 0.5:
                told.clock.advance(timedelta(seconds=order.randint(0, 90)))
            for event in happened.news():
                await told.tell(event)
            if order.random() < 0.5:
                await told.runtime.worker.drain(WorkReport())
        await told.drain()
        await agrees(told)

    _run(tell)


def _step(worker: Coroutine[Any, Any, None]) -> bool:
    """Let a worker run up to its next port call; False when it has come to its end."""
    try:
        worker.send(None)
    except StopIteration:
        return False
    return True


@given(story=steps, order=st.randoms(use_true_random=False), workers=st.integers(2, 4))
@settings(max_examples=100, deadline=None)
def test_workers_that_interleave_at_every_port_call_end_in_the_truth(
    story: list[Any], order: Random, workers: int
) -> None:
    """Two to four workers on one store, the estate changing between any two of their port calls."""
    told = world()
    happened = Story(told)

    async def tell(events: list[dict[str, object]]) -> None:
        await told.tell(*events)

    def begin() -> tuple[Switch, Coroutine[Any, Any, None]]:
        switch = Switch(turns=True)
        return switch, told.worker(switch).worker.drain(WorkReport())

    running = [begin() for _ in range(workers)]
    pending = list(story)
    try:
        while pending or running:
            if pending and order.random() < 0.2:
                happened.do(*pending.pop(0))
                _finish(tell(happened.news()))
                running += [begin() for _ in range(workers - len(running))]
            elif running:
                at = order.randrange(len(running))
                if not _step(running[at][1]):
                    del running[at]
    finally:
        for switch, worker in running:
            _kill(switch, worker)
    _finish(_rest(told))


def _kill(switch: Switch, worker: Coroutine[Any, Any, None]) -> None:
    """End a worker as a crash would: none of its clearing up reaches a port."""
    switch.dead = True
    with contextlib.suppress(Killed, StopIteration):
        worker.throw(Killed)


def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that never waits."""
    while _step(work):
        pass


async def _rest(told: World) -> None:
    await told.drain()
    await agrees(told)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.01])
async def test_a_burst_of_a_hundred_events_on_one_root_costs_at_most_three_looks(
    share: float,
) -> None:
    """A hundred changes of one account, a share of them arriving while a look is under way."""
    told = world()
    happened = Story(told)
    happened.do("account", 0, 0)
    for n in range(99):
        happened.do("deployment", 2 * (n % 3), n % 4)
    before, during = happened.events[: int(100 * share)], happened.events[int(100 * share) :]
    await told.tell(*before)
    switch = Switch(turns=True)
    report = WorkReport()
    working = told.worker(switch).worker.drain(report)
    for _ in range(12):
        _step(working)
    await told.tell(*during)
    _finish(working)
    await told.runtime.worker.drain(report)

    assert 1 <= report.looks[LookStatus.LOOKED] <= 3
    assert sum(report.looks.values()) >= 100
