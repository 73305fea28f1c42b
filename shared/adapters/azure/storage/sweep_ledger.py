"""How far the sweeps have come, in a table."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.adapters.azure.storage.operations import Act, Operation
from shared.adapters.azure.storage.row_bodies import body_columns, body_of
from shared.adapters.azure.storage.row_json import StoredRow
from shared.adapters.azure.storage.sweep_rows import (
    DEPTHS,
    HEAD,
    LEFT,
    ROOTS,
    Head,
    decode_head,
    decode_root,
    decode_sweep,
    left_key,
    list_key,
    new_root,
    outcome_columns,
    partition_of_list,
    partition_of_sweep,
    reason_columns,
    root_key,
    sweep_columns,
)
from shared.adapters.azure.storage.table_keys import beyond, key
from shared.adapters.azure.storage.tables import MOST_OPERATIONS, RowChangedError, Table
from shared.adapters.encoding.sweeps import decode_coverage, encode_coverage
from shared.domain.sweep import RootOutcome, Sweep, SweepCoverage, coverage_of

TOGETHER = MOST_OPERATIONS // 2
"""Roots that one transaction adds: two rows each."""


@dataclass(frozen=True, slots=True)
class TableSweepLedger:
    """`SweepLedger` on a table of its own, `SWEEPS_TABLE`."""

    table: Table

    async def begin(self, sweep: Sweep) -> None:
        """Record a sweep; one that has begun already goes on."""
        columns = sweep_columns(sweep)
        for partition, row in (
            (partition_of_sweep(sweep.id), HEAD),
            (partition_of_list(sweep.subscription), list_key(sweep)),
        ):
            try:
                await self.table.insert(partition, row, columns)
            except RowChangedError:
                continue

    async def add(self, sweep_id: str, roots: Sequence[str], *, listed: bool) -> frozenset[str]:
        """Add roots; return those of them that are still to be looked at."""
        partition, distinct = partition_of_sweep(sweep_id), sorted(set(roots))
        left: set[str] = set()
        for start in range(0, len(distinct), TOGETHER):
            part = distinct[start : start + TOGETHER]
            try:
                new = [row for each in part for row in new_root(each, listed=listed)]
                await self.table.apply(partition, new)
                left.update(part)
            except RowChangedError:
                # A worker that died had added some of them.
                left.update(
                    [each for each in part if await self._add(partition, each, listed=listed)]
                )
        return frozenset(left)

    async def _add(self, partition: str, root: str, *, listed: bool) -> bool:
        """Add one root that may be there; return whether it is still to be looked at."""
        try:
            await self.table.apply(partition, new_root(root, listed=listed))
        except RowChangedError:
            if listed:
                seen = [Operation(Act.MERGE, root_key(root), {"listed": True})]
                await self.table.apply(partition, seen)
            return await self.table.read(partition, left_key(root)) is not None
        return True

    async def close_list(self, sweep_id: str, reasons: Sequence[str]) -> Sweep | None:
        """Record that all roots are added; return the sweep when none is left."""
        closed = {"listed": True, **reason_columns(reasons)}
        try:
            await self.table.apply(
                partition_of_sweep(sweep_id), [Operation(Act.MERGE, HEAD, closed)]
            )
        except RowChangedError:
            return None
        return await self._with_nothing_left(sweep_id)

    async def swept(self, sweep_id: str, root: str, outcome: RootOutcome) -> Sweep | None:
        """Record what became of a root; return the sweep when none is left."""
        partition = partition_of_sweep(sweep_id)
        done = Operation(Act.MERGE, root_key(root), outcome_columns(outcome))
        for operations in ([done, Operation(Act.DELETE, left_key(root))], [done]):
            try:
                await self.table.apply(partition, operations)
            except RowChangedError:
                # It was looked at before, or is no root of the sweep.
                continue
            break
        return await self._with_nothing_left(sweep_id)

    async def left(self, sweep_id: str) -> Sequence[str]:
        """Return the roots that are still to be looked at."""
        return sorted([str(each.columns["root"]) async for each in self._rows(sweep_id, LEFT)])

    async def finish(self, sweep_id: str, at: datetime) -> None:
        """Record that a sweep is over, and fold what became of its roots."""
        head = await self._head(sweep_id)
        if head is None or head.finished:
            return
        coverage = replace(await self._coverage(head), ended_at=at)
        after = await self._head(sweep_id)
        if after is None or after.finished:
            # Another worker was quicker, and clears away what was being folded.
            return
        sweep, listing = head.sweep, partition_of_list(head.sweep.subscription)
        over = {
            **sweep_columns(sweep),
            "finished": True,
            **body_columns(encode_coverage(coverage)),
        }
        # The coverage first: a worker that dies here is followed by one that folds the same.
        await self.table.put(listing, list_key(sweep), over)
        over_too = Operation(Act.MERGE, HEAD, {"finished": True})
        await self.table.apply(partition_of_sweep(sweep_id), [over_too])
        depth = DEPTHS[sweep.deep]
        older = [
            each
            async for each in self.table.rows(listing, list_key(sweep) + "-", beyond(depth))
            if each.columns["finished"]
        ]
        for each in older:
            await self._clear(str(each.columns["sweep"]))
            await self.table.delete(listing, each.key)
        await self._clear(sweep_id)

    async def coverage(self, subscription: str) -> Sequence[SweepCoverage]:
        """Return that of the last core and the last deep sweep, the newest first."""
        found = []
        for depth in DEPTHS.values():
            async for listed in self._listed(subscription, depth, page=1):
                found.append(await self._coverage_of(listed))
                break
        return sorted(found, key=lambda each: each.sweep.started_at, reverse=True)

    async def is_baselined(self, subscription: str, *, deep: bool) -> bool:
        """Whether a sweep of this subscription is over; `deep`: a deep one."""
        for depth in DEPTHS.values():
            if deep and depth != DEPTHS[True]:
                continue
            async for listed in self._listed(subscription, depth):
                if listed.columns["finished"]:
                    return True
        return False

    async def _coverage_of(self, listed: StoredRow) -> SweepCoverage:
        """Return the coverage of a sweep as its list has it, or as it is so far."""
        if listed.columns["finished"]:
            return decode_coverage(body_of(listed.columns))
        sweep = decode_sweep(listed.columns)
        return await self._coverage(await self._head(sweep.id) or Head(sweep))

    async def _coverage(self, head: Head) -> SweepCoverage:
        """Fold what became of the roots so far."""
        roots = [decode_root(each) async for each in self._rows(head.sweep.id, ROOTS)]
        return coverage_of(
            head.sweep,
            sorted(roots, key=lambda each: each.root),
            is_listed=head.listed,
            reasons=head.reasons,
            ended_at=None,
        )

    async def _with_nothing_left(self, sweep_id: str) -> Sweep | None:
        """Return a sweep that has only to be finished."""
        async for _ in self._rows(sweep_id, LEFT, page=1):
            return None
        head = await self._head(sweep_id)
        if head is None or head.finished or not head.listed:
            return None
        return (await self._coverage(head)).sweep

    async def _head(self, sweep_id: str) -> Head | None:
        stored = await self.table.read(partition_of_sweep(sweep_id), HEAD)
        return None if stored is None else decode_head(stored)

    def _rows(self, sweep_id: str, kind: str, page: int = 1000) -> AsyncIterator[StoredRow]:
        """Go through the rows of a sweep of one kind."""
        partition = partition_of_sweep(sweep_id)
        return self.table.rows(partition, key(kind, ""), beyond(kind), page=page)

    def _listed(self, subscription: str, depth: str, page: int = 1000) -> AsyncIterator[StoredRow]:
        """Go through the sweeps of a subscription of one depth, newest first."""
        partition = partition_of_list(subscription)
        return self.table.rows(partition, key(depth, ""), beyond(depth), page=page)

    async def _clear(self, sweep_id: str) -> None:
        """Remove what is not needed of a sweep that is over or given up, its head last."""
        rows = [each.key for kind in (ROOTS, LEFT) async for each in self._rows(sweep_id, kind)]
        for start in range(0, len(rows), MOST_OPERATIONS):
            await self.table.remove(
                partition_of_sweep(sweep_id), rows[start : start + MOST_OPERATIONS]
            )
        await self.table.delete(partition_of_sweep(sweep_id), HEAD)
