"""Commits of more rows than a transaction takes, on Azure tables, killed between any two calls."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from shared.adapters.azure.storage import write_ahead
from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.retention import TableRetention
from shared.adapters.azure.storage.row_bodies import LARGEST
from shared.adapters.azure.storage.table_keys import STAGED, beyond, key, partition_of
from shared.adapters.azure.storage.tables import Table
from shared.adapters.azure.storage.write_ahead import roll_forward
from shared.domain.finding import FindingState
from shared.domain.root_state import Commit, RootState
from shared.domain.verdict import Severity
from shared.ports import ConflictError, TransitionQuery
from tests.azurite_server import Azurite, clients
from tests.fakes import FakeClock, Killed, Switch
from tests.integration.storage.switched_table import SwitchedTable
from tests.records import ACCOUNT, OTHER_ROOT, ROOT, SUBSCRIPTION, finding, moment, transition

NUMBER = 110
EVERYTHING = TransitionQuery(alerts_only=False)


def large(
    version: int, *, state: FindingState = FindingState.OPEN, first: int = 1, more: str = ""
) -> Commit:
    """Return a commit of 110 findings and as many transitions."""
    names = [f"{ACCOUNT}/deployments/d{number}" for number in range(NUMBER)]
    return Commit(
        ROOT,
        RootState(version=version, sequence=first + NUMBER - 1, depends_on=(OTHER_ROOT,)),
        tuple(finding(each, state=state, message=f"{version} {each}{more}") for each in names),
        tuple(
            transition(first + number, resource_id=each, at=moment(version))
            for number, each in enumerate(names)
        ),
    )


class Account:
    """An account, and any number of workers on it."""

    def __init__(self, azurite: Azurite) -> None:
        self._opened = clients(azurite.account())
        self.table = Table(self._opened, FINDINGS_TABLE)
        self.clock = FakeClock()

    def worker(self, switch: Switch | None = None) -> TableFindingStore:
        """Return the store as a worker sees it that knows nothing yet."""
        table = self.table if switch is None else SwitchedTable(self._opened, switch)
        return TableFindingStore(table, self.clock)

    async def staged(self) -> list[str]:
        """Return the staged rows of the root."""
        rows = self.table.rows(partition_of(ROOT), key(STAGED, ""), beyond(STAGED))
        return [each.key async for each in rows]

    async def close(self) -> None:
        """Close the connections."""
        await self._opened.close()


@pytest.fixture
async def account(azurite: Azurite) -> AsyncIterator[Account]:
    """An empty account."""
    made = Account(azurite)
    yield made
    await made.close()


async def whole(store: TableFindingStore, commit: Commit, recorded: int) -> bool:
    """Whether a commit is there as a whole; False: nothing of it is."""
    state = await store.state(ROOT)
    findings = await store.findings(ROOT)
    history = await store.transitions(EVERYTHING)
    posture = await store.posture()
    if state.version == commit.state.version:
        assert all(each.message.startswith("0 ") for each in findings.values())
        assert len(history) == recorded
        return False
    assert state == replace(commit.state, version=commit.state.version + 1)
    assert findings == {each.key: each for each in commit.findings}
    assert {each.id for each in commit.transitions} <= {each.id for each in history}
    assert len(history) == recorded + NUMBER
    is_open = sum(each.state is FindingState.OPEN for each in commit.findings)
    assert posture.fail == is_open
    assert list(await store.dependents(OTHER_ROOT)) == [ROOT]
    return True


HARD_TO_PACK = random.Random(1).randbytes(30_000).hex()  # noqa: S311 - keeps nothing secret


@pytest.mark.parametrize("more", ["", "x" * 20_000, HARD_TO_PACK], ids=["", "long", "hard to pack"])
async def test_a_large_commit_is_written_whole(account: Account, more: str) -> None:
    """Findings, history, outbox and counts, and nothing is left of how it was done."""
    store, commit = account.worker(), large(0, more=more)
    await store.commit(commit)

    assert await whole(account.worker(), commit, 0)
    assert [each.sequence for each in await store.undelivered("sink", 1000)] == list(
        range(1, NUMBER + 1)
    )
    assert await store.open_by_severity(SUBSCRIPTION) == {Severity.HIGH: NUMBER}
    assert await account.staged() == []


async def test_what_is_much_the_same_takes_few_staged_rows(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many findings as here, in rows as small as here, stand for 20,000 in rows as they are."""
    monkeypatch.setattr(write_ahead, "UNPACKED", write_ahead.UNPACKED * 1_500 // LARGEST)
    monkeypatch.setattr(write_ahead, "LARGEST", 1_500)
    commit = large(0)
    await account.worker().commit(commit)

    assert await whole(account.worker(), commit, 0)


async def test_killed_between_any_two_calls_a_large_commit_is_there_or_it_is_not(
    azurite: Azurite,
) -> None:
    """Whoever reads the root next completes it, and the one after finds nothing to do."""
    outcomes: list[bool] = []
    while True:
        account = Account(azurite)
        await account.worker().commit(Commit(ROOT, RootState()))
        commit = large(1)
        switch = Switch(kill_at=len(outcomes))
        try:
            await account.worker(switch).commit(commit)
        except Killed:
            outcomes.append(await whole(account.worker(), commit, 0))
        else:
            await account.close()
            break
        # The next look goes on from there.
        if not outcomes[-1]:
            await account.worker().commit(commit)
            assert await whole(account.worker(), commit, 0)
        assert await account.staged() == []
        await account.close()

    # Up to one call it is not there, and after that it is.
    assert outcomes == sorted(outcomes)
    assert {*outcomes} == {True, False}
    assert len(outcomes) > 10


async def test_killed_while_it_completes_another_s_commit_a_reader_leaves_it_to_the_next(
    account: Account,
) -> None:
    """However many die of it."""
    # Staged, decided, and then dead.
    for moment_of_death in range(40):
        switch = Switch(kill_at=moment_of_death)
        try:
            await account.worker(switch).commit(large(0))
        except Killed:
            if (await _version(account)) == 1:
                break
    for _ in range(20):
        switch = Switch(kill_at=3)
        try:
            await account.worker(switch).findings(ROOT)
        except Killed:
            continue
        break

    assert await whole(account.worker(), large(0), 0)


async def _version(account: Account) -> int:
    rows = account.table.rows(partition_of(ROOT), "s-", "s.")
    return max([int(str(each.columns["version"])) async for each in rows], default=0)


async def test_of_two_large_commits_on_one_version_one_wins(account: Account) -> None:
    """The other is told of the conflict, and nothing of it is left."""
    first, second = account.worker(), account.worker()
    await first.commit(large(0))
    assert (await first.state(ROOT)).version == (await second.state(ROOT)).version == 1
    await second.commit(large(1, first=NUMBER + 1))

    late = large(1, first=NUMBER + 1, state=FindingState.RESOLVED)
    with pytest.raises(ConflictError):
        await first.commit(late)

    assert await whole(account.worker(), large(1, first=NUMBER + 1), NUMBER)


async def test_what_a_crash_left_staged_goes_with_retention(account: Account) -> None:
    """Where no later commit removes it; and only what is old."""
    with pytest.raises(Killed):
        await account.worker(Switch(kill_at=4)).commit(large(0))
    assert await account.staged()

    retention = TableRetention(account.table)
    await retention.purge(moment(-(10**9)), 10)
    assert await account.staged()
    await retention.purge(moment(10**9), 10)

    assert await account.staged() == []


async def test_a_worker_that_stood_still_cannot_undo_a_later_commit(account: Account) -> None:
    """It finds the mark of the commit gone that it was completing."""
    switch = Switch()
    await account.worker(switch).commit(large(0))
    stale = await account.worker()._memory.row(ROOT)  # noqa: SLF001 - the row as a reader has it
    assert stale is not None
    await account.worker().commit(
        Commit(ROOT, RootState(version=1, sequence=NUMBER), (finding(message="later"),))
    )

    await roll_forward(account.table, replace(stale, staged=stale.commit, staged_rows=1))

    assert (await account.worker().findings(ROOT))[finding().key].message == "later"
