"""The SQLite file behind the local stores: opening, schema, transactions.

The methods of the local stores are coroutines because the ports are; they run SQLite in place,
since a statement takes microseconds and a thread hop would cost more than the work.
"""

import os
import sqlite3
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.adapters.local.schema import SCHEMA, SCHEMA_VERSION
from shared.ports import PortError, StoreUnusableError

BUSY_SECONDS = 30.0
"""How long a statement waits for another process's transaction."""
RETRY_SECONDS = 0.01


class Database:
    """One connection to one SQLite file; every process opens its own."""

    def __init__(
        self, path: Path, *, create: bool = True, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        """Open the file, making it and its folder where they are missing and `create` says so.

        Raises:
            StoreUnusableError: it cannot be opened, is no database, or was written by a newer
            version.
            PortError: another process has kept it locked for `busy_seconds`.
        """
        if not create and not os.path.isfile(path):  # noqa: PTH113 - Path.is_file may raise
            msg = f"there is no store {path}; `replay` and `sweep` make one, --store names it"
            raise StoreUnusableError(msg)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path,
                timeout=busy_seconds,
                isolation_level=None,
                # Used in one thread; but closed, where it was forgotten, by whichever collects it.
                check_same_thread=False,
            )
        except (OSError, ValueError, sqlite3.Error) as error:
            raise _unusable(path, error) from error
        # Whoever forgets to close it leaves no open file behind.
        weakref.finalize(self, self._connection.close)
        try:
            self._write_ahead(busy_seconds)
            self._prepare()
        except sqlite3.Error as error:
            self.close()
            if _is_busy(error):
                msg = f"the store {path} is locked by another process"
                raise PortError(msg) from error
            raise _unusable(path, error) from error

    def _write_ahead(self, busy_seconds: float) -> None:
        """Let readers and a writer work side by side.

        Safe against a crash of the process; after a power cut the last transactions may be missing,
        queue and findings alike, so the work is done again.
        """
        deadline = time.monotonic() + busy_seconds
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode=WAL")
                break
            except sqlite3.OperationalError as error:
                # SQLite itself does not wait here while another process opens the file as well.
                if not _is_busy(error) or time.monotonic() >= deadline:
                    raise
                time.sleep(RETRY_SECONDS)
        self._connection.execute("PRAGMA synchronous=NORMAL")

    def _prepare(self) -> None:
        """Make the tables once, whichever process comes first."""
        with self._all_or_none() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > SCHEMA_VERSION:
                msg = f"its schema {version} is of a newer version; this one knows {SCHEMA_VERSION}"
                raise sqlite3.DatabaseError(msg)
            if version == 0:
                for statement in SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def _all_or_none(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        except BaseException:
            # Some failures (disk full) have ended the transaction already.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run statements all or none, shut off from other processes' writes.

        Raises:
            PortError: SQLite failed (disk full, locked for too long, file gone).
        """
        with _translated(), self._all_or_none() as connection:
            yield connection

    def run(self, statement: str, *values: object) -> int:
        """Run one statement as a transaction of its own; return how many rows it changed.

        Raises:
            PortError: SQLite failed.
        """
        with _translated():
            return self._connection.execute(statement, values).rowcount

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Return every row of a query, or of a statement that returns what it changed.

        Raises:
            PortError: SQLite failed.
        """
        with _translated():
            return self._connection.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


@contextmanager
def _translated() -> Iterator[None]:
    """Turn SQLite's errors into the port's."""
    try:
        yield
    except sqlite3.Error as error:
        msg = f"SQLite: {error}"
        raise PortError(msg) from error


def _is_busy(error: sqlite3.Error) -> bool:
    """Whether another process has the file; its extended codes say in which way."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF == sqlite3.SQLITE_BUSY


def _unusable(path: Path, error: Exception) -> StoreUnusableError:
    return StoreUnusableError(
        f"the store {path} cannot be used: {error}. "
        "Name another file with --store, or remove this one"
    )
