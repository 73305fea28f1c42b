"""A store that an older version made is brought up to what this one needs."""

import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from shared.adapters.encoding.findings import encode_finding, encode_state
from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.listening import SqliteBookmarks
from shared.adapters.local.schema import APPLICATION_ID, SCHEMA_VERSION, SCHEMAS
from shared.domain.finding import FindingState
from shared.domain.root_state import Commit, Posture, RootState
from shared.domain.verdict import Severity, Verdict
from shared.ports import ConflictError
from tests.fakes import FakeClock
from tests.records import ACCOUNT, OTHER_ROOT, ROOT, SUBSCRIPTION, finding

REPOSITORY = Path(__file__).resolve().parents[5]


@contextmanager
def _of_version_4(file: Path) -> Iterator[sqlite3.Connection]:
    """Make a store of the fourth version, and fill it as the caller does."""
    with closing(sqlite3.connect(file)) as old:
        old.executescript("".join(SCHEMAS[:4]))
        yield old
        old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        old.execute("PRAGMA user_version = 4")
        old.commit()


def _with_long_findings(file: Path) -> None:
    """Make a store of the fourth version with a thousand long findings."""
    with _of_version_4(file) as old:
        old.executemany(
            "INSERT INTO findings VALUES (?, ?, 'open', 'high', ?)",
            [(f"/r/{each // 4}", f"k{each}", b"x" * 1_500) for each in range(1_000)],
        )


async def test_a_store_of_the_first_version_gets_what_it_lacks(tmp_path: Path) -> None:
    """And keeps what it has."""
    file = tmp_path / "compliance.db"
    with closing(sqlite3.connect(file)) as old:
        old.executescript(SCHEMAS[0])
        old.execute("INSERT INTO told VALUES ('console', 7)")
        old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        old.execute("PRAGMA user_version = 1")
        old.commit()

    with closing(Database(file)) as database:
        assert await SqliteBookmarks(database).load("any") is None
        assert database.rows("SELECT * FROM told") == [("console", 7)]
        assert database.rows("PRAGMA user_version") == [(SCHEMA_VERSION,)]


async def test_what_an_older_version_found_is_found_in_its_store(tmp_path: Path) -> None:
    """The tables of roots and findings are made anew, with what is in them."""
    file = tmp_path / "compliance.db"
    state = RootState(version=3, sequence=7, depends_on=(OTHER_ROOT,))
    found = [finding(), finding(f"{ACCOUNT}/deployments/d", state=FindingState.RESOLVED)]
    with _of_version_4(file) as old:
        old.execute(
            "INSERT INTO roots VALUES (?, ?, 3, 0, 1, 2, 3, ?)",
            (ROOT, SUBSCRIPTION, encode_state(state)),
        )
        old.execute("INSERT INTO dependencies VALUES (?, ?)", (ROOT, OTHER_ROOT))
        old.executemany(
            "INSERT INTO findings VALUES (?, ?, ?, ?, ?)",
            [(ROOT, each.key, each.state, each.severity, encode_finding(each)) for each in found],
        )

    with closing(Database(file)) as database:
        store = SqliteFindingStore(database, FakeClock())

        assert await store.state(ROOT) == state
        assert list((await store.findings(ROOT)).values()) == found
        assert await store.roots(SUBSCRIPTION) == [ROOT]
        assert await store.dependents(OTHER_ROOT) == [ROOT]
        assert await store.open_by_severity(SUBSCRIPTION) == {Severity.HIGH: 1}
        assert await store.posture() == Posture.of(
            1, Counter({Verdict.PASS: 1, Verdict.UNKNOWN: 2, Verdict.NOT_APPLICABLE: 3})
        )
        await store.commit(Commit(ROOT, state))
        with pytest.raises(ConflictError):
            await store.commit(Commit(ROOT, state))


def test_a_store_is_made_once(tmp_path: Path) -> None:
    """Opening one that is up to date changes nothing."""
    for _ in range(2):
        with closing(Database(tmp_path / "compliance.db")) as database:
            assert database.rows("PRAGMA user_version") == [(SCHEMA_VERSION,)]


def test_a_store_that_was_brought_up_to_date_gives_its_old_room_back(tmp_path: Path) -> None:
    """Its tables were copied, and the file would hold both for ever."""
    file = tmp_path / "compliance.db"
    _with_long_findings(file)
    before = file.stat().st_size

    with closing(Database(file)) as database:
        ((count,),) = database.rows("SELECT count(*) FROM findings")

    assert count == 1_000
    assert file.stat().st_size < before


_OPENING = """
import logging, resource, sys
from pathlib import Path
from shared.adapters.local.database import Database
logging.basicConfig(format="%(message)s")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
database = Database(Path(sys.argv[1]))
print(*database.rows("SELECT count(*) FROM findings"), *database.rows("PRAGMA user_version"))
database.close()
"""
"""Opens a store where no file can grow beyond so many bytes."""


def test_a_store_with_no_room_beside_it_is_brought_up_to_date_and_stays_larger(
    tmp_path: Path,
) -> None:
    """The log says so; room is not worth a failure."""
    file = tmp_path / "compliance.db"
    _with_long_findings(file)
    # The log of the new tables alone takes 1.4 times the old file, with a copy of all 1.9 times.
    most = int(1.65 * file.stat().st_size)

    opened = subprocess.run(
        [sys.executable, "-c", _OPENING, file, str(most)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )

    assert opened.stdout == f"(1000,) ({SCHEMA_VERSION},)\n"
    assert opened.stderr.startswith("the store is up to date, but keeps the room of its old tables")
