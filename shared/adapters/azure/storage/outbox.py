"""What the sinks have to be told of yet: a short range of every partition.

An entry names a page of the history and the transitions on it that alert; for each sink it says how
many of them the sink was told of. It goes when all sinks were told of all. What was put back after
it was parked has an entry of its own, for one sink alone (`only`), right after where it stood.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from shared.adapters.azure.storage.history_rows import decode_ids, decode_page
from shared.adapters.azure.storage.in_order import in_order
from shared.adapters.azure.storage.operations import Act, Operation
from shared.adapters.azure.storage.row_bodies import body_columns
from shared.adapters.azure.storage.row_json import StoredRow
from shared.adapters.azure.storage.table_keys import (
    OUTBOX,
    PARKED,
    PARTITIONS,
    beyond,
    digest,
    key,
    partition_of,
)
from shared.adapters.azure.storage.tables import MOST_OPERATIONS, PAGE, RowChangedError, Table
from shared.domain.finding import Transition

TOGETHER = 16
"""Pages that are read at once."""
FEWEST = 20
MOST_REMEMBERED = 10_000

Place = tuple[str, str]
"""Partition and key of an entry."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """Tells what is pending and remembers what was told.

    `sinks` are the names of all sinks; without any no entry ever goes.
    """

    table: Table
    sinks: frozenset[str]
    _places: OrderedDict[str, Place] = field(default_factory=OrderedDict)
    """Where transitions were found that a sink is being told of, by their ids."""

    async def pending(self, sink: str, limit: int) -> list[Transition]:
        """Return what a sink was not told of, oldest first.

        Raises:
            PortError: storage failed.
        """
        found: list[Transition] = []
        waiting: list[tuple[Place, str, list[str]]] = []
        left = limit
        page = max(FEWEST, min(limit, PAGE))
        streams = [
            (each, self.table.rows(each, key(OUTBOX, ""), beyond(OUTBOX), page=page))
            for each in PARTITIONS
        ]
        async for partition, entry in in_order(streams):
            if self._is_done(entry.columns):
                # Two sinks were told at once, and neither saw that it was the last.
                await self.table.delete(partition, entry.key)
                continue
            if entry.columns.get(ONLY, _column(sink)) != _column(sink):
                continue
            untold = decode_ids(entry.columns)[_told(entry, sink) :][:left]
            if untold:
                place = partition, entry.key
                waiting.append((place, str(entry.columns["page"]), untold))
                left -= len(untold)
            if len(waiting) == TOGETHER or left <= 0:
                found += await self._read(waiting)
                waiting = []
            if left <= 0:
                break
        return found + await self._read(waiting)

    async def _read(self, waiting: Sequence[tuple[Place, str, list[str]]]) -> list[Transition]:
        """Read transitions from their pages."""
        pages = await asyncio.gather(
            *(self.table.read(partition, page) for (partition, _), page, _ in waiting)
        )
        found = []
        for (place, _, ids), stored in zip(waiting, pages, strict=True):
            wanted = set(ids)
            if stored is None:
                # What was put back went with the history meanwhile: there is nothing to tell.
                await self.table.delete(*place)
                continue
            for each in decode_page(stored).transitions:
                if each.id in wanted:
                    found.append(each)
                    self._places[each.id] = place
        while len(self._places) > MOST_REMEMBERED:
            self._places.popitem(last=False)
        return found

    async def told(self, sink: str, ids: Sequence[str]) -> None:
        """Remember that a sink was told of these, and of everything older of the same roots.

        Not of everything older of all roots: what another worker records meanwhile can stand
        before what was read here, and nobody was told of that.

        Raises:
            PortError: storage failed.
        """
        wanted = set(ids)
        if not wanted:
            return
        places = [self._places.pop(each, None) for each in wanted]
        known = [each for each in places if each is not None]
        if len(known) == len(places):
            last = max(row for _, row in known) + "."
            partitions: Sequence[str] = sorted({partition for partition, _ in known})
        else:
            last, partitions = beyond(OUTBOX), PARTITIONS
        await asyncio.gather(*(self._tell(each, last, sink, wanted) for each in partitions))

    async def park(self, sink: str, alert: Transition, parked: Mapping[str, object]) -> None:
        """Remember that a sink was told of an alert, and with that keep it: both or nothing.

        An alert that the sink was told of already is not kept.

        Raises:
            PortError: storage failed.
        """
        partition = partition_of(alert.root)
        self._places.pop(alert.id, None)
        entries, operations = await self._operations(partition, beyond(OUTBOX), sink, {alert.id})
        for entry in entries:
            if alert.id in decode_ids(entry.columns)[_told(entry, sink) :]:
                named = {"page": entry.columns["page"], "place": _place(entry), **parked}
                kept = Operation(Act.PUT, parked_key(sink, alert.id), named)
                await self.table.apply(partition, [*operations[-MOST_OPERATIONS + 1 :], kept])
                return

    async def _tell(self, partition: str, last: str, sink: str, wanted: set[str]) -> None:
        """Remember it in one partition."""
        _, operations = await self._operations(partition, last, sink, wanted)
        for start in range(0, len(operations), MOST_OPERATIONS):
            await self._apply(partition, operations[start : start + MOST_OPERATIONS])

    async def _operations(
        self, partition: str, last: str, sink: str, wanted: set[str]
    ) -> tuple[list[StoredRow], list[Operation]]:
        """Return the entries of a partition, and what is to be done with them."""
        entries = [
            each
            async for each in self.table.rows(partition, key(OUTBOX, ""), last)
            if each.columns.get(ONLY, _column(sink)) == _column(sink)
        ]
        newest: dict[str, str] = {}
        for entry in entries:
            # One that was put back says nothing of what stands before it.
            if ONLY not in entry.columns and not wanted.isdisjoint(decode_ids(entry.columns)):
                newest[_root(entry)] = entry.key
        operations = []
        for entry in entries:
            ids = decode_ids(entry.columns)
            number = len(ids)
            if ONLY in entry.columns:
                if wanted.isdisjoint(ids):
                    continue
            elif entry.key > newest.get(_root(entry), ""):
                continue
            elif entry.key == newest[_root(entry)]:
                number = max(at + 1 for at, each in enumerate(ids) if each in wanted)
            number = max(number, _told(entry, sink))
            operations.append(self._remembering(entry, sink, number))
        return entries, operations

    def _remembering(self, entry: StoredRow, sink: str, number: int) -> Operation:
        """Return the operation that keeps how many of an entry a sink was told of."""
        told = {**entry.columns, _column(sink): number}
        if self._is_done(told):
            return Operation(Act.DELETE, entry.key)
        return Operation(Act.MERGE, entry.key, {_column(sink): number})

    def _is_done(self, columns: Mapping[str, object]) -> bool:
        """Whether all sinks were told of all that an entry names."""
        told = self._concerned(columns)
        return bool(told) and _all_told(columns, told)

    def _concerned(self, columns: Mapping[str, object]) -> set[str]:
        """Return the columns of the sinks that an entry is for, as far as they are known."""
        if ONLY in columns:
            return {str(columns[ONLY])}
        return {_column(each) for each in self.sinks}

    async def _apply(self, partition: str, operations: Sequence[Operation]) -> None:
        try:
            await self.table.apply(partition, operations)
        except RowChangedError:
            # An entry is gone: every sink was told of it.
            if len(operations) > 1:
                for each in operations:
                    await self._apply(partition, [each])

    async def unfinished(self, partition: str) -> AsyncIterator[tuple[StoredRow, bool]]:
        """Go through the entries of a partition; whether a sink must still be told of each.

        While no sinks are known, those that were ever told of an entry count.
        """
        async for entry in self.table.rows(partition, key(OUTBOX, ""), beyond(OUTBOX)):
            columns = self._concerned(entry.columns) or {
                name for name in entry.columns if name.startswith(_TOLD)
            }
            yield entry, not columns or not _all_told(entry.columns, columns)


_TOLD = "told_"
ONLY = "only"
"""Column with the one sink that an entry is for."""


def parked_key(sink: str, alert: str) -> str:
    """Return the key of an alert that is parked for a sink."""
    return key(PARKED, digest(sink), digest(alert))


def put_back(sink: str, alert: str, parked: StoredRow) -> list[Operation]:
    """Return the operations that put a parked alert back to where it stood."""
    root = str(parked.columns["place"]).rpartition("-")[2]
    before = str(parked.columns["place"]).rpartition("-")[0]
    row = key(OUTBOX, before, digest(sink), digest(alert), root)
    names = body_columns(orjson.dumps([alert]))
    columns = {"page": parked.columns["page"], ONLY: _column(sink), **names}
    return [
        Operation(Act.DELETE, parked.key, etag=parked.etag),
        Operation(Act.PUT, row, columns),
    ]


def _place(entry: StoredRow) -> str:
    """Return where an entry stands: when it was recorded, its number, and the digest of its root.

    What was put back stands where it stood before.
    """
    _, recorded, number, *_ = entry.key.split("-")
    return key(recorded, number, _root(entry))


def _column(sink: str) -> str:
    """Return the column of a sink, whose name may be any text."""
    return _TOLD + digest(sink)


def _told(entry: StoredRow, sink: str) -> int:
    """Return how many transitions of an entry a sink was told of."""
    return int(str(entry.columns.get(_column(sink), 0)))


def _all_told(columns: Mapping[str, object], told: set[str]) -> bool:
    number = len(decode_ids(columns))
    return all(int(str(columns.get(each, 0))) >= number for each in told)


def _root(entry: StoredRow) -> str:
    """Return the digest of the root that an entry is of."""
    return entry.key.rpartition("-")[2]
