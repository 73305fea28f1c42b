"""What SQLite has to do for a commit, and how much room what it wrote takes."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.domain.root_state import Commit, RootState
from tests.fakes import FakeClock
from tests.records import GROUP, ROOT, finding

HUB = f"{GROUP}/Microsoft.MachineLearningServices/workspaces/hub".lower()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A new store."""
    with closing(Database(tmp_path / "compliance.db")) as database:
        yield database


def project(number: int) -> str:
    """Return the id of a project of the hub."""
    return f"{GROUP}/Microsoft.MachineLearningServices/workspaces/project-{number}".lower()


async def steps_of_a_commit(store: SqliteFindingStore, commit: Commit) -> int:
    """Return about how many steps SQLite takes for a commit."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    with store.database.transaction() as connection:
        connection.set_progress_handler(step, 1)
    try:
        await store.commit(commit)
    finally:
        with store.database.transaction() as connection:
            connection.set_progress_handler(None, 0)
    return steps


async def test_a_commit_costs_as_much_when_many_roots_depend_on_others(database: Database) -> None:
    """A hub can have thousands of projects, and each of them is swept."""
    store = SqliteFindingStore(database, FakeClock())
    await store.commit(Commit(ROOT, RootState()))
    alone = await steps_of_a_commit(store, Commit(ROOT, RootState(version=1)))
    for number in range(500):
        await store.commit(Commit(project(number), RootState(depends_on=(HUB,))))

    among_many = await steps_of_a_commit(store, Commit(ROOT, RootState(version=2)))

    assert among_many < alone + 100


async def test_findings_lie_close_together(database: Database) -> None:
    """One that is longer than a quarter of a page takes no page of its own."""
    store = SqliteFindingStore(database, FakeClock())
    found = tuple(finding(f"{ROOT}/deployments/{n}", message="m" * 500) for n in range(300))

    await store.commit(Commit(ROOT, RootState(), found))

    ((pages,),) = database.rows("PRAGMA page_count")
    assert int(str(pages)) < len(found)
