"""The last snapshot of every root, in SQLite: a row a source, compressed JSON."""

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from shared.adapters.local.database import Database
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem, SourceReading
from shared.domain.topology import Source
from shared.domain.verdict import Cause


@dataclass(frozen=True, slots=True)
class SqliteSnapshotStore:
    """`SnapshotStore` on a table."""

    database: Database

    async def load(
        self, root: ResourceId, sources: Collection[Source]
    ) -> Mapping[Source, SourceReading]:
        """Return the stored readings of these sources."""
        marks = ",".join("?" * len(sources))
        rows = self.database.rows(
            f"SELECT source, read_at, body FROM snapshots WHERE root = ? AND source IN ({marks})",  # noqa: S608 - marks
            root.key,
            *sources,
        )
        found = (_decode(Source(str(source)), str(read_at), body) for source, read_at, body in rows)
        return {reading.source: reading for reading in found}

    async def save(self, root: ResourceId, readings: Collection[SourceReading]) -> None:
        """Store readings, each unless a younger one of its source is stored."""
        rows = [
            (
                root.key,
                reading.source,
                reading.read_at.isoformat(timespec="microseconds"),
                _encode(reading),
            )
            for reading in readings
            if reading.read_at is not None
        ]
        with self.database.transaction() as connection:
            connection.executemany(
                "INSERT INTO snapshots (root, source, read_at, body) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET read_at = excluded.read_at, body = excluded.body"
                " WHERE excluded.read_at >= snapshots.read_at",
                rows,
            )


def _encode(reading: SourceReading) -> bytes:
    """Return a reading as compressed JSON; what can be told from the row is left out."""
    problem = reading.problem
    body = {
        "items": [(item.id.text, item.api_version, item.body) for item in reading.items],
        "complete": reading.complete,
        "problem": None if problem is None else (problem.cause, problem.detail, problem.permission),
    }
    return zlib.compress(orjson.dumps(body), level=1)


def _decode(source: Source, read_at: str, data: object) -> SourceReading:
    """Read a row back."""
    if not isinstance(data, bytes):
        msg = f"the stored snapshot of {source} is no blob"
        raise TypeError(msg)
    if data == _NOTHING:
        return SourceReading(source, (), datetime.fromisoformat(read_at))
    body = orjson.loads(zlib.decompress(data))
    problem = body["problem"]
    return SourceReading(
        source,
        tuple(
            Resource(ResourceId.parse(text), item, version) for text, version, item in body["items"]
        ),
        datetime.fromisoformat(read_at),
        None if problem is None else Problem(Cause(problem[0]), problem[1], problem[2]),
        body["complete"],
    )


_NOTHING = _encode(SourceReading(Source.ACCOUNT))
"""A source that shows nothing, as it is stored: most deep sources of most roots."""
