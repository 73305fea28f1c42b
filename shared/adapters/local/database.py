"""The SQLite file behind the local stores: opening, schema, transactions.

The methods of the local stores are coroutines because the ports are; they run SQLite in place,
since a statement takes microseconds and a thread hop would cost more than the work.

What every look writes has its enums as `str`: for a value of a class of its own the module
`sqlite3` looks for an adapter first, each time.
"""

import logging
import os
import sqlite3
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.adapters.local.schema import APPLICATION_ID, SCHEMA_VERSION, SCHEMAS
from shared.ports import PortError, StoreUnusableError

log = logging.getLogger(__name__)

BUSY_SECONDS = 30.0
"""How long a statement waits for another process's transaction."""
RETRY_SECONDS = 0.01

EMPTY = "it is empty; `replay` and `sweep` fill one"
FOREIGN = "it is the database of another program"

_MAGIC = b"SQLite format 3\0"
_OWNER = slice(68, 72)
"""Where a SQLite file's header has the application id."""


class Database:
    """One connection to one SQLite file; every process opens its own."""

    def __init__(
        self, path: Path, *, create: bool = True, busy_seconds: float = BUSY_SECONDS
    ) -> None:
        """Open the file, making it and its folder where they are missing.

        Without `create` it must be there already, and is only read: nothing is written to it, or
        beside it where no other process has it open.

        Raises:
            StoreUnusableError: it cannot be opened, is no database, is another program's, or was
            written by a newer version.
            PortError: another process has kept it locked for `busy_seconds`.
        """
        if not create and not os.path.isfile(path):  # noqa: PTH113 - Path.is_file may raise
            msg = f"there is no store {path}; `replay` and `sweep` make one, --store names it"
            raise StoreUnusableError(msg)
        try:
            if create:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = _connected(path, busy_seconds)
            else:
                _check_header(path)
                self._connection = _opened_for_reading(path, busy_seconds)
        except (OSError, ValueError, sqlite3.Error) as error:
            raise _unusable(path, error) from error
        # Whoever forgets to close it leaves no open file behind.
        weakref.finalize(self, self._connection.close)
        try:
            if create:
                self._write_ahead(busy_seconds)
                self._prepare()
            elif self._check_version() == 0:
                raise sqlite3.DatabaseError(EMPTY)
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
                # Before there is a log, so that the file's own header has it from the beginning.
                self._claim()
                self._connection.execute("PRAGMA journal_mode=WAL")
                break
            except sqlite3.OperationalError as error:
                # SQLite itself does not wait here while another process opens the file as well.
                if not _is_busy(error) or time.monotonic() >= deadline:
                    raise
                time.sleep(RETRY_SECONDS)
        self._connection.execute("PRAGMA synchronous=NORMAL")
        # Sixteen times the default: each checkpoint waits for the disk.
        self._connection.execute("PRAGMA wal_autocheckpoint=16000")

    def _claim(self) -> None:
        """Mark a new file as ours; refuse another program's."""
        if self._owner() == APPLICATION_ID:
            return
        with self._all_or_none() as connection:
            owner = self._owner()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            if owner == APPLICATION_ID:
                return
            if owner or tables:
                raise sqlite3.DatabaseError(FOREIGN)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")

    def _owner(self) -> int:
        """Return whose the file says that it is."""
        (owner,) = self._connection.execute("PRAGMA application_id").fetchone()
        return int(owner)

    def _prepare(self) -> None:
        """Make the tables, or bring older ones up to date; whichever process comes first."""
        with self._all_or_none() as connection:
            before = self._check_version()
            missing = SCHEMAS[before:]
            for statement in ";".join(missing).split(";"):
                connection.execute(statement)
            if missing:
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        if missing and before:
            self._give_back()

    def _give_back(self) -> None:
        """Give the file system what tables that were made anew took before.

        A store is as good with that in it: where there is no room to copy the file, or others have
        it, it stays larger than it need be.
        """
        try:
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            log.warning("the store is up to date, but keeps the room of its old tables: %s", error)

    def _check_version(self) -> int:
        """Return the version of the tables (0: there are none yet) unless it is a newer one."""
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            msg = f"its schema {version} is of a newer version; this one knows {SCHEMA_VERSION}"
            raise sqlite3.DatabaseError(msg)
        return int(version)

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


def _check_header(path: Path) -> None:
    """Refuse a file that is no store by its header, before SQLite makes files beside it.

    Raises:
        sqlite3.Error: it is empty, no database, or another program's.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_OWNER.stop)
    if not head:
        msg = EMPTY
    elif not head.startswith(_MAGIC):
        msg = "file is not a database"
    elif head[_OWNER] != APPLICATION_ID.to_bytes(4, "big"):
        msg = FOREIGN
    else:
        return
    raise sqlite3.DatabaseError(msg)


def _opened_for_reading(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Open a store that is only to be read.

    While no process has it open there is no log beside it, and without a log SQLite need not make
    files of its own; nor can it where the folder is not writable: then the file is read as it is.
    """
    logged = os.path.exists(f"{path}-wal")  # noqa: PTH110 - Path.exists may raise
    address = path.absolute().as_uri()
    if logged:
        connection = _connected(f"{address}?mode=ro", busy_seconds)
        try:
            connection.execute("PRAGMA user_version")
        except sqlite3.OperationalError as error:
            if _is_busy(error):
                return connection
            connection.close()
            log.warning("the last writes to %s are left out: its log cannot be opened here", path)
        else:
            return connection
    return _connected(f"{address}?mode=ro&immutable=1", busy_seconds)


def _connected(address: str | Path, busy_seconds: float) -> sqlite3.Connection:
    """Open a file, or a `file:` address."""
    return sqlite3.connect(
        address,
        uri=isinstance(address, str),
        timeout=busy_seconds,
        isolation_level=None,
        # Used in one thread; but closed, where it was forgotten, by whichever collects it.
        check_same_thread=False,
    )


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
        f"the store {path} cannot be used: {error}. Name another file with --store"
    )
