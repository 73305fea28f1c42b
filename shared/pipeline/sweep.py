"""Sweeps: look at everything, because events can be missed and some changes send none.

A sweep lists the roots of a subscription and queues a look at each; the roots known before are
looked at too, which is how a root is found gone. The first sweep of a subscription and its first
deep sweep are its baseline: what they find is recorded without an alert each, and one digest at the
end of each tells of it.

A sweep is in the ledger before anything of it is queued, and a root before its message is, so that
whoever was killed is followed by one who forgets nothing. While a sweep has not come to its end no
other of its depth begins: to begin again is to go on with it. So there are at most two messages for
a root, whatever the backlog; after `GO_ON_FOR` it is given up, and what is left of it is in the
next.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.domain.resource_id import ResourceId
from shared.domain.sweep import GIVEN_UP, RootOutcome, Sweep, SweepCoverage
from shared.domain.topology import DEEP_SOURCES, ROOT_TYPES
from shared.pipeline.baseline import record_baseline
from shared.pipeline.listing import listed_roots
from shared.pipeline.look import LookReport, Looks, LookStatus
from shared.pipeline.messages import LookMessage, Trigger
from shared.pipeline.own_sight import record_swept, record_watched
from shared.pipeline.watch import Watch
from shared.ports import PortError, QueueName, SweepLedger

log = logging.getLogger(__name__)

BATCH = 500
GO_ON_FOR = timedelta(hours=6)
"""A sweep that is older has lost its way; what it saw says nothing of now."""


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

        One whose list cannot be read is looked at as far as it is known, and its coverage says so.

        Raises:
            PortError: a store or the queue failed; to begin again goes on.
        """
        chosen = subscriptions if subscriptions is not None else await self.watch.recently()
        ids = sorted({each.lower() for each in chosen})
        begun = [await self._begin(each, deep=deep) for each in ids]
        if subscriptions is None and self.watch.is_chosen:
            await self._judge_watched(chosen)
        return begun

    async def coverage(self, sweep: Sweep) -> SweepCoverage | None:
        """Return how much a sweep, or a later one of its depth, has seen so far."""
        found = await self.ledger.coverage(sweep.subscription)
        return next((each for each in found if each.sweep.deep is sweep.deep), None)

    async def look(self, message: LookMessage) -> LookReport:
        """Look at one root of a sweep.

        Raises:
            PortError: as `Looks.look`.
        """
        if message.baseline and await self._is_told(message):
            # What opens from now on is in no other digest.
            message = replace(message, baseline=False)
        report = await self.looks.look(message)
        if report.status is not LookStatus.BUSY and report.retry_at is None:
            await self._strike_off(message, _outcome(report))
        return report

    async def _is_told(self, message: LookMessage) -> bool:
        """Whether the digest of a message's baseline was told, or may be any time."""
        if self.looks.clock.now() - message.accepted_at >= GO_ON_FOR:
            return True
        subscription = ResourceId.parse(message.root).subscription
        state = await self.looks.findings.state(f"/subscriptions/{subscription}")
        return (state.deep_baseline_at if message.sources else state.baseline_at) is not None

    async def give_up(self, message: LookMessage) -> None:
        """Go on without a root whose look was set aside.

        A sweep that waited for it would never be over; were it the baseline, all later sweeps of
        the subscription would be silent.
        """
        await self._strike_off(message, GIVEN_UP)

    async def _begin(self, subscription: str, *, deep: bool) -> Sweep:
        """Begin a sweep, or go on with the one that is under way."""
        under_way = await self._under_way(subscription, deep=deep)
        if under_way is None:
            store, now = self.looks.findings, self.looks.clock.now()
            state = await store.state(f"/subscriptions/{subscription}")
            told = state.deep_baseline_at if deep else state.baseline_at
            sweep = Sweep(
                f"{subscription} {now.isoformat()}", subscription, deep, told is None, now, 0
            )
            await self.ledger.begin(sweep)
            return await self._list(sweep)
        sweep = under_way.sweep
        if not under_way.is_listed:
            return await self._list(sweep)
        if under_way.left == 0:
            await self._finish(sweep)
        elif await self.looks.queue.next_due(QueueName.SWEEPS) is None:
            left = await self.ledger.left(sweep.id)
            log.warning("%d messages of %s were lost; they are queued again", len(left), sweep.id)
            for start in range(0, len(left), BATCH):
                await self._queue(sweep, map(ResourceId.parse, left[start : start + BATCH]))
        return sweep

    async def _under_way(self, subscription: str, *, deep: bool) -> SweepCoverage | None:
        """Return the sweep of this depth that has not come to its end; one too old is given up."""
        found = await self.ledger.coverage(subscription)
        last = next((each for each in found if each.sweep.deep is deep), None)
        if last is None or last.ended_at is not None:
            return None
        now = self.looks.clock.now()
        if now - last.sweep.started_at >= GO_ON_FOR:
            log.warning("%s is given up with %d roots left", last.sweep.id, last.left)
            await self._finish(last.sweep, given_up=True)
            return None
        await record_swept(self.looks.findings, self.looks.clock, subscription, found)
        return last

    async def _list(self, sweep: Sweep) -> Sweep:
        """Queue the roots as they are listed, then those that are known and were not listed."""
        itself = ResourceId.parse(f"/subscriptions/{sweep.subscription}")
        reasons: list[str] = []
        seen: set[str] = set()
        batch: list[ResourceId] = []
        looks = self.looks
        listed = listed_roots(looks.inventory, looks.snapshots, sweep.subscription, reasons)
        async for root in listed:
            new = [each for each in (itself, root) if each.key not in seen]
            seen.update(each.key for each in new)
            batch += new
            if len(batch) >= BATCH:
                await self._add(sweep, batch, listed=True)
                batch = []
        await self._add(sweep, batch, listed=True)
        known = map(ResourceId.parse, await looks.findings.roots(sweep.subscription))
        rest = [each for each in known if each.key not in seen]
        if not seen and (rest or (await looks.findings.state(itself.key)).version):
            # What was found of a subscription whose last root is gone is to be resolved.
            rest.insert(0, itself)
        for start in range(0, len(rest), BATCH):
            await self._add(sweep, rest[start : start + BATCH], listed=False)
        roots = len((seen | {each.key for each in rest}) - {itself.key})
        finished = await self.ledger.close_list(sweep.id, reasons)
        if finished is not None:
            await self._finish(finished)
        return replace(sweep, roots=roots)

    async def _add(self, sweep: Sweep, roots: list[ResourceId], *, listed: bool) -> None:
        """Record roots, and queue looks at those that are still to be looked at."""
        if roots:
            left = await self.ledger.add(sweep.id, [each.key for each in roots], listed=listed)
            await self._queue(sweep, (each for each in roots if each.key in left))

    async def _queue(self, sweep: Sweep, roots: Iterable[ResourceId]) -> None:
        """Queue looks; what was read since the sweep began need not be read again."""
        messages = [
            LookMessage(
                root.text,
                sweep.started_at,
                Trigger.SWEEP,
                sources=DEEP_SOURCES.get(root.type.lower(), ()) if sweep.deep else (),
                sweep=sweep.id,
                baseline=sweep.baseline,
            ).encode()
            for root in roots
        ]
        if messages:
            await self.looks.queue.put(QueueName.SWEEPS, messages)

    async def _strike_off(self, message: LookMessage, outcome: RootOutcome) -> None:
        """Expect no look at this root any more; close the sweep with its last root."""
        if message.sweep is None:
            return
        finished = await self.ledger.swept(message.sweep, message.root.lower(), outcome)
        if finished is not None:
            await self._finish(finished)

    async def _finish(self, sweep: Sweep, *, given_up: bool = False) -> None:
        """Tell of a sweep that is over, and record that it is, last.

        Whoever is killed in between is followed by one who tells the same, once. Where two have
        listed at once, what the other has added meanwhile is waited for, unless it is given up.
        """
        store, clock = self.looks.findings, self.looks.clock
        now = clock.now()
        told = await self.ledger.coverage(sweep.subscription)
        if not given_up and any(each.sweep.id == sweep.id and each.left for each in told):
            return
        found = [
            replace(each, ended_at=now) if each.sweep.id == sweep.id else each for each in told
        ]
        await record_swept(store, clock, sweep.subscription, found)
        saw_nothing = sweep.roots == 0 and any(
            each.sweep.id == sweep.id and each.reasons for each in found
        )
        if sweep.baseline and not saw_nothing:
            await record_baseline(store, clock, sweep)
        await self.ledger.finish(sweep.id, now)

    async def _judge_watched(self, watched: frozenset[str]) -> None:
        """Record which subscriptions nobody watches."""
        looks = self.looks
        try:
            held = await looks.inventory.subscriptions(after=looks.clock.now())
        except PortError as error:
            log.warning("whether every subscription is watched is not known: %s", error)
            return
        await record_watched(looks.findings, looks.clock, held, watched)


def _outcome(report: LookReport) -> RootOutcome:
    """Return what a look means for its sweep."""
    unreadable = report.unreadable
    if not unreadable:
        return RootOutcome()
    return RootOutcome(
        unreadable=tuple(f"{name}: {each.detail}" for name, each in sorted(unreadable.items())),
        denied=tuple(sorted({each.permission for each in unreadable.values() if each.permission})),
        overdue=any(each.passing for each in unreadable.values()),
        unproven=ROOT_TYPES[report.root.type.lower()] in unreadable,
        resource_id=report.root.text,
    )
