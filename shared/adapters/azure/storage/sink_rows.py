"""How the sinks are, and what is parked for them: a row each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.adapters.azure.storage.history_rows import decode_page
from shared.adapters.azure.storage.outbox import Outbox, put_back
from shared.adapters.azure.storage.row_bodies import body_columns, body_of
from shared.adapters.azure.storage.row_json import StoredRow
from shared.adapters.azure.storage.table_keys import (
    PARKED,
    PARTITIONS,
    SINKS,
    beyond,
    digest,
    key,
    partition_of,
)
from shared.adapters.azure.storage.tables import RowChangedError, Table
from shared.adapters.encoding.sink_state import decode_sink_state, encode_sink_state
from shared.domain.finding import Transition
from shared.domain.sink_state import Parked, SinkState
from shared.ports import ConflictError


@dataclass(frozen=True, slots=True)
class SinkRows:
    """Reads and writes them."""

    table: Table
    outbox: Outbox

    async def park(self, sink: str, alert: Transition, at: datetime, reason: str) -> None:
        """Keep an alert for people, and go past it."""
        stamp = at.isoformat(timespec="microseconds")
        columns = {"sink": sink, "alert": alert.id, "at": stamp, "reason": reason}
        await self.outbox.park(sink, alert, columns)

    async def parked(self, limit: int) -> Sequence[Parked]:
        """Return what is parked, the last parked first; what retention has removed is gone."""
        rows = [(each, row) for each in PARTITIONS for row in await self._parked(each)]
        rows.sort(key=lambda each: str(each[1].columns["at"]), reverse=True)
        found: list[Parked] = []
        for partition, row in rows[:limit]:
            page = await self.table.read(partition, str(row.columns["page"]))
            if page is None:
                await self.table.delete(partition, row.key)
                continue
            found += [
                Parked(
                    str(row.columns["sink"]),
                    each,
                    datetime.fromisoformat(str(row.columns["at"])),
                    str(row.columns["reason"]),
                )
                for each in decode_page(page).transitions
                if each.id == row.columns["alert"]
            ]
        return found

    async def redeliver(self, sink: str, ids: Sequence[str]) -> int:
        """Put parked alerts back."""
        wanted, count = set(ids), 0
        parked = await asyncio.gather(*(self._parked(each, digest(sink)) for each in PARTITIONS))
        for partition, rows in zip(PARTITIONS, parked, strict=True):
            for row in rows:
                alert = str(row.columns["alert"])
                if alert not in wanted:
                    continue
                try:
                    await self.table.apply(partition, put_back(sink, alert, row))
                except RowChangedError:
                    # Somebody else was quicker.
                    continue
                count += 1
        return count

    async def state(self, sink: str) -> SinkState:
        """Return what is remembered of a sink."""
        stored = await self.table.read(*_place(sink))
        return SinkState() if stored is None else _state(stored)

    async def save(self, sink: str, state: SinkState) -> SinkState:
        """Save a state in place of its version."""
        after = replace(state, version=state.version + 1)
        partition, row = _place(sink)
        body = body_columns(encode_sink_state(after))
        columns = {"sink": sink, "version": after.version, **body}
        try:
            if state.version == 0:
                await self.table.insert(partition, row, columns)
                return after
            stored = await self.table.read(partition, row)
            if stored is not None and stored.columns["version"] == state.version:
                await self.table.replace(partition, row, columns, stored.etag)
                return after
        except RowChangedError:
            if await self.state(sink) == after:
                # The answer to our own write was lost on the way.
                return after
        msg = f"the state of the sink {sink} was saved by somebody else"
        raise ConflictError(msg)

    async def _parked(self, partition: str, *within: str) -> list[StoredRow]:
        """Read what is parked in a partition."""
        first = key(PARKED, *within, "")
        return [each async for each in self.table.rows(partition, first, beyond(PARKED, *within))]


def _place(sink: str) -> tuple[str, str]:
    """Return the partition and the key of a sink's row."""
    return partition_of(f"sink {sink}"), key(SINKS, digest(sink))


def _state(stored: StoredRow) -> SinkState:
    return decode_sink_state(body_of(stored.columns), int(str(stored.columns["version"])))
