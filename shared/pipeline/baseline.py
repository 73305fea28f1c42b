"""The digest of a baseline: one alert that tells of everything a first sweep found."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

from shared.domain.finding import Transition, TransitionKind
from shared.domain.root_state import Commit
from shared.domain.sweep import Sweep
from shared.domain.topology import ResourceType
from shared.domain.verdict import Severity
from shared.pipeline.look import TRIES
from shared.pipeline.reconcile import transition_id
from shared.ports import Clock, ConflictError, FindingStore, PortError


async def record_baseline(store: FindingStore, clock: Clock, sweep: Sweep) -> None:
    """Record the digest once; the subscription's own state says whether it was.

    Raises:
        PortError: the store failed, or others committed the subscription all the time.
    """
    for _ in range(TRIES):
        try:
            await _record(store, clock, sweep)
        except ConflictError:
            # Another worker has looked at the subscription, or closed the same sweep.
            continue
        return
    raise PortError(f"the digest of {sweep.id} could not be recorded")


async def _record(store: FindingStore, clock: Clock, sweep: Sweep) -> None:
    """Record the digest, unless it is."""
    root = f"/subscriptions/{sweep.subscription}"
    state = await store.state(root)
    told = state.deep_baseline_at if sweep.deep else state.baseline_at
    if told is not None:
        return
    now = clock.now()
    opened = await store.open_by_severity(sweep.subscription)
    digest = baseline_digest(sweep, state.sequence + 1, opened, now)
    after = replace(
        state,
        sequence=digest.sequence,
        baseline_at=state.baseline_at or now,
        deep_baseline_at=now if sweep.deep else state.deep_baseline_at,
    )
    await store.commit(Commit(root, after, transitions=(digest,)))


def baseline_digest(
    sweep: Sweep, sequence: int, opened: Counter[Severity], now: datetime
) -> Transition:
    """Return the one alert that tells of everything a first sweep found."""
    root = f"/subscriptions/{sweep.subscription}"
    total = opened.total()
    by_severity = ", ".join(f"{opened[each]} {each}" for each in reversed(Severity) if opened[each])
    findings = f"{total} finding{'s' if total != 1 else ''} open" + (
        f" ({by_severity})" if total else ""
    )
    return Transition(
        id=transition_id(root, sequence),
        root=root,
        sequence=sequence,
        kind=TransitionKind.BASELINE,
        reason=None,
        control=None,
        resource_id=root,
        resource_type=ResourceType.SUBSCRIPTION,
        severity=max(opened, key=lambda each: each.rank, default=Severity.INFO),
        at=now,
        message=(
            f"First {'deep ' if sweep.deep else ''}sweep of the subscription: "
            f"{sweep.roots} roots looked at, {findings}."
        ),
        evidence=(),
        remediation="",
        tables={},
        alerts=True,
    )
