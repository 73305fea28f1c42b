"""Sweeps: look at everything, because events can be missed and some changes send none.

A sweep lists the roots of a subscription and queues a look at each; the roots known before are
looked at too, which is how a root is found gone. The first sweep of a subscription and its first
deep sweep are its baseline: what they find is recorded without an alert each, and one digest at the
end of each tells of it.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.finding import Transition, TransitionKind
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Commit
from shared.domain.topology import DEEP_SOURCES, ResourceType
from shared.domain.verdict import Severity
from shared.pipeline.look import TRIES, LookReport, Looks, LookStatus
from shared.pipeline.messages import LookMessage, Trigger
from shared.pipeline.reconcile import transition_id
from shared.pipeline.watch import Watch
from shared.ports import ConflictError, PortError, QueueName, Sweep, SweepLedger

BATCH = 500


@dataclass(frozen=True, slots=True)
class Sweeps:
    """The use case; `looks` brings the ports."""

    looks: Looks
    ledger: SweepLedger
    watch: Watch

    async def begin(
        self, *, deep: bool, subscriptions: frozenset[str] | None = None
    ) -> list[Sweep]:
        """Queue a look at every root of the subscriptions (default: all that are watched).

        Raises:
            PortError: a list could not be read, or nothing could be queued.
        """
        chosen = subscriptions if subscriptions is not None else await self.watch.subscriptions()
        ids = sorted({each.lower() for each in chosen})
        return [await self._begin(each, deep=deep) for each in ids]

    async def _begin(self, subscription: str, *, deep: bool) -> Sweep:
        """Record a sweep before anything of it is queued.

        A root swept twice is harmless, one forgotten is not.
        """
        store, now = self.looks.findings, self.looks.clock.now()
        known = [ResourceId.parse(text) for text in await store.roots(subscription)]
        listed = [root async for root in self.looks.inventory.roots(subscription)]
        roots = {root.key: root for root in [*known, *listed]}
        seen = sum(1 for root in roots.values() if root.segments)
        if roots:
            itself = ResourceId.parse(f"/subscriptions/{subscription}")
            roots[itself.key] = itself
        baseline = not await self.ledger.is_baselined(subscription, deep=deep)
        sweep = Sweep(f"{subscription} {now.isoformat()}", subscription, deep, baseline, now, seen)
        await self.ledger.begin(sweep, sorted(roots))
        messages = [
            LookMessage(
                roots[key].text,
                now,
                Trigger.SWEEP,
                sources=DEEP_SOURCES.get(roots[key].type.lower(), ()) if deep else (),
                sweep=sweep.id,
                baseline=baseline,
            ).encode()
            for key in sorted(roots)
        ]
        for start in range(0, len(messages), BATCH):
            await self.looks.queue.put(QueueName.SWEEPS, messages[start : start + BATCH])
        if not roots:
            await self._finish(sweep)
        return sweep

    async def look(self, message: LookMessage) -> LookReport:
        """Look at one root of a sweep.

        Raises:
            PortError: as `Looks.look`.
        """
        report = await self.looks.look(message)
        if report.status is not LookStatus.BUSY:
            await self._strike_off(message)
        return report

    async def give_up(self, message: LookMessage) -> None:
        """Go on without a root whose look was set aside.

        A sweep that waited for it would never be over; were it the baseline, all later sweeps of
        the subscription would be silent.
        """
        await self._strike_off(message)

    async def _strike_off(self, message: LookMessage) -> None:
        """Expect no look at this root any more; close the sweep with its last root."""
        if message.sweep is None:
            return
        finished = await self.ledger.swept(message.sweep, message.root.lower())
        if finished is not None:
            await self._finish(finished)

    async def _finish(self, sweep: Sweep) -> None:
        """Record the digest of a baseline, once.

        The subscription's own state says whether it was.
        """
        if not sweep.baseline:
            return
        for _ in range(TRIES):
            try:
                await self._record_baseline(sweep)
            except ConflictError:
                # Another worker has looked at the subscription, or closed the same sweep.
                continue
            return
        raise PortError(f"the digest of {sweep.id} could not be recorded")

    async def _record_baseline(self, sweep: Sweep) -> None:
        """Record the digest, unless it is."""
        store, root = self.looks.findings, f"/subscriptions/{sweep.subscription}"
        state = await store.state(root)
        told = state.deep_baseline_at if sweep.deep else state.baseline_at
        if told is not None:
            return
        now = self.looks.clock.now()
        digest = baseline_digest(
            sweep, state.sequence + 1, await store.open_by_severity(sweep.subscription), now
        )
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
