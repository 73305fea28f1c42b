"""Decisions of people, reminders and looks in any order and at the same time: nothing is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.finding import NO_FOLLOW_UP, FindingState, FollowUp, Transition, TransitionKind
from shared.domain.resource_id import ResourceId
from shared.domain.verdict import Severity
from shared.pipeline.lifecycle import DecisionRefusedError, Lifecycle
from shared.pipeline.messages import LookMessage, Trigger
from shared.pipeline.remind import SERVICE_LEVELS, Reminders
from shared.runtime.assembly import assemble
from tests.fakes import Interrupted, Switch
from tests.records import ACCOUNT, ROOT
from tests.unit.shared.pipeline.stub_monitors import catalogue, monitor
from tests.worlds import World, resource, world

K = TransitionKind
KEY = f"stub.one {ROOT}"
BEGINS = {K.OPENED, K.REOPENED}
SEVERITIES = (Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)

# One step of the story: what is done, and how.
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ("good", "look", "look", "ack", "snooze", "unsnooze", "remind", "wait", "wait")
        ),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=25,
)


@dataclass
class Story:
    """One finding, and everything that is done to it; `decided` are what decisions returned."""

    told: World
    severity: Severity = Severity.HIGH
    decided: list[Transition] = field(default_factory=list)

    def begin(self, what: str, how: int) -> Awaitable[None] | None:
        """Begin a step; None: it is done already."""
        match what:
            case "good" | "look":
                self.severity = SEVERITIES[how % len(SEVERITIES)]
                self._put("good" if what == "good" else "bad")
                return self._look()
            case "ack":
                return self._decide(
                    lambda at: at.acknowledge(ROOT, KEY, by=f"p{how}", reason=f"r{how}")
                )
            case "snooze":
                until = self.told.clock.now() + timedelta(hours=1 + 20 * how)
                return self._decide(
                    lambda at: at.snooze(ROOT, KEY, by=f"p{how}", reason="r", until=until)
                )
            case "unsnooze":
                return self._decide(lambda at: at.end_snooze(ROOT, KEY, by=f"p{how}", reason="r"))
            case "remind":
                return self._remind("oncall" if how % 2 else None)
            case "wait":
                self.told.clock.advance(timedelta(hours=7 * how + 1))
        return None

    def _put(self, state: str) -> None:
        self.told.inventory.put(resource(ACCOUNT, properties={"state": state}))

    def _findings(self) -> Any:  # noqa: ANN401 - a port seen through a switch
        return Interrupted(self.told.ports.findings, Switch(turns=True))

    async def _look(self) -> None:
        runtime = assemble(self.told.ports, catalogue(monitor(severity=self.severity)))
        looks = self.told.worker(Switch(turns=True)).looks
        object.__setattr__(looks, "catalogue", runtime.looks.catalogue)
        now = self.told.clock.now()
        await looks.look(LookMessage(ACCOUNT, now, Trigger.CHANGE))

    async def _decide(self, decision: Callable[[Lifecycle], Awaitable[Transition | None]]) -> None:
        try:
            made = await decision(Lifecycle(self._findings(), self.told.clock))
        except DecisionRefusedError:
            return
        if made is not None:
            self.decided.append(made)

    async def _remind(self, escalate_to: str | None) -> None:
        await Reminders(self._findings(), self.told.clock, escalate_to=escalate_to).run()


@dataclass
class Replayed:
    """A finding as its history alone tells of it."""

    is_open: bool = False
    told_at: datetime | None = None
    follow_up: FollowUp = NO_FOLLOW_UP

    def take(self, each: Transition) -> None:
        """Go on by a transition, which has to fit what was before."""
        now = self.follow_up
        known, snoozed, told = now.acknowledged, now.snoozed, now.reminded_at
        assert self.is_open is (each.kind not in BEGINS)
        match each.kind:
            case K.OPENED | K.REOPENED:
                self.is_open, self.told_at, known, snoozed, told = True, each.at, None, None, None
            case K.RESOLVED:
                assert (each.acknowledged, each.snoozed) == (known, snoozed)
                self.is_open, known, snoozed, told = False, None, None, None
            case K.WORSENED:
                assert (each.acknowledged, each.snoozed) == (known, snoozed)
                known, snoozed, told = None, None, each.at
            case K.ACKNOWLEDGED:
                known = each.acknowledged
                assert known is not None
                assert known.by == each.author
            case K.SNOOZED:
                snoozed = each.snoozed
                assert snoozed is not None
                assert snoozed.by == each.author
            case K.SNOOZE_ENDED:
                assert each.snoozed == snoozed is not None
                assert each.alerts is (each.author is None)
                assert not each.alerts or each.at >= snoozed.until
                snoozed, told = None, each.at if each.alerts else told
            case K.REMINDER:
                assert snoozed is None
                assert self.told_at is not None
                assert each.at - self.told_at >= SERVICE_LEVELS[each.severity]
                told = each.at
        self.told_at = told or self.told_at
        self.follow_up = FollowUp(known, snoozed, told, each.also_to if self.is_open else ())


async def tell(story: list[tuple[str, int]], order: Random) -> Story:
    """Do everything, each step while some of those before are still under way."""
    happened = Story(world(catalogue=catalogue(monitor())))
    running: set[asyncio.Task[None]] = set()
    for what, how in [("look", 1), *story]:
        work = happened.begin(what, how)
        if work is not None:
            running.add(asyncio.ensure_future(work))
        for _ in range(order.choice((0, 0, 1, 3, 50))):
            await asyncio.sleep(0)
    await asyncio.gather(*running)
    return happened


@given(story=steps, order=st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_whatever_is_done_at_the_same_time_the_history_tells_what_became_of_it(
    story: list[tuple[str, int]], order: Random
) -> None:
    """Every decision is in it once, with its author, and the finding is as it says."""

    async def run() -> None:
        happened = await tell(story, order)
        history = [each for each in await happened.told.history() if each.control == "stub.one"]
        history.sort(key=lambda each: each.sequence)

        replayed = Replayed()
        for each in history:
            replayed.take(each)
        found = (await happened.told.ports.findings.findings(ROOT)).get(KEY)

        by_id = {each.id: each for each in history}
        assert len(by_id) == len(history)
        for each in happened.decided:
            assert by_id[each.id] == each
        assert (found is not None and found.state is FindingState.OPEN) is replayed.is_open
        if found is not None:
            assert found.follow_up == replayed.follow_up
        assert ResourceId.parse(ACCOUNT).key == ROOT

    asyncio.run(run())
