"""How far the Activity Log was read, and which events have come, in SQLite."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from shared.adapters.local.database import Database


@dataclass(frozen=True, slots=True)
class SqliteBookmarks:
    """`Bookmarks` on a table."""

    database: Database

    async def load(self, name: str) -> str | None:
        """Return the text that was saved last, or None."""
        rows = self.database.rows("SELECT text FROM bookmarks WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    async def save(self, name: str, text: str) -> None:
        """Replace the text."""
        self.database.run(
            "INSERT INTO bookmarks (name, text) VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET text = excluded.text",
            name,
            text,
        )


@dataclass(frozen=True, slots=True)
class SqliteReceivedEvents:
    """`ReceivedEvents` on a table."""

    database: Database

    async def record(self, subscription: str, ids: Collection[str], at: datetime) -> None:
        """Remember ids; one that comes again is as young as the last time."""
        with self.database.transaction() as connection:
            connection.executemany(
                "INSERT INTO received_events (subscription, id, at) VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET at = excluded.at",
                [(subscription.lower(), each.lower(), at.timestamp()) for each in ids],
            )

    async def unseen(self, subscription: str, ids: Collection[str]) -> frozenset[str]:
        """Return those of these ids of which no event has come."""
        rows = self.database.rows(
            "SELECT id FROM received_events WHERE subscription = ?"
            " AND id IN (SELECT value FROM json_each(?))",
            subscription.lower(),
            orjson.dumps([each.lower() for each in ids]).decode(),
        )
        seen = {str(row[0]) for row in rows}
        return frozenset(each for each in ids if each.lower() not in seen)

    async def last(self, subscription: str) -> datetime | None:
        """Return when the last event was recorded."""
        rows = self.database.rows(
            "SELECT max(at) FROM received_events WHERE subscription = ?", subscription.lower()
        )
        return None if rows[0][0] is None else datetime.fromtimestamp(float(str(rows[0][0])), UTC)

    async def forget(self, subscription: str, before: datetime) -> None:
        """Forget what came before this time."""
        self.database.run(
            "DELETE FROM received_events WHERE subscription = ? AND at < ?",
            subscription.lower(),
            before.timestamp(),
        )
