"""One look at one root: lease, collect, evaluate, reconcile, commit.

An event is only a hint to look. Judgement comes from what is read now, so duplicate, late and
reordered messages cannot make it wrong. Killed before or after any step, the message is delivered
again and the next look completes the work: what a look has to leave behind is written before its
commit, and the commit is what later messages are compared with.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count

from shared.domain.control import Catalogue
from shared.domain.finding import Transition
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Commit, RootState, Unreadable
from shared.domain.snapshot import Problem
from shared.domain.topology import DEEP_SOURCES, Source
from shared.pipeline.attributed_findings import with_attributions
from shared.pipeline.attribution import attribute
from shared.pipeline.before import with_before
from shared.pipeline.canary import canary_commit
from shared.pipeline.collect import Collector
from shared.pipeline.conclude import Conclusion, depends_on
from shared.pipeline.covered import is_covered
from shared.pipeline.evaluations import Evaluations
from shared.pipeline.following_looks import FollowingLooks
from shared.pipeline.judged_before import JudgedBefore, fingerprint
from shared.pipeline.known_states import KnownStates
from shared.pipeline.messages import LookMessage, Trigger
from shared.pipeline.pokes import Pokes
from shared.pipeline.retries import still_to_read, sweep_waits, wait
from shared.pipeline.watch import Watch
from shared.ports import (
    Clock,
    ConflictError,
    FindingStore,
    Inventory,
    QueueName,
    SnapshotStore,
    WorkQueue,
)

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""Longer than a look takes; a lost lease costs a second look, never a wrong verdict."""
BUSY_DELAY = timedelta(seconds=1)
DEEP = frozenset(each for sources in DEEP_SOURCES.values() for each in sources)
TRIES = 5
"""How often a look whose commit found a conflict begins again at once."""


class LookStatus(StrEnum):
    """How a look ended."""

    LOOKED = "looked"
    COVERED = "covered"
    """A completed look began after the message was accepted: nothing was read."""
    BUSY = "busy"
    """Another worker has the root; the message was put back."""


@dataclass(frozen=True, slots=True)
class LookReport:
    """What a look did: what it recorded, how many sources it read, which could not be read.

    `problems` are those of this look; `unreadable` is all that is not readable of the root by now,
    whoever looked. `retry_at` is when it is tried again, None: by nobody before the next sweep.
    """

    root: ResourceId
    status: LookStatus
    transitions: tuple[Transition, ...] = ()
    sources_read: int = 0
    problems: tuple[Problem, ...] = ()
    unreadable: Mapping[Source, Unreadable] = field(default_factory=dict)
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Looks:
    """The use case with its ports; `worker` names the process that holds a lease.

    Each look holds it under a name of its own: several can be under way at once.
    """

    inventory: Inventory
    snapshots: SnapshotStore
    findings: FindingStore
    queue: WorkQueue
    clock: Clock
    catalogue: Catalogue
    watch: Watch
    worker: str
    lease: timedelta = LEASE
    pokes: Pokes | None = None
    """Who tells sinks is poked after a commit that alerts."""
    evaluations: Evaluations | None = None
    """Who keeps what looks come to is told after the commit."""
    judged_before: JudgedBefore = field(default_factory=JudgedBefore)
    known: KnownStates = field(default_factory=KnownStates)
    numbers: "count[int]" = field(default_factory=count)

    async def look(self, message: LookMessage) -> LookReport:
        """Look at the root of a message, unless that is done already.

        Raises:
            PortError: a store or queue failed; nothing is committed, the message must be delivered
            again.
        """
        root = ResourceId.parse(message.root)
        known = self.known.covering(root, message, self.inventory.second_look_after)
        if known is not None:
            return LookReport(root, LookStatus.COVERED, unreadable=known.unreadable)
        holder = f"{self.worker}#{next(self.numbers)}"
        if not await self.findings.lease(root.key, holder, self.lease):
            await self._put_back(message)
            return LookReport(root, LookStatus.BUSY)
        ended = False
        try:
            for _ in range(TRIES):
                try:
                    report = await self._look(root, message, holder)
                except ConflictError:
                    log.info("somebody else committed %s; looking again", root.key)
                else:
                    # What was looked at was committed, and the lease ends with that.
                    ended = report.status is LookStatus.LOOKED
                    return report
            await self._put_back(message)
            return LookReport(root, LookStatus.BUSY)
        finally:
            if not ended:
                await self.findings.release(root.key, holder)

    @property
    def _following(self) -> FollowingLooks:
        return FollowingLooks(self.findings, self.queue, self.clock)

    async def _put_back(self, message: LookMessage, delay: timedelta = BUSY_DELAY) -> None:
        queue = QueueName.SWEEPS if message.trigger is Trigger.SWEEP else QueueName.LOOKS
        await self.queue.put(queue, [message.encode()], delay=delay)

    async def _look(self, root: ResourceId, message: LookMessage, holder: str) -> LookReport:
        """Look once; the state's version is read before the inventory is.

        The commit ends the holder's lease.
        """
        state = await self.findings.state(root.key)
        self.known.remember(root.key, state)
        if message.trigger is Trigger.CANARY:
            return await self._record_canary(root, state, message, holder)
        if is_covered(root, state, message, self.inventory.second_look_after) and not still_to_read(
            message, state.unreadable, self.clock.now()
        ):
            # The look that covers this one may have been a sweep's, which tells nobody.
            change = message.change
            itself = change is not None and change.resource_id.lower() == root.key
            await self._following.tell_dependents(root, message, came_or_went=itself)
            await self._attribute_late(root, state, message)
            return LookReport(root, LookStatus.COVERED, unreadable=state.unreadable)
        collector = Collector(
            self.inventory, self.snapshots, self.clock, self.watch, self.catalogue.parameters
        )
        ours = self.judged_before.committed(root.key) == state.version
        snapshot, new, read = await collector.collect(root, state, message, ours=ours)
        if not set(depends := depends_on(snapshot, state)) <= set(state.depends_on):
            # What decides about it tells those that are known to depend on it: so what it was is
            # only believed when it was read after that.
            await self.findings.commit(Commit(root.key, replace(state, depends_on=depends)))
            return await self._look(root, message, holder)
        # In a baseline everything is new: there is nothing to compare it with.
        seen = b"" if message.baseline else fingerprint(snapshot)
        same = bool(seen) and self.judged_before.knows(root.key, state.version, seen)
        doubtful = state.missing or state.unreadable or not snapshot.root_reading.items
        unchanged = same and not doubtful
        # Where nothing has changed no finding does, and none is needed; before the first commit of
        # a root there are none.
        needed = state.version and not unchanged
        stored = await self.findings.findings(root.key, of=state.version) if needed else {}
        now = self.clock.now()
        commit = Conclusion(
            snapshot,
            state,
            stored,
            message,
            now,
            self.catalogue,
            self.inventory.second_look_after,
            unchanged=unchanged,
        ).commit()
        if commit.attributions and not stored:
            stored = await self.findings.findings(root.key, of=state.version)
        commit = with_attributions(commit, stored)
        commit = await with_before(commit, self.snapshots, snapshot, self.catalogue, recent=ours)
        # What was judged here as it is was stored then too; only the times of core sources would be
        # others, and by these nobody goes.
        if not unchanged or any(each.source in DEEP for each in new):
            await self.snapshots.save(root, new)
        await self._following.ask_for_more(root, message, state, commit.state)
        await self.findings.commit(replace(commit, ends_lease_of=holder))
        self.known.remember(root.key, replace(commit.state, version=state.version + 1))
        if self.pokes is not None and any(each.alerts for each in commit.transitions):
            await self.pokes.poke()
        if self.evaluations is not None:
            self.evaluations.note(snapshot, state, commit)
        self.judged_before.remember(root.key, state.version + 1, seen)
        after, retry_at = commit.state, commit.state.retry_at
        if message.trigger is Trigger.SWEEP:
            delay = wait(after.unreadable, snapshot.readings, now)
            retry_at = None
            if delay is not None and sweep_waits(message, delay, now):
                # After the commit: without it the message in hand comes again, and is not covered.
                await self._put_back(message, delay)
                retry_at = now + delay
        problems = tuple(
            each.problem for each in snapshot.readings.values() if each.problem is not None
        )
        return LookReport(
            root,
            LookStatus.LOOKED,
            commit.transitions,
            read,
            problems,
            after.unreadable,
            retry_at,
        )

    async def _record_canary(
        self, root: ResourceId, state: RootState, message: LookMessage, holder: str
    ) -> LookReport:
        """Record that the made-up change came here; there is nothing to read."""
        commit = canary_commit(state, message.accepted_at, self.clock.now())
        if commit is None:
            return LookReport(root, LookStatus.COVERED)
        await self.findings.commit(replace(commit, ends_lease_of=holder))
        if self.pokes is not None:
            await self.pokes.poke()
        return LookReport(root, LookStatus.LOOKED, commit.transitions)

    async def _attribute_late(
        self, root: ResourceId, state: RootState, message: LookMessage
    ) -> None:
        """Let a message that asks for no look any more still tell who made the change."""
        waiting, found = attribute(state.attributable, message)
        if found:
            after = replace(state, attributable=waiting)
            stored = await self.findings.findings(root.key)
            commit = with_attributions(Commit(root.key, after, attributions=found), stored)
            await self.findings.commit(commit)
