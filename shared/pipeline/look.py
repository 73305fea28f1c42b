"""One look at one root: lease, collect, evaluate, reconcile, commit.

An event is only a hint to look. Judgement comes from what is read now, so duplicate, late and
reordered messages cannot make it wrong. Killed before or after any step, the message is delivered
again and the next look completes the work: what a look has to leave behind is written before its
commit, and the commit is what later messages are compared with.
"""

import logging
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from shared.domain.control import Catalogue
from shared.domain.finding import Transition
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Commit, RootState
from shared.domain.snapshot import Problem, Snapshot
from shared.domain.topology import CORE_SOURCES, DEEP_SOURCES, OTHER_ROOTS, Source
from shared.pipeline.attribution import attribute
from shared.pipeline.conclude import Conclusion
from shared.pipeline.judged_before import JudgedBefore, fingerprint
from shared.pipeline.messages import FOLLOWS_A_WRITE, LookMessage, Trigger
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
NEVER = datetime.min.replace(tzinfo=UTC)
BUSY_DELAY = timedelta(seconds=1)
DEEP_MAX_AGE = timedelta(hours=24)
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
    """What a look did: what it recorded, how many sources it read, which could not be read."""

    root: ResourceId
    status: LookStatus
    transitions: tuple[Transition, ...] = ()
    sources_read: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Looks:
    """The use case with its ports; `worker` names who holds a lease."""

    inventory: Inventory
    snapshots: SnapshotStore
    findings: FindingStore
    queue: WorkQueue
    clock: Clock
    catalogue: Catalogue
    watch: Watch
    worker: str
    lease: timedelta = LEASE
    judged_before: JudgedBefore = field(default_factory=JudgedBefore)

    async def look(self, message: LookMessage) -> LookReport:
        """Look at the root of a message, unless that is done already.

        Raises:
            PortError: a store or queue failed; nothing is committed, the message must be delivered
            again.
        """
        root = ResourceId.parse(message.root)
        if not await self.findings.lease(root.key, self.worker, self.lease):
            await self._put_back(message)
            return LookReport(root, LookStatus.BUSY)
        try:
            for _ in range(TRIES):
                try:
                    return await self._look(root, message)
                except ConflictError:
                    log.info("somebody else committed %s; looking again", root.key)
            await self._put_back(message)
            return LookReport(root, LookStatus.BUSY)
        finally:
            await self.findings.release(root.key, self.worker)

    async def _put_back(self, message: LookMessage) -> None:
        queue = QueueName.SWEEPS if message.trigger is Trigger.SWEEP else QueueName.LOOKS
        await self.queue.put(queue, [message.encode()], delay=BUSY_DELAY)

    async def _look(self, root: ResourceId, message: LookMessage) -> LookReport:
        """Look once; the state's version is read before the inventory is."""
        state = await self.findings.state(root.key)
        if is_covered(root, state, message, self.inventory.second_look_after):
            # The look that covers this one may have been a sweep's, which tells nobody.
            change = message.change
            itself = change is not None and change.resource_id.lower() == root.key
            await self._tell_dependents(root, message, came_or_went=itself)
            await self._attribute_late(root, state, message)
            return LookReport(root, LookStatus.COVERED)
        snapshot, read = await self._collect(root, state, message)
        seen = fingerprint(snapshot)
        same = self.judged_before.knows(root.key, state.version, seen)
        doubtful = state.missing or state.unreadable or not snapshot.root_reading.items
        unchanged = same and not doubtful
        # Where nothing has changed no finding does, and none is needed.
        stored = {} if unchanged else await self.findings.findings(root.key)
        commit = Conclusion(
            snapshot,
            state,
            stored,
            message,
            self.clock.now(),
            self.catalogue,
            self.inventory.second_look_after,
            unchanged=unchanged,
        ).commit()
        await self._ask_for_more(root, message, state, commit.state)
        await self.findings.commit(commit)
        self.judged_before.remember(root.key, state.version + 1, seen)
        problems = tuple(
            each.problem for each in snapshot.readings.values() if each.problem is not None
        )
        return LookReport(root, LookStatus.LOOKED, commit.transitions, read, problems)

    async def _attribute_late(
        self, root: ResourceId, state: RootState, message: LookMessage
    ) -> None:
        """Let a message that asks for no look any more still tell who made the change."""
        waiting, found = attribute(state.attributable, message)
        if found:
            await self.findings.commit(
                Commit(root.key, replace(state, attributable=waiting), attributions=found)
            )

    async def _collect(
        self, root: ResourceId, state: RootState, message: LookMessage
    ) -> tuple[Snapshot, int]:
        """Read what must be fresh, take the rest from the last snapshot, store what was read."""
        kind = root.type.lower()
        deep = DEEP_SOURCES.get(kind, ())
        kept = dict(await self.snapshots.load(root, deep)) if deep else {}
        now = self.clock.now()
        stale = [source for source in deep if _must_read(source, state, message, now)]
        wanted = [*CORE_SOURCES[kind], *stale]
        # Nothing older than what was judged last: the message may have waited since.
        after = max(message.accepted_at, *state.read_at.values(), NEVER)
        fresh = await self.inventory.read(root, wanted, after=after)
        await self.snapshots.save(root, list(fresh.values()))
        watched = await self.watch.recently()
        snapshot = Snapshot(root, {**kept, **fresh}, watched, self.catalogue.parameters)
        # A source that shows other roots costs nothing where none is named.
        read = sum(1 for each in fresh.values() if each.items or each.source not in OTHER_ROOTS)
        return snapshot, read

    async def _ask_for_more(
        self, root: ResourceId, message: LookMessage, before: RootState, after: RootState
    ) -> None:
        """Queue what must follow.

        Before the commit, because a message that a commit covers is not looked at again.
        """
        now = self.clock.now()
        if after.second_look_at is not None and after.second_look_at != before.second_look_at:
            again = LookMessage(
                root.text,
                after.second_look_at,
                Trigger.SECOND_LOOK,
                message.change,
                after.second_look_sources,
            )
            delay = after.second_look_at - now
            await self.queue.put(QueueName.LOOKS, [again.encode()], delay=delay)
        # The digest of a baseline comes after a look at the subscription itself.
        came_or_went = before.version == 0 or before.gone is not after.gone
        await self._tell_dependents(
            root, message, came_or_went=came_or_went and not message.baseline
        )

    async def _tell_dependents(
        self, root: ResourceId, message: LookMessage, *, came_or_went: bool
    ) -> None:
        """Ask for a look at the roots that this one decides about.

        A hub decides about its projects, and that an account is there at all about its
        subscription.
        """
        sources = CORE_SOURCES[root.type.lower()]
        related: list[str] = []
        if Source.HUB in sources and message.trigger is Trigger.CHANGE:
            related += await self.findings.dependents(root.key)
        if Source.ACCOUNT in sources and came_or_went:
            related.append(root.ancestor(0).text)
        texts = [
            LookMessage(each, message.accepted_at, Trigger.RELATED, message.change).encode()
            for each in related
        ]
        if texts:
            await self.queue.put(QueueName.LOOKS, texts)


def is_covered(
    root: ResourceId, state: RootState, message: LookMessage, second_look_after: timedelta | None
) -> bool:
    """Whether a committed look began reading all that the message asks for after it was accepted.

    Where the inventory can be stale, a change also needs a reading that began so much later, done
    or due. A second look is covered while a later one is due, which reads all that this one would.
    """
    due = state.second_look_at
    if message.trigger is Trigger.SECOND_LOOK and due is not None and message.accepted_at < due:
        return True
    read_at = [
        state.read_at.get(source, NEVER)
        for source in (*CORE_SOURCES[root.type.lower()], *message.sources)
    ]
    if message.accepted_at >= min(read_at):
        return False
    if second_look_after is None or message.trigger not in FOLLOWS_A_WRITE:
        return True
    settled = message.accepted_at + second_look_after
    if due is not None and due >= settled and {*message.sources} <= {*state.second_look_sources}:
        return True
    return min(read_at) >= settled


def _must_read(source: Source, state: RootState, message: LookMessage, now: datetime) -> bool:
    """Whether a look reads this deep source afresh."""
    if source in message.sources or source in state.unreadable or state.gone:
        return True
    read_at = state.read_at.get(source)
    if message.trigger is Trigger.SWEEP:
        return False
    return read_at is None or now - read_at >= DEEP_MAX_AGE
