"""Collect what a look judges: read what must be fresh, take the rest from the last snapshot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.references import referenced_ids
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import RootState
from shared.domain.snapshot import Snapshot, SourceReading
from shared.domain.topology import CORE_SOURCES, DEEP_SOURCES, OTHER_ROOTS, ROOT_TYPES, Source
from shared.pipeline.covered import NEVER
from shared.pipeline.messages import LookMessage, Trigger
from shared.pipeline.watch import Watch
from shared.ports import Clock, Inventory, Pace, SnapshotStore

DEEP_MAX_AGE = timedelta(hours=24)
LISTED_MAX_AGE = timedelta(hours=1)
"""So long a body that came with a sweep's list serves: a sweep can wait for hours, and go on."""


@dataclass(frozen=True, slots=True)
class Collector:
    """Where readings come from; `parameters` are those in force, by control."""

    inventory: Inventory
    snapshots: SnapshotStore
    clock: Clock
    watch: Watch
    parameters: Mapping[str, object]

    async def collect(
        self, root: ResourceId, state: RootState, message: LookMessage, *, ours: bool = False
    ) -> tuple[Snapshot, Sequence[SourceReading], int]:
        """Return the snapshot to judge, its readings to be stored, and how many were read.

        `ours`: the state was committed by this process, which stored the readings of then before.
        What another has stored since was never judged, and whoever asked for it asks again.

        Raises:
            PortError: a store failed, or it is not known which subscriptions are watched.
        """
        kind = root.type.lower()
        core, own, deep = CORE_SOURCES[kind], ROOT_TYPES[kind], DEEP_SOURCES.get(kind, ())
        sweeping = message.trigger is Trigger.SWEEP
        stored = (own, *deep) if sweeping else deep
        # The lists of sweeps are stored without a commit.
        recent = ours and not sweeping
        kept = dict(await self.snapshots.load(root, stored, recent=recent)) if stored else {}
        body = kept.pop(own, None)
        now = self.clock.now()
        lag = self.inventory.second_look_after
        must = {each for each in deep if _must_read(each, state, message, now, lag)}
        # What was read and is stored no more is of no use to anybody.
        must |= {each for each in deep if each in state.read_at and each not in kept}
        wanted = [*core, *(each for each in deep if each in must)]
        # Nothing older than what was judged last: the message may have waited since.
        after = max(message.accepted_at, *state.read_at.values(), NEVER)
        if body is not None and _serves(body, after, state, now):
            fresh = await self._beside(root, body, wanted, after)
        else:
            pace = Pace.SWEEP if sweeping else Pace.EVENT
            fresh = dict(await self.inventory.read(root, wanted, after=after, pace=pace))
        new = [each for each in fresh.values() if each is not body]
        watched = await self.watch.recently()
        snapshot = Snapshot(root, {**kept, **fresh}, watched, self.parameters)
        # A source that shows other roots costs nothing where none is named.
        read = sum(
            1
            for each in fresh.values()
            if each is not body and (each.items or each.source not in OTHER_ROOTS)
        )
        return snapshot, new, read

    async def _beside(
        self, root: ResourceId, body: SourceReading, wanted: Sequence[Source], after: datetime
    ) -> dict[Source, SourceReading]:
        """Read what a sweep needs beside the root's own body, which came with the list.

        Where other roots are named, which is rare, all is read: an inventory finds their names in
        what it reads.
        """
        rest = [each for each in wanted if each not in {body.source, Source.REFERENCED}]
        fresh: dict[Source, SourceReading] = {body.source: body}
        if rest:
            fresh |= await self.inventory.read(root, rest, after=after, pace=Pace.SWEEP)
        if Source.REFERENCED not in wanted:
            return fresh
        core = CORE_SOURCES[root.type.lower()]
        if referenced_ids(item for each in core if each in fresh for item in fresh[each].items):
            again = await self.inventory.read(root, core, after=after, pace=Pace.SWEEP)
            return {**fresh, **again}
        fresh[Source.REFERENCED] = _none_named(
            body, [fresh[each] for each in core if each in fresh]
        )
        return fresh


def _none_named(body: SourceReading, owners: Sequence[SourceReading]) -> SourceReading:
    """Return the reading of other roots where none is named, as far as their owners were read."""
    problem = next(
        (
            replace(
                each.problem,
                detail=f"the {each.source} that name it could not all be read: "
                f"{each.problem.detail}",
            )
            for each in owners
            if each.problem is not None
        ),
        None,
    )
    return SourceReading(Source.REFERENCED, (), body.read_at, problem, complete=problem is None)


def _serves(body: SourceReading, after: datetime, state: RootState, now: datetime) -> bool:
    """Whether a stored body is what a look would read: it was read after all that it serves."""
    if state.gone or not body.items or body.problem is not None or body.read_at is None:
        return False
    # The inventory reads the hub by the name in the workspace that it reads along.
    names_hub = body.items[0].text("properties.hubResourceId").value is not None
    is_fresh = body.read_at > after and now - body.read_at < LISTED_MAX_AGE
    return is_fresh and not names_hub


def _must_read(
    source: Source, state: RootState, message: LookMessage, now: datetime, lag: timedelta | None
) -> bool:
    """Whether a look reads this deep source afresh; `lag`: how long answers may be stale."""
    if source in state.unreadable or state.gone:
        return True
    read_at = state.read_at.get(source)
    is_due_again = lag is not None and read_at is not None and now - read_at >= lag
    if is_due_again and source in state.second_look_sources:
        # Each change puts the second look off: it is not to be waited for for ever.
        return True
    if message.trigger is Trigger.SWEEP:
        # A sweep that comes again for what it could not read has read the others.
        return source in message.sources and (read_at is None or read_at <= message.accepted_at)
    return source in message.sources or read_at is None or now - read_at >= DEEP_MAX_AGE
