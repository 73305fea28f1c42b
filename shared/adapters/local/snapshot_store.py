"""The last snapshot of every root, in SQLite: a row a source, compressed JSON."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.adapters.encoding.reading import decode_reading, encode_reading
from shared.adapters.local.database import Database
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source

# For a list after IN, SQLite would make a table of it each time.
_LOAD = (
    "SELECT source, read_at, body FROM snapshots WHERE root = ? AND instr(?, ' ' || source || ' ')"
)
_SAVE = (
    "INSERT INTO snapshots (root, source, read_at, body) VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET read_at = excluded.read_at, body = excluded.body"
    " WHERE excluded.read_at >= snapshots.read_at"
)


@dataclass(frozen=True, slots=True)
class SqliteSnapshotStore:
    """`SnapshotStore` on a table."""

    database: Database

    async def load(
        self,
        root: ResourceId,
        sources: Collection[Source],
        *,
        recent: bool = False,  # noqa: ARG002 - the file is as quick as any memory of it
    ) -> Mapping[Source, SourceReading]:
        """Return the stored readings of these sources."""
        rows = self.database.rows(_LOAD, root.key, f" {' '.join(sources)} ")
        found = (
            _decoded(Source(str(source)), str(read_at), body) for source, read_at, body in rows
        )
        return {reading.source: reading for reading in found}

    async def save(self, root: ResourceId, readings: Collection[SourceReading]) -> None:
        """Store readings, each unless a younger one of its source is stored."""
        rows = [
            (
                root.key,
                str(reading.source),
                reading.read_at.isoformat(timespec="microseconds"),
                encode_reading(reading),
            )
            for reading in readings
            if reading.read_at is not None
        ]
        if len(rows) == 1:
            # As every body is that comes with a list: a statement is a transaction by itself.
            self.database.run(_SAVE, *rows[0])
        elif rows:
            with self.database.transaction() as connection:
                connection.executemany(_SAVE, rows)


def _decoded(source: Source, read_at: str, data: object) -> SourceReading:
    """Read a row back."""
    if not isinstance(data, bytes):
        msg = f"the stored snapshot of {source} is no blob"
        raise TypeError(msg)
    return decode_reading(source, datetime.fromisoformat(read_at), data)
