"""A store that an older version made is brought up to what this one needs."""

import sqlite3
from contextlib import closing
from pathlib import Path

from shared.adapters.local.database import Database
from shared.adapters.local.listening import SqliteBookmarks
from shared.adapters.local.schema import APPLICATION_ID, SCHEMA_VERSION, SCHEMAS


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


def test_a_store_is_made_once(tmp_path: Path) -> None:
    """Opening one that is up to date changes nothing."""
    for _ in range(2):
        with closing(Database(tmp_path / "compliance.db")) as database:
            assert database.rows("PRAGMA user_version") == [(SCHEMA_VERSION,)]
