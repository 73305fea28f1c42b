"""What the monitor finds about its own sight: findings that sweeps keep and looks leave alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.finding import FindingState, Transition
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Commit
from shared.domain.sweep import Sweep, SweepCoverage
from shared.domain.verdict import Severity, Verdict, failed, passed
from shared.pipeline.coverage_controls import COVERAGE_CONTROLS, SUBSCRIPTION_SWEPT
from shared.pipeline.evaluate import Observation
from shared.pipeline.messages import LookMessage, Trigger
from shared.pipeline.own_sight import OWN_SIGHT, judge_swept, judge_watched, record
from shared.ports import PortError
from tests.records import ACCOUNT, OTHER_SUBSCRIPTION, SUBSCRIPTION, moment
from tests.worlds import World, resource, watch_of, world

ITSELF = ResourceId.parse(f"/subscriptions/{SUBSCRIPTION}")
ELSEWHERE = ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)
BAD = failed("Not everything was seen.")


def seen(
    at: float, *reasons: str, deep: bool = False, ended: bool = True, left: int = 0
) -> SweepCoverage:
    """Return the coverage of a sweep that began at a minute."""
    sweep = Sweep(str(at), SUBSCRIPTION, deep, False, moment(60 * at), 5)  # noqa: FBT003 - baseline
    end = moment(60 * at + 9) if ended else None
    return SweepCoverage(sweep, is_listed=True, reasons=reasons, ended_at=end, left=left)


def observed(judgement: object = BAD) -> Observation:
    """Return an observation of the subscription."""
    control = COVERAGE_CONTROLS[SUBSCRIPTION_SWEPT]
    return Observation(SUBSCRIPTION_SWEPT, control, ITSELF, judgement)  # type: ignore[arg-type]


async def watched(told: World) -> list[tuple[str, str, bool]]:
    """Return what happened to the findings of the third control."""
    return [
        (each.kind.value, ResourceId.parse(each.resource_id).subscription, each.alerts)
        for each in await told.history()
        if each.control == "coverage.subscription_watched"
    ]


# --- what a sweep saw ---


@pytest.mark.parametrize(
    ("coverages", "verdict"),
    [
        pytest.param([], None, id="never swept"),
        pytest.param([seen(60)], Verdict.PASS, id="the last saw everything"),
        pytest.param([seen(60, "403")], Verdict.FAIL, id="the last did not"),
        pytest.param([seen(60), seen(0, "403", deep=True)], Verdict.FAIL, id="nor the last deep"),
        pytest.param([seen(60, deep=True), seen(0, "403")], Verdict.PASS, id="a deep one has"),
        pytest.param([seen(100, ended=False, left=9)], None, id="the first is under way"),
        pytest.param([seen(60, ended=False, left=9)], Verdict.FAIL, id="for too long"),
        pytest.param(
            [seen(100, deep=True, ended=False, left=9), seen(60, "403")],
            Verdict.FAIL,
            id="a deep one will tell",
        ),
    ],
)
def test_the_last_sweeps_tell_whether_everything_is_seen(
    coverages: list[SweepCoverage], verdict: Verdict | None
) -> None:
    """It is now the 110th minute."""
    judged = judge_swept(coverages, moment(60 * 110))

    assert (None if judged is None else judged.verdict) == verdict


def test_what_was_not_seen_is_named_with_the_sweep() -> None:
    """Without times and ids, so that it stays the same while nothing changes."""
    judged = judge_swept([seen(9, "no list"), seen(1, deep=True, left=2)], moment(600))

    assert judged is not None
    assert judged.message == (
        "Not everything was seen by the core sweep: no list,"
        " and by the deep sweep: 2 roots not looked at."
    )
    assert [each.observed for each in judged.evidence] == ["no list", "2 roots not looked at"]


# --- recording ---


async def test_each_transition_is_recorded_once() -> None:
    """As a blind spot and its end; what changes nothing is not committed."""
    told = world()
    for judgement in (passed("Fine."), BAD, BAD, passed("Fine."), passed("Fine.")):
        await record(told.ports.findings, told.clock, observed(judgement))

    history = await told.history()
    assert [(each.kind.value, each.sequence, each.alerts) for each in history] == [
        ("blind_spot", 1, True),
        ("blind_spot_cleared", 2, True),
    ]
    assert (await told.ports.findings.state(ITSELF.key)).version == 2


async def test_looks_at_the_subscription_leave_it_alone() -> None:
    """They neither resolve nor repeat it, and keep their own count."""
    told = world()
    told.inventory.put(resource(ACCOUNT, kind="OpenAI"))
    await record(told.ports.findings, told.clock, observed())
    for trigger in (Trigger.RELATED, Trigger.SWEEP, Trigger.RELATED):
        await told.runtime.looks.look(LookMessage(ITSELF.text, told.clock.now(), trigger))
    told.inventory.delete(ResourceId.parse(ACCOUNT))
    await told.runtime.looks.look(LookMessage(ITSELF.text, told.clock.now(), Trigger.RELATED))

    history: list[Transition] = await told.history()
    assert [each.kind.value for each in history if each.control == SUBSCRIPTION_SWEPT] == [
        "blind_spot"
    ]
    stored = await told.ports.findings.findings(ITSELF.key)
    states = [each.state for each in stored.values() if each.control == SUBSCRIPTION_SWEPT]
    assert states == [FindingState.OPEN]


class Contended:
    """A store in which others commit the subscription first, so many times."""

    def __init__(self, told: World, times: int) -> None:
        self._told = told
        self._left = times

    def __getattr__(self, name: str) -> object:
        """Hand everything else on."""
        return getattr(self._told.ports.findings, name)

    async def commit(self, commit: Commit) -> None:
        """Commit for the others first."""
        if self._left:
            self._left -= 1
            saved = await self._told.ports.findings.state(commit.root)
            await self._told.ports.findings.commit(Commit(commit.root, saved))
        await self._told.ports.findings.commit(commit)


async def test_what_others_commit_meanwhile_is_not_lost() -> None:
    """It is tried again on top of theirs, and given back when that never ends."""
    told = world()
    await record(Contended(told, 2), told.clock, observed())  # type: ignore[arg-type]
    assert [each.sequence for each in await told.history()] == [1]

    with pytest.raises(PortError, match="could not be recorded"):
        await record(Contended(told, 99), told.clock, observed(passed("Fine.")))  # type: ignore[arg-type]


# --- what nobody watches ---


def test_a_subscription_is_watched_or_holds_nothing_or_is_missed() -> None:
    """Whoever watches it need not ask what it holds."""
    verdicts = [
        judge_watched(holds_ours=holds, watched=is_watched).verdict
        for holds, is_watched in [(True, True), (False, False), (True, False)]
    ]

    assert verdicts == [Verdict.PASS, Verdict.PASS, Verdict.FAIL]


async def test_a_subscription_that_nobody_watches_is_told_of_until_somebody_does() -> None:
    """Once; it is neither swept nor watched by that."""
    told = world()
    told.inventory.put(resource(ACCOUNT), resource(ELSEWHERE))
    for _ in range(2):
        await told.sweep(deep=False)
    assert await watched(told) == [("opened", OTHER_SUBSCRIPTION, True)]
    assert await told.ports.ledger.coverage(OTHER_SUBSCRIPTION) == []
    told.inventory.delete(ResourceId.parse(ELSEWHERE))
    assert await watch_of(told).subscriptions() == {SUBSCRIPTION}
    told.inventory.put(resource(ELSEWHERE))

    wider = watch_of(told, SUBSCRIPTION, OTHER_SUBSCRIPTION)
    await replace(told.runtime.sweeps, watch=wider).begin(deep=False)

    assert await watched(told) == [
        ("opened", OTHER_SUBSCRIPTION, True),
        ("resolved", OTHER_SUBSCRIPTION, True),
    ]


async def test_a_subscription_that_is_not_there_any_more_needs_no_watch() -> None:
    """Nor one that has nothing left to watch."""
    told = world()
    told.inventory.put(resource(ELSEWHERE))
    await told.runtime.sweeps.begin(deep=False)
    told.inventory.delete(ResourceId.parse(ELSEWHERE))
    await told.runtime.sweeps.begin(deep=False)

    assert [kind for kind, _, _ in await watched(told)] == ["opened", "resolved"]


async def test_nothing_is_missed_where_everything_is_watched_or_one_subscription_asked_for() -> (
    None
):
    """The watch is then nobody's choice."""
    told = world()
    told.inventory.put(resource(ACCOUNT), resource(ELSEWHERE))
    await replace(told.runtime.sweeps, watch=watch_of(told)).begin(deep=False)
    await told.runtime.sweeps.begin(deep=False, subscriptions=frozenset({SUBSCRIPTION}))

    assert await watched(told) == []


async def test_while_nobody_can_say_what_there_is_the_sweep_begins_all_the_same() -> None:
    """And the finding stays as it was."""
    told = world()
    told.inventory.put(resource(ACCOUNT), resource(ELSEWHERE))

    class Down:
        """An inventory that cannot list subscriptions."""

        def __getattr__(self, name: str) -> object:
            """Hand everything else on."""
            return getattr(told.inventory, name)

        async def subscriptions(self, *, after: object) -> frozenset[str]:
            """Fail."""
            raise PortError(f"503 after {after}")

    looks = replace(told.runtime.looks, inventory=Down())  # type: ignore[arg-type]
    (sweep,) = await replace(told.runtime.sweeps, looks=looks).begin(deep=False)

    assert sweep.roots == 1
    assert await watched(told) == []


# --- the controls ---


def test_every_control_of_the_pipeline_teaches() -> None:
    """What is required, why, when it fails and what to do, with names filled in."""
    for name, control in OWN_SIGHT.items():
        assert name.startswith("coverage.")
        assert control.severity in {Severity.HIGH, Severity.MEDIUM}
        assert control.requirement.endswith(".")
        assert len(control.why) > 40
        assert len(control.fails_when) > 40
        assert control.references
        steps = control.remediation_for(ITSELF)
        assert "{" not in steps
        assert SUBSCRIPTION in steps


def test_late_sweeps_are_those_that_should_be_over_before_the_next() -> None:
    """A core sweep comes every hour."""
    late = seen(0, ended=False, left=1)

    assert judge_swept([late], moment(0) + timedelta(minutes=49)) is None
    assert judge_swept([late], moment(0) + timedelta(minutes=50)) is not None
