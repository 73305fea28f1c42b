"""Killed before or after any port call, the next look completes the work.

No gap and no double in the history.
"""

from datetime import timedelta

import pytest

from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem
from shared.domain.topology import Source
from shared.domain.verdict import Cause
from shared.pipeline.work import WorkReport
from tests.fakes import Killed, Switch
from tests.integration.test_any_order import ACCOUNTS, HUB, ITSELF, PROJECT, Story
from tests.worlds import SUBSCRIPTION, World, fold, judge_once, world

STORY = [
    ("account", 0, 0),
    ("deployment", 0, 1),
    ("deployment", 2, 0),
    ("perimeter", 0, 1),
    ("hub", 0, 0),
    ("project", 0, 0),
    ("account", 1, 3),
]
LATER = [("deployment", 0, 0), ("account", 0, 1), ("hub", 0, 2), ("delete", 1, 0)]


async def _story(told: World, steps: list[tuple[str, int, int]]) -> None:
    happened = Story(told)
    for step in steps:
        happened.do(*step)
    await told.tell(*happened.events)


async def _check(told: World) -> None:
    """Compare with the truth; blind spots depend on the number of looks and are left out."""
    failing, undecided = judge_once(told.inventory)
    roots = {ResourceId.parse(name).key for name in (*ACCOUNTS, HUB, PROJECT, ITSELF)}
    found = {key for key in await told.open_findings(roots) if not key.startswith("coverage.")}

    assert found - undecided == set(failing)
    left_open = {key for key in fold(await told.history()) if not key.startswith("coverage.")}
    assert left_open - undecided == set(failing)
    assert await told.runtime.worker.queue.next_due("looks") is None  # type: ignore[arg-type] # a queue's name


async def _moments() -> int:
    """Count the port calls of an undisturbed run."""
    told = world()
    await _story(told, STORY)
    switch = Switch()
    await told.worker(switch).worker.drain(WorkReport())
    await _story(told, LATER)
    await told.worker(switch).worker.drain(WorkReport())
    return switch.moments


async def test_a_worker_killed_at_any_moment_leaves_work_that_the_next_one_completes() -> None:
    """Every moment before and after every port call of a run over two accounts.

    A hub and its project.
    """
    moments = await _moments()
    assert moments > 100
    for moment in range(moments):
        told = world()
        switch = Switch(kill_at=moment)
        for part in (STORY, LATER):
            await _story(told, part)
            try:
                await told.worker(switch).worker.drain(WorkReport())
            except Killed:
                await told.drain()
        await _check(told)


@pytest.mark.parametrize("deep", [False, True])
async def test_a_sweep_killed_at_any_moment_ends_once_with_one_digest(deep: bool) -> None:  # noqa: FBT001 - a parameter
    """Killed anywhere in its listing or its work.

    A baseline is completed by whoever begins again, forgets no root, and tells of itself once.
    """
    moment = 0
    while True:
        told = world()
        told.inventory.bodies = True
        happened = Story(told)
        for step in STORY:
            happened.do(*step)
        switch = Switch(kill_at=moment)
        killed = told.worker(switch)
        try:
            await killed.sweeps.begin(deep=deep)
            await killed.worker.drain(WorkReport())
        except Killed:
            await told.runtime.sweeps.begin(deep=deep)
            await told.drain()
        else:
            break
        history = await told.history()
        left_open = fold(history)

        assert [each.kind for each in history].count("baseline") == 1  # type: ignore[arg-type] # a StrEnum
        assert not [each for each in history if each.kind == "opened" and each.alerts]
        (coverage,) = await told.ports.ledger.coverage(SUBSCRIPTION)
        assert (coverage.complete, coverage.sweep.roots, coverage.evaluated) == (True, 4, 4)
        if deep:
            failing, undecided = judge_once(told.inventory)
            assert left_open - undecided == set(failing)
        moment += 1
    assert moment > 80


@pytest.mark.parametrize("sweeping", [False, True])
async def test_a_worker_killed_in_an_outage_leaves_nothing_unread_when_it_is_over(
    sweeping: bool,  # noqa: FBT001 - a parameter
) -> None:
    """At any moment of looks that cannot read everything, and ask to be done again.

    The blind spot that an hour of outage makes ends, too.
    """
    moment = 0
    while await _dies_in_an_outage(moment, sweeping=sweeping):
        moment += 1
    assert moment > 80


async def _dies_in_an_outage(moment: int, *, sweeping: bool) -> bool:
    """Kill a worker at a moment of an outage, and see that it ends well; False: it had ended."""
    told = world()
    told.inventory.bodies = True
    happened = Story(told)
    for step in STORY[:3]:
        happened.do(*step)
    problem = Problem(Cause.UNREADABLE, "503", retry_after=timedelta(0))
    for source in (Source.DEPLOYMENTS, Source.MANAGED_NETWORKS):
        told.inventory.problems[ACCOUNTS[0].lower(), source] = problem
    worker = told.worker(Switch(kill_at=moment))
    dies = False
    try:
        if sweeping:
            await worker.sweeps.begin(deep=True)
        else:
            await told.tell(*happened.events)
        await worker.worker.drain(WorkReport())
    except Killed:
        dies = True
        if sweeping:
            await told.runtime.sweeps.begin(deep=True)
    for minutes in (5, 5, 30 + 40 * (moment % 2)):
        await told.drain()
        told.clock.advance(timedelta(minutes=minutes))
    told.inventory.problems.clear()
    for _ in range(3):
        told.clock.advance(timedelta(minutes=6))
        await told.drain()
    if moment % 2:
        await told.sweep(deep=True)

    await _check(told)
    assert not {key for key in fold(await told.history()) if key.startswith("coverage.")}
    return dies
