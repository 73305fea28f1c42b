"""The SQLite file behind the local stores: opening, schema, transactions.

The methods of the local stores are coroutines because the ports are; they run SQLite in place,
since a statement takes microseconds and a thread hop would cost more than the work.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.ports import PortError, StoreUnusableError

SCHEMA_VERSION = 1
BUSY_SECONDS = 30.0
"""How long a statement waits for another process's transaction."""

SCHEMA = """
CREATE TABLE roots (
    root TEXT PRIMARY KEY, subscription TEXT NOT NULL, version INTEGER NOT NULL, gone INTEGER NOT
    NULL, passed INTEGER NOT NULL, unknown INTEGER NOT NULL, not_applicable INTEGER NOT NULL, state
    BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX roots_of_subscription ON roots (subscription);
CREATE TABLE dependencies (root TEXT NOT NULL, depends_on TEXT NOT NULL, PRIMARY KEY (depends_on,
root)) WITHOUT ROWID;
CREATE TABLE findings (
    root TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, severity TEXT NOT NULL, body BLOB
    NOT NULL, PRIMARY KEY (root, key)
) WITHOUT ROWID;
CREATE INDEX open_findings ON findings (root, severity) WHERE state = 'open';
CREATE TABLE transitions (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, root TEXT NOT NULL,
    sequence INTEGER NOT NULL, at TEXT NOT NULL, control TEXT, severity TEXT NOT NULL, finding
    TEXT, alerts INTEGER NOT NULL, resource TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (root,
    sequence)
);
CREATE INDEX transitions_by_time ON transitions (at);
CREATE INDEX outbox ON transitions (position) WHERE alerts = 1;
CREATE TABLE told (sink TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE leases (root TEXT PRIMARY KEY, worker TEXT NOT NULL, until REAL NOT NULL) WITHOUT
ROWID;
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, due REAL NOT NULL, deliveries
    INTEGER NOT NULL DEFAULT 0, receipt TEXT, text TEXT NOT NULL
);
CREATE INDEX messages_due ON messages (queue, due, id);
CREATE TABLE snapshots (
    root TEXT NOT NULL, source TEXT NOT NULL, read_at TEXT NOT NULL, body BLOB NOT NULL, PRIMARY
    KEY (root, source)
) WITHOUT ROWID;
CREATE TABLE set_aside (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, reason TEXT NOT NULL, length INTEGER
    NOT NULL, text TEXT NOT NULL
);
CREATE TABLE sweeps (
    id TEXT PRIMARY KEY, subscription TEXT NOT NULL, deep INTEGER NOT NULL, baseline INTEGER NOT
    NULL, started_at TEXT NOT NULL, roots INTEGER NOT NULL, finished INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE sweep_roots (sweep TEXT NOT NULL, root TEXT NOT NULL, PRIMARY KEY (sweep, root))
WITHOUT ROWID;
"""


class Database:
    """One connection to one SQLite file; every process opens its own."""

    def __init__(self, path: Path, *, create: bool = True) -> None:
        """Open the file, making it and its folder where they are missing and `create` says so.

        Raises:
            StoreUnusableError: it cannot be opened, is no database, or was written by a newer
            version.
        """
        if not create and not path.is_file():
            msg = f"there is no store {path}; `replay` and `sweep` make one, --store names it"
            raise StoreUnusableError(msg)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            # Safe against a crash of the process; after a power cut the last transactions may be
            # missing, queue and findings alike, so the work is done again.
            self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
            self._prepare()
        except (OSError, sqlite3.Error) as error:
            msg = (
                f"the store {path} cannot be used: {error}. "
                "Name another file with --store, or remove this one"
            )
            raise StoreUnusableError(msg) from error

    def _prepare(self) -> None:
        """Make the tables once, whichever process comes first."""
        with self.transaction() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > SCHEMA_VERSION:
                msg = f"its schema {version} is of a newer version; this one knows {SCHEMA_VERSION}"
                raise sqlite3.DatabaseError(msg)
            if version == 0:
                for statement in SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run statements all or none, shut off from other processes' writes.

        Raises:
            PortError: SQLite failed (disk full, locked for too long, file gone).
        """
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            msg = f"SQLite: {error}"
            raise PortError(msg) from error

    def run(self, statement: str, *values: object) -> sqlite3.Cursor:
        """Run one statement as a transaction of its own.

        Raises:
            PortError: SQLite failed.
        """
        try:
            return self._connection.execute(statement, values)
        except sqlite3.OperationalError as error:
            msg = f"SQLite: {error}"
            raise PortError(msg) from error

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Return every row of a query.

        Raises:
            PortError: SQLite failed.
        """
        return self.run(statement, *values).fetchall()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
