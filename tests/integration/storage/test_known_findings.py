"""What a worker knows of findings is not read again, and never believed for too long."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import pytest

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.tables import Table
from shared.domain.finding import Finding
from shared.domain.topology import Source
from shared.domain.verdict import Verdict
from tests.azurite_server import Azurite, clients
from tests.fakes import FakeClock
from tests.records import ACCOUNT, ROOT, commit, finding, moment

T = TypeVar("T")


class ToldTable(Table):
    """A table that tells what was asked of the service."""

    def __init__(self, opened: StorageClients) -> None:
        super().__init__(opened, FINDINGS_TABLE)
        self.asked: list[str] = []

    async def _call(self, doing: str, call: Callable[[], Awaitable[T]]) -> T:
        """Call the service."""
        self.asked.append(doing)
        return await super()._call(doing, call)


class Worker:
    """A worker with a memory of its own."""

    def __init__(self, opened: StorageClients) -> None:
        self.table = ToldTable(opened)
        self.store = TableFindingStore(self.table, FakeClock())

    async def commits(self, *changed: Finding) -> None:
        """Commit the root as it is, with these findings changed."""
        state = await self.store.state(ROOT)
        await self.store.commit(commit(state=state, version=state.version, findings=changed))

    async def finds(self) -> tuple[dict[str, Finding], bool]:
        """Return the findings as a look asks for them, and whether they were read."""
        state = await self.store.state(ROOT)
        self.table.asked.clear()
        return await self.store.findings(ROOT, of=state.version), bool(self.table.asked)


@pytest.fixture
async def workers(azurite: Azurite) -> AsyncIterator[tuple[Worker, Worker]]:
    """Two workers on one account."""
    opened = clients(azurite.account())
    yield Worker(opened), Worker(opened)
    await opened.close()


def by_key(*findings: Finding) -> dict[str, Finding]:
    """Return findings by their key."""
    return {each.key: each for each in findings}


async def test_a_worker_need_not_read_what_it_has_read_or_committed_itself(
    workers: tuple[Worker, Worker],
) -> None:
    """Neither from the first commit on, nor after a commit that changes no finding."""
    one, other = workers
    await one.commits(finding())
    assert await one.finds() == (by_key(finding()), False)
    await one.commits()
    await one.commits(finding(message="later"))

    assert await one.finds() == (by_key(finding(message="later")), False)
    assert await other.finds() == (by_key(finding(message="later")), True)
    assert await other.finds() == (by_key(finding(message="later")), False)


async def test_what_another_worker_has_committed_is_read(workers: tuple[Worker, Worker]) -> None:
    """Also what it committed twice since, or over a commit of one's own."""
    one, other = workers
    await one.commits(finding())
    await other.commits(finding(message="2"))
    assert await one.finds() == (by_key(finding(message="2")), True)

    await one.commits(finding(message="3"))
    await other.commits()
    await other.commits(finding(message="5"))

    assert await one.finds() == (by_key(finding(message="5")), True)


async def test_what_a_large_commit_changed_is_read(workers: tuple[Worker, Worker]) -> None:
    """Its rows are where they belong only after it was decided."""
    one, other = workers
    many = [finding(f"{ACCOUNT}/deployments/{number}") for number in range(150)]
    await one.commits(finding())
    await one.commits(*many)

    for each in (one, other):
        assert await each.finds() == (by_key(finding(), *many), True)
        assert await each.finds() == (by_key(finding(), *many), False)


async def test_a_state_that_a_worker_has_read_or_committed_is_that_as_long_as_it_stands(
    workers: tuple[Worker, Worker],
) -> None:
    """It says the same as when it is read, and what another worker commits takes its place."""
    one, other = workers
    many = [finding(f"{ACCOUNT}/deployments/{number}") for number in range(150)]
    commits = [(one, [finding()]), (one, []), (other, [finding(message="2")]), (one, many)]
    for each, changed in commits:
        state = await each.store.state(ROOT)
        after = replace(
            state,
            read_at={Source.ACCOUNT: moment(state.version)},
            missing={ACCOUNT: moment(0.5)},
            verdicts={Verdict.PASS: state.version},
        )
        await each.store.commit(commit(state=after, findings=changed))

        wanted = replace(after, version=state.version + 1)
        assert await one.store.state(ROOT) == wanted
        assert await other.store.state(ROOT) == wanted
        assert await one.store.state(ROOT) is await one.store.state(ROOT)
