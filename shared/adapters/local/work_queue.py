"""The work queues and the inputs that were set aside, in SQLite."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.adapters.local.database import Database
from shared.ports import Backlog, Clock, Kept, QueueName, SetAside, Taken

VISIBILITY = timedelta(seconds=30)
"""How long a taken message is out of others' sight; longer than a look takes."""
_LAST = 2**63 - 1
# An empty queue is found so without the right to write, for which other processes may have to wait.
_NEXT = (
    "SELECT id, text, deliveries FROM messages WHERE queue = ? AND due <= ?"
    " ORDER BY due, id LIMIT 1"
)
_TAKE = (
    "UPDATE messages SET due = ?, deliveries = deliveries + 1, receipt = ?"
    # Unless another process has taken it, or put it back, in the meantime.
    " WHERE id = ? AND deliveries = ? AND due <= ?"
)


@dataclass(frozen=True, slots=True)
class SqliteWorkQueue:
    """`WorkQueue` on a table."""

    database: Database
    clock: Clock
    visibility: timedelta = VISIBILITY

    async def put(
        self, queue: QueueName, texts: Sequence[str], *, delay: timedelta = timedelta(0)
    ) -> None:
        """Add messages, all or none."""
        due = (self.clock.now() + delay).timestamp()
        with self.database.transaction() as connection:
            connection.executemany(
                "INSERT INTO messages (queue, due, text) VALUES (?, ?, ?)",
                [(str(queue), due, text) for text in texts],
            )

    async def take(self, queue: QueueName) -> Taken | None:
        """Take the message that has been due longest."""
        now = self.clock.now()
        at = now.timestamp()
        receipt = uuid.uuid4().hex
        while rows := self.database.rows(_NEXT, str(queue), at):
            number, text, deliveries = rows[0]
            due = (now + self.visibility).timestamp()
            if self.database.run(_TAKE, due, receipt, number, deliveries, at):
                return Taken(str(text), f"{number} {receipt}", int(str(deliveries)) + 1)
        return None

    async def done(self, queue: QueueName, taken: Taken) -> None:
        """Delete a message, unless it is in other hands by now."""
        number, receipt = taken.receipt.split()
        self.database.run(
            "DELETE FROM messages WHERE id = ? AND queue = ? AND receipt = ?",
            int(number),
            str(queue),
            receipt,
        )

    async def put_back(self, queue: QueueName, taken: Taken, *, delay: timedelta) -> None:
        """Make a message visible again after a delay, unless it is in other hands by now."""
        number, receipt = taken.receipt.split()
        due = (self.clock.now() + delay).timestamp()
        self.database.run(
            "UPDATE messages SET due = ?, receipt = NULL"
            " WHERE id = ? AND queue = ? AND receipt = ?",
            due,
            int(number),
            queue,
            receipt,
        )

    async def next_due(self, queue: QueueName) -> datetime | None:
        """Return when the next message is visible."""
        (row,) = self.database.rows("SELECT min(due) FROM messages WHERE queue = ?", queue)
        return None if row[0] is None else datetime.fromtimestamp(float(str(row[0])), UTC)

    async def backlog(self, queue: QueueName) -> Backlog:
        """Return what waits on a queue."""
        now = self.clock.now().timestamp()
        ((number, oldest),) = self.database.rows(
            "SELECT count(*), min(CASE WHEN due <= ? THEN due END) FROM messages WHERE queue = ?",
            now,
            queue,
        )
        since = None if oldest is None else datetime.fromtimestamp(float(str(oldest)), UTC)
        return Backlog(int(str(number)), since)


@dataclass(frozen=True, slots=True)
class SqliteSetAsideStore:
    """`SetAsideStore` on a table."""

    database: Database

    async def keep(self, items: Sequence[SetAside]) -> None:
        """Keep inputs with their reasons."""
        with self.database.transaction() as connection:
            connection.executemany(
                "INSERT INTO set_aside (at, reason, length, text) VALUES (?, ?, ?, ?)",
                [(item.at.isoformat(), item.reason, item.length, item.text) for item in items],
            )

    async def kept(self, limit: int) -> Sequence[SetAside]:
        """Return the newest."""
        rows = self.database.rows(
            "SELECT at, reason, text, length FROM set_aside ORDER BY id DESC LIMIT ?", limit
        )
        return [
            SetAside(datetime.fromisoformat(str(at)), str(why), str(text), int(str(n)))
            for at, why, text, n in rows
        ]

    async def page(self, after: str, limit: int) -> tuple[Sequence[Kept], str]:
        """Return some of what is kept, the newest first, and the place after it."""
        rows = self.database.rows(
            "SELECT id, at, reason, text, length FROM set_aside WHERE id < ?"
            " ORDER BY id DESC LIMIT ?",
            int(after) if after else _LAST,
            limit,
        )
        found = [
            Kept(
                str(number),
                SetAside(datetime.fromisoformat(str(at)), str(why), str(text), int(str(n))),
            )
            for number, at, why, text, n in rows
        ]
        return found, found[-1].name if len(found) == limit else ""

    async def remove(self, name: str) -> None:
        """Keep an input no longer."""
        self.database.run("DELETE FROM set_aside WHERE id = ?", int(name))
