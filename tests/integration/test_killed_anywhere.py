"""Killed before or after any port call, the next look completes the work.

No gap and no double in the history.
"""

import pytest

from shared.domain.resource_id import ResourceId
from shared.pipeline.work import WorkReport
from tests.fakes import Killed, Switch
from tests.integration.test_any_order import ACCOUNTS, HUB, ITSELF, PROJECT, Story
from tests.worlds import World, fold, judge_once, world

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
    """Killed anywhere in its work.

    A baseline is completed by the next worker and tells of itself once.
    """
    moment = 0
    while True:
        told = world()
        happened = Story(told)
        for step in STORY:
            happened.do(*step)
        await told.runtime.sweeps.begin(deep=deep)
        switch = Switch(kill_at=moment)
        try:
            await told.worker(switch).worker.drain(WorkReport())
        except Killed:
            await told.drain()
        else:
            break
        history = await told.history()
        fold(history)

        assert [each.kind for each in history].count("baseline") == 1  # type: ignore[arg-type] # a StrEnum
        assert not [each for each in history if each.kind == "opened" and each.alerts]
        moment += 1
    assert moment > 50
