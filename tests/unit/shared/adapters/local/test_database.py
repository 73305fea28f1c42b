"""The SQLite file: opened by several processes, refused where it is none, never half-written."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.schema import APPLICATION_ID, SCHEMA_VERSION
from shared.ports import PortError, StoreUnusableError

ROOT = Path(__file__).resolve().parents[5]
OPEN = """
import sys, time
from pathlib import Path
from shared.adapters.local.database import Database
print("ready", flush=True)
sys.stdin.readline()
database = Database(Path(sys.argv[1]))
database.run("INSERT INTO told (sink, position) VALUES (?, 0)", sys.argv[2])
"""
LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN " + sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
"""


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a process that waits for a line when it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate(timeout=10)[1]
    return process


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Let a process go on to its end; return its status and what it complained of."""
    _, errors = process.communicate("go\n", timeout=20)
    return process.returncode, errors


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "folder" / "store.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    """A new store."""
    made = Database(file)
    yield made
    made.close()


def write(database: Database, *statements: str, failure: BaseException | None = None) -> None:
    """Run statements in one transaction, and fail in the end."""
    with database.transaction() as connection:
        for statement in statements:
            connection.execute(statement)
        if failure is not None:
            raise failure


def sinks(database: Database) -> list[object]:
    """Return what the tests have written."""
    return [name for (name,) in database.rows("SELECT sink FROM told ORDER BY sink")]


# --- opening ---


def test_a_store_is_made_with_its_folder_and_opened_again(file: Path) -> None:
    """What was written is there the next time."""
    first = Database(file)
    first.run("INSERT INTO told (sink, position) VALUES ('a', 1)")
    first.close()

    again = Database(file, create=False)

    assert sinks(again) == ["a"]
    again.close()
    third = Database(file)
    assert third.rows("PRAGMA journal_mode") == [("wal",)], "readers and a writer work side by side"
    third.close()


@pytest.mark.parametrize("name", ["missing.db", "folder", "x" * 300, "nul\0"])
def test_a_store_that_must_be_there_is_not_made(tmp_path: Path, name: str) -> None:
    """To ask for a history does not begin one."""
    (tmp_path / "folder").mkdir()

    with pytest.raises(StoreUnusableError, match="there is no store"):
        Database(tmp_path / name, create=False)
    assert not (tmp_path / "missing.db").exists()


@pytest.mark.parametrize(
    "name",
    ["folder", "file/store.db", "x" * 300, "nul\0/store.db", "/proc/self/store.db"],
    ids=["a folder", "below a file", "name too long", "NUL", "where none can be made"],
)
def test_a_place_where_no_store_can_be_is_refused(tmp_path: Path, name: str) -> None:
    """With its name and a way out."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()

    with pytest.raises(
        StoreUnusableError, match=r"cannot be used: .+ Name another file"
    ) as refused:
        Database(tmp_path / name)
    assert str(tmp_path / name) in str(refused.value)


@pytest.mark.parametrize("content", [b"no database", b"{}" * 5000, bytes(range(256)) * 64])
def test_a_file_that_is_no_database_is_refused_and_left_alone(file: Path, content: bytes) -> None:
    """It may be somebody's."""
    file.parent.mkdir()
    file.write_bytes(content)

    with pytest.raises(StoreUnusableError, match="file is not a database"):
        Database(file)
    assert file.read_bytes() == content


def other_program(file: Path, *statements: str) -> None:
    """Make the database of another program."""
    file.parent.mkdir(exist_ok=True)
    other = sqlite3.connect(file, isolation_level=None)
    for statement in statements:
        other.execute(statement)
    other.close()


def files(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder with what is in it."""
    return {each.name: each.read_bytes() for each in folder.iterdir()}


@pytest.mark.parametrize("create", [True, False], ids=["to write", "to read"])
@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE theirs (x)"],
        ["CREATE TABLE roots (x)", "PRAGMA user_version = 1"],
        ["PRAGMA journal_mode = WAL", "CREATE TABLE theirs (x)"],
        ["PRAGMA application_id = 7"],
    ],
    ids=["tables", "tables named like ours", "with a log", "an id"],
)
def test_the_database_of_another_program_is_refused_and_left_alone(
    file: Path, statements: list[str], *, create: bool
) -> None:
    """Neither tables are made in it nor files beside it."""
    other_program(file, *statements)
    before = files(file.parent)

    with pytest.raises(StoreUnusableError, match="it is the database of another program"):
        Database(file, create=create)
    assert files(file.parent) == before


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + bytes(200)])
def test_what_holds_no_store_is_not_read_and_left_alone(file: Path, content: bytes) -> None:
    """An empty file, another, and one that only begins like a database."""
    file.parent.mkdir()
    file.write_bytes(content)

    with pytest.raises(StoreUnusableError, match=f"{file.name} cannot be used: "):
        Database(file, create=False)
    assert files(file.parent) == {file.name: content}


def test_a_store_whose_making_was_interrupted_is_empty_and_can_be_filled(file: Path) -> None:
    """Before its tables were made: there is nothing to read in it."""
    other_program(file, f"PRAGMA application_id = {APPLICATION_ID}")

    with pytest.raises(StoreUnusableError, match="it is empty"):
        Database(file, create=False)
    Database(file).close()
    Database(file, create=False).close()


def test_an_empty_file_becomes_a_store(file: Path) -> None:
    """As `mktemp` makes them; and an empty database does."""
    file.parent.mkdir()
    file.touch()
    Database(file).close()
    other_program(file.with_name("empty.db"), "BEGIN EXCLUSIVE", "COMMIT")
    Database(file.with_name("empty.db")).close()

    for name in (file.name, "empty.db"):
        Database(file.with_name(name), create=False).close()


@pytest.mark.parametrize("name", ["store.db", "a?mode=rwc&x#y %41.db", "ü\udcff.db"])
def test_reading_leaves_the_folder_as_it_is(tmp_path: Path, name: str) -> None:
    """Whatever the file's name is; and nothing can be written."""
    file = tmp_path / name
    made = Database(file)
    made.run("INSERT INTO told VALUES ('a', 1)")
    made.close()
    before = files(tmp_path)

    database = Database(file, create=False)
    assert sinks(database) == ["a"]
    with pytest.raises(PortError, match="readonly"):
        database.run("DELETE FROM told")
    database.close()

    assert files(tmp_path) == before


def test_what_another_process_has_just_written_is_read(file: Path) -> None:
    """While it has the store open, and nothing of it is in the file itself yet."""
    writer = Database(file)
    writer.run("INSERT INTO told VALUES ('a', 1)")
    reader = Database(file, create=False)
    writer.run("INSERT INTO told VALUES ('b', 1)")

    assert sinks(reader) == ["a", "b"]
    reader.close()
    writer.close()


def test_a_store_in_a_folder_that_cannot_be_written_is_read(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As it is in the file, and that is said: its log needs files beside it."""
    made = Database(file)
    made.run("INSERT INTO told VALUES ('a', 1)")
    made.close()
    file.with_name(f"{file.name}-wal").touch()
    connect = sqlite3.connect

    def refuse(address: str, **options: object) -> sqlite3.Connection:
        # For root every folder can be written.
        connection: sqlite3.Connection = connect(address, **options)  # type: ignore[call-overload] # any
        if "immutable" not in address:
            connection.set_progress_handler(lambda: 1, 1)
        return connection

    monkeypatch.setattr(sqlite3, "connect", refuse)

    database = Database(file, create=False)

    assert sinks(database) == ["a"]
    assert "its log cannot be opened here" in caplog.text
    database.close()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(file: Path) -> None:
    """An older version must not write what it does not understand, nor read it."""
    Database(file).close()
    newer = sqlite3.connect(file)
    newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    newer.close()

    for create in (True, False):
        with pytest.raises(StoreUnusableError, match=f"schema {SCHEMA_VERSION + 1} is of a newer"):
            Database(file, create=create)


def test_a_store_locked_by_another_process_is_waited_for_only_so_long(file: Path) -> None:
    """To open it and to write to it; that it is locked is not its end."""
    database = Database(file, busy_seconds=0.2)
    holder = start(LOCK, file, "IMMEDIATE")
    try:
        began = time.monotonic()
        with pytest.raises(PortError, match="locked") as refused:
            Database(file, busy_seconds=0.2)
        with pytest.raises(PortError, match="locked"):
            write(database, "DELETE FROM told")
        with pytest.raises(PortError, match="locked"):
            database.run("DELETE FROM told")
        waited = time.monotonic() - began
        assert sinks(database) == []
    finally:
        assert finish(holder) == (0, "")

    assert not isinstance(refused.value, StoreUnusableError)
    assert 0.5 < waited < 10
    database.run("DELETE FROM told")
    database.close()


def test_a_new_store_locked_by_another_process_is_waited_for_only_so_long(file: Path) -> None:
    """Before its first table is made, too."""
    file.parent.mkdir()
    holder = start(LOCK, file, "EXCLUSIVE")
    try:
        with pytest.raises(PortError, match="locked by another process"):
            Database(file, busy_seconds=0.2)
    finally:
        assert finish(holder) == (0, "")

    Database(file).close()


@pytest.mark.parametrize("attempt", range(3))
def test_processes_that_open_a_new_store_at_once_all_get_it(file: Path, attempt: int) -> None:
    """One of them makes it, the others wait."""
    assert attempt >= 0
    processes = [start(OPEN, file, n) for n in range(4)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    assert [finish(process) for process in processes] == [(0, "")] * 4
    database = Database(file, create=False)
    assert sinks(database) == ["0", "1", "2", "3"]
    database.close()


def test_new_stores_opened_at_once_are_never_refused(tmp_path: Path) -> None:
    """Often enough to meet the moments in which SQLite itself does not wait."""
    together = Barrier(8)

    def open_and_close(file: Path) -> None:
        together.wait(timeout=20)
        Database(file).close()

    with ThreadPoolExecutor(8) as threads:
        for attempt in range(150):
            file = tmp_path / f"{attempt}.db"
            list(threads.map(open_and_close, [file] * 8))


def test_a_store_that_was_forgotten_is_closed_by_whichever_thread_collects_it(file: Path) -> None:
    """No file stays open, and nothing is complained of."""
    forgotten = [Database(file)]
    connection = forgotten[0]._connection  # noqa: SLF001 - nobody else can see whether it is open
    with ThreadPoolExecutor(1) as thread:
        thread.submit(forgotten.clear).result()

    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


# --- transactions ---


def test_a_transaction_is_written_whole(database: Database, file: Path) -> None:
    """Others see it when it is over."""
    other = Database(file)
    with database.transaction() as connection:
        connection.execute("INSERT INTO told VALUES ('a', 1)")
        assert sinks(other) == []
        connection.execute("INSERT INTO told VALUES ('b', 1)")

    assert sinks(other) == ["a", "b"]
    other.close()


@pytest.mark.parametrize("failure", [ValueError("ours"), KeyboardInterrupt()])
def test_a_failure_in_a_transaction_takes_it_back(
    database: Database, failure: BaseException
) -> None:
    """The failure itself comes through."""
    with pytest.raises(type(failure)):
        write(database, "INSERT INTO told VALUES ('a', 1)", failure=failure)

    assert sinks(database) == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO told VALUES ('a', 2)",
        "INSERT INTO told VALUES ('b', NULL)",
        "INSERT INTO nowhere VALUES (1)",
        "no SQL",
    ],
)
def test_a_statement_that_fails_takes_its_transaction_back(
    database: Database, statement: str
) -> None:
    """As an error of the port, whichever of SQLite's errors it was."""
    with pytest.raises(PortError, match="SQLite: "):
        write(database, "INSERT INTO told VALUES ('a', 1)", statement)

    assert sinks(database) == []
    with pytest.raises(PortError, match="SQLite: "):
        database.run("INSERT INTO told VALUES ('b', NULL)")


def test_a_full_disk_is_an_error_of_the_port_and_can_be_mended(database: Database) -> None:
    """SQLite ends such a transaction by itself."""
    (pages,) = database.rows("PRAGMA page_count")
    database.rows(f"PRAGMA max_page_count = {pages[0]}")
    many = (
        "INSERT INTO told WITH RECURSIVE numbers (n) AS"
        " (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 10000)"
        " SELECT printf('%0100d', n), 1 FROM numbers"
    )
    with pytest.raises(PortError, match="full"):
        write(database, "INSERT INTO told VALUES ('a', 1)", many)
    assert sinks(database) == []

    database.rows("PRAGMA max_page_count = 100000")

    database.run("INSERT INTO told VALUES ('a', 1)")
    assert sinks(database) == ["a"]


def test_a_commit_that_fails_ends_its_transaction(database: Database) -> None:
    """The next one begins afresh."""
    database.run("PRAGMA foreign_keys = ON")
    database.run(
        "CREATE TABLE late (sink TEXT REFERENCES told (sink) DEFERRABLE INITIALLY DEFERRED)"
    )
    with pytest.raises(PortError, match="FOREIGN KEY"):
        write(database, "INSERT INTO late VALUES ('nobody')")

    write(database, "INSERT INTO told VALUES ('a', 1)")
    assert sinks(database) == ["a"]
    assert database.rows("SELECT * FROM late") == []


def test_a_query_that_fails_at_a_later_row_is_an_error_of_the_port(database: Database) -> None:
    """Not only when it begins."""
    with pytest.raises(PortError, match="malformed JSON"):
        database.rows("SELECT json(column1) FROM (VALUES ('1'), ('{'))")


def test_a_store_that_was_closed_is_an_error_of_the_port(file: Path) -> None:
    """Closing twice is none."""
    database = Database(file)
    database.close()
    database.close()

    with pytest.raises(PortError):
        database.rows("SELECT 1")
    with pytest.raises(PortError):
        write(database)
