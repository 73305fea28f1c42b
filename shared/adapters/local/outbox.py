"""What the sinks have been told of, what was parked for them, and how they are, in SQLite.

A sink has a place in the history up to which it was told; what is put back stands before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from shared.adapters.encoding.findings import decode_transition
from shared.adapters.encoding.sink_state import decode_sink_state, encode_sink_state
from shared.adapters.local.database import Database
from shared.domain.finding import Transition
from shared.domain.sink_state import Parked, SinkState
from shared.ports import Clock, ConflictError

_PUT_BACK = """
SELECT t.body FROM put_back b JOIN transitions t ON t.id = b.id WHERE b.sink = ?
ORDER BY t.position LIMIT ?
"""
_UNTOLD = """
SELECT body FROM transitions WHERE alerts = 1
AND position > coalesce((SELECT position FROM told WHERE sink = ?), 0) ORDER BY position LIMIT ?
"""
_TOLD = """
INSERT INTO told (sink, position) SELECT ?, max(position) FROM transitions
WHERE id IN (SELECT value FROM json_each(?)) HAVING count(*) > 0
ON CONFLICT DO UPDATE SET position = max(position, excluded.position)
"""
_NOT_PUT_BACK = """
DELETE FROM put_back WHERE sink = ? AND id IN (SELECT value FROM json_each(?))
"""
_PARK = """
INSERT INTO parked (sink, id, at, reason) VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET at = excluded.at, reason = excluded.reason
"""
_PARKED = """
SELECT p.sink, t.body, p.at, p.reason FROM parked p JOIN transitions t ON t.id = p.id
ORDER BY p.at DESC, t.position DESC LIMIT ?
"""
_UNPARK = """
DELETE FROM parked WHERE sink = ? AND id IN (SELECT value FROM json_each(?)) RETURNING id
"""


@dataclass(frozen=True, slots=True)
class SqliteOutbox:
    """`Outbox` on tables; a part of `SqliteFindingStore`."""

    database: Database
    clock: Clock

    async def undelivered(self, sink: str, limit: int) -> Sequence[Transition]:
        """Return what a sink was not told of, oldest first."""
        rows = self.database.rows(_PUT_BACK, sink, limit)
        if len(rows) < limit:
            rows += self.database.rows(_UNTOLD, sink, limit - len(rows))
        return [decode_transition(_blob(body)) for (body,) in rows]

    async def delivered(self, sink: str, ids: Sequence[str]) -> None:
        """Remember how far a sink has been told."""
        text = orjson.dumps(list(ids)).decode()
        with self.database.transaction() as connection:
            connection.execute(_NOT_PUT_BACK, (sink, text))
            connection.execute(_TOLD, (sink, text))

    async def park(self, sink: str, alert: Transition, at: datetime, reason: str) -> None:
        """Keep an alert for people, and go past it."""
        text = orjson.dumps([alert.id]).decode()
        with self.database.transaction() as connection:
            stamp = at.isoformat(timespec="microseconds")
            connection.execute(_PARK, (sink, alert.id, stamp, reason))
            connection.execute(_NOT_PUT_BACK, (sink, text))
            connection.execute(_TOLD, (sink, text))

    async def parked(self, limit: int) -> Sequence[Parked]:
        """Return what is parked, the last parked first."""
        if not self.database.rows("SELECT 1 FROM sqlite_schema WHERE name = 'parked'"):
            # A store of an older version that is only read: nothing was ever parked in it.
            return []
        return [
            Parked(
                str(sink),
                decode_transition(_blob(body)),
                datetime.fromisoformat(str(at)),
                str(reason),
            )
            for sink, body, at, reason in self.database.rows(_PARKED, limit)
        ]

    async def redeliver(self, sink: str, ids: Sequence[str]) -> int:
        """Put parked alerts back."""
        with self.database.transaction() as connection:
            found = connection.execute(_UNPARK, (sink, orjson.dumps(list(ids)).decode())).fetchall()
            connection.executemany(
                "INSERT INTO put_back (sink, id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [(sink, each) for (each,) in found],
            )
        return len(found)

    async def sink_state(self, sink: str) -> SinkState:
        """Return what is remembered of a sink."""
        rows = self.database.rows("SELECT version, body FROM sink_states WHERE sink = ?", sink)
        if not rows:
            return SinkState()
        version, body = rows[0]
        return decode_sink_state(_blob(body), int(str(version)))

    async def save_sink_state(self, sink: str, state: SinkState) -> SinkState:
        """Save it in place of its version."""
        after = replace(state, version=state.version + 1)
        body = encode_sink_state(after)
        if state.version == 0:
            written = self.database.run(
                "INSERT INTO sink_states (sink, version, body) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                sink,
                after.version,
                body,
            )
        else:
            written = self.database.run(
                "UPDATE sink_states SET version = ?, body = ? WHERE sink = ? AND version = ?",
                after.version,
                body,
                sink,
                state.version,
            )
        if written != 1:
            msg = f"the state of the sink {sink} was saved by somebody else"
            raise ConflictError(msg)
        return after


def _blob(body: object) -> bytes:
    """Narrow a BLOB column."""
    if not isinstance(body, bytes):
        msg = "a stored body is no blob"
        raise TypeError(msg)
    return body
