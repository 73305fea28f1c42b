"""What the monitor finds about its own sight of a subscription: findings that sweeps keep.

They are on the state of the subscription's root, beside what looks find there, and looks leave them
alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.control import Control
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Commit
from shared.domain.sweep import SweepCoverage
from shared.domain.verdict import Evidence, Judgement, failed, passed
from shared.pipeline.coverage_controls import (
    COVERAGE_CONTROLS,
    SUBSCRIPTION_SWEPT,
    SUBSCRIPTION_WATCHED,
)
from shared.pipeline.evaluate import Observation
from shared.pipeline.events_arriving import CONTROL as ARRIVING
from shared.pipeline.events_arriving import EVENTS_ARRIVING
from shared.pipeline.look import TRIES
from shared.pipeline.reconcile import Reconciler
from shared.ports import Clock, ConflictError, FindingStore, PortError

OWN_SIGHT: Mapping[str, Control] = {**COVERAGE_CONTROLS, EVENTS_ARRIVING: ARRIVING}
"""Every control that judges the monitor's own sight, and so has no monitor."""
NEXT_IS_DUE_AFTER = timedelta(minutes=50)
"""A core sweep that has not come to its end by then has not before the next, an hour later."""


def judge_swept(coverages: Sequence[SweepCoverage], now: datetime) -> Judgement | None:
    """Judge what the last sweeps saw, the newest first; None: that cannot be told yet.

    A deep sweep sees what a core one does, so it stands for older ones; a core one only for older
    core ones.
    """
    told = [each for each in coverages if each.ended_at is not None or _is_late(each, now)]
    depths = [each.sweep.deep for each in told]
    told = told[: depths.index(True) + 1] if True in depths else told
    if not told:
        return None
    partial = [each for each in told if not each.complete]
    if not partial:
        return passed("The last sweep saw everything.")
    words = [
        f"the {'deep' if each.sweep.deep else 'core'} sweep: {'; '.join(each.shortfalls)}"
        for each in partial
    ]
    return failed(
        f"Not everything was seen by {', and by '.join(words)}.",
        *(
            Evidence("sweep", "", "complete", short)
            for each in partial
            for short in each.shortfalls
        ),
    )


def judge_watched(*, holds_ours: bool, watched: bool) -> Judgement:
    """Judge whether a subscription that can be seen is watched."""
    if watched:
        return passed("The subscription is watched.")
    if not holds_ours:
        return passed("The subscription holds no AI resource any more that can be seen.")
    return failed(
        "The subscription holds an account, a workspace or a registry, and is not watched.",
        Evidence("subscriptions", "", "watched", "not watched"),
    )


async def record(store: FindingStore, clock: Clock, observation: Observation) -> None:
    """Fold an observation of a subscription into its finding; nothing new is no commit.

    Raises:
        PortError: the store failed, or others committed the subscription all the time.
    """
    root = observation.resource
    for _ in range(TRIES):
        state = await store.state(root.key)
        stored = await store.findings(root.key) if state.version else {}
        folded = Reconciler(root.key, stored, state.sequence, clock.now(), quiet=False)
        folded.observe([observation])
        changed = folded.result
        if not changed.transitions:
            return
        after = replace(state, sequence=state.sequence + len(changed.transitions))
        try:
            await store.commit(
                Commit(root.key, after, tuple(changed.findings), tuple(changed.transitions))
            )
        except ConflictError:
            # A look at the subscription, or another sweep's end.
            continue
        return
    raise PortError(f"{observation.control_id} of {root.key} could not be recorded")


async def record_watched(
    store: FindingStore, clock: Clock, held: frozenset[str], watched: frozenset[str]
) -> None:
    """Record which subscriptions hold resources of ours (`held`) and are not watched.

    Raises:
        PortError: the store failed.
    """
    for each in sorted((held - watched) | await store.subscriptions()):
        judgement = judge_watched(holds_ours=each in held, watched=each in watched)
        await record(store, clock, _seen(SUBSCRIPTION_WATCHED, each, judgement))


async def record_swept(
    store: FindingStore, clock: Clock, subscription: str, coverages: Sequence[SweepCoverage]
) -> None:
    """Record whether the last sweeps saw everything.

    Raises:
        PortError: the store failed.
    """
    judgement = judge_swept(coverages, clock.now())
    if judgement is not None:
        await record(store, clock, _seen(SUBSCRIPTION_SWEPT, subscription, judgement))


def _seen(control: str, subscription: str, judgement: Judgement) -> Observation:
    root = ResourceId.parse(f"/subscriptions/{subscription}")
    return Observation(control, COVERAGE_CONTROLS[control], root, judgement)


def _is_late(coverage: SweepCoverage, now: datetime) -> bool:
    """Whether a sweep should long be over."""
    return now - coverage.sweep.started_at >= NEXT_IS_DUE_AFTER
