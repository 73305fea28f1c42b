"""The outbox in Azure tables: short, and nothing in it is lost between workers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.retention import TableRetention
from shared.adapters.azure.storage.table_keys import OUTBOX, PARTITIONS, beyond, key
from shared.adapters.azure.storage.tables import Table
from shared.domain.finding import Transition
from shared.domain.root_state import RootState
from shared.ports import TransitionQuery
from tests.azurite_server import Azurite, clients
from tests.fakes import FakeClock
from tests.records import ACCOUNT, OTHER_ACCOUNT, OTHER_ROOT, ROOT, commit, moment, transition

SINKS = frozenset({"teams:security", "log analytics / äöü"})
ONE, TWO = sorted(SINKS)


@pytest.fixture
async def opened(azurite: Azurite) -> AsyncIterator[StorageClients]:
    """Clients of an empty account."""
    async with clients(azurite.account()) as made:
        yield made


@pytest.fixture
def table(opened: StorageClients) -> Table:
    """The table of the findings."""
    return Table(opened, FINDINGS_TABLE)


@pytest.fixture
def store(table: Table) -> TableFindingStore:
    """The store of a deployment with two sinks."""
    return TableFindingStore(table, FakeClock(), SINKS)


async def entries(table: Table) -> int:
    """Return how many rows the outbox has."""
    return sum(
        [1 for each in PARTITIONS async for _ in table.rows(each, key(OUTBOX, ""), beyond(OUTBOX))]
    )


async def tell(store: TableFindingStore, sink: str, limit: int = 1000) -> list[Transition]:
    """Tell a sink what it was not told of yet."""
    alerts = list(await store.undelivered(sink, limit))
    await store.delivered(sink, [each.id for each in alerts])
    return alerts


async def test_what_all_sinks_were_told_of_leaves_the_outbox(
    store: TableFindingStore, table: Table
) -> None:
    """However many alerts wait, as many rows are read; the history keeps them."""
    for number in range(5):
        account = f"{ACCOUNT}{number}"
        alerts = [
            transition(sequence, resource_id=account, at=moment(1)) for sequence in range(1, 4)
        ]
        await store.commit(commit(*alerts, root=account.lower()))
    assert await entries(table) == 5

    assert len(await tell(store, ONE)) == 15
    assert await entries(table) == 5
    while await tell(store, TWO, limit=4):
        pass

    assert await entries(table) == 0
    assert len(await store.transitions(TransitionQuery())) == 15
    assert list(await store.undelivered("a new sink", 10)) == []


async def test_sinks_that_are_told_at_once_do_not_disturb_each_other(
    store: TableFindingStore, table: Table
) -> None:
    """Each remembers its own; the last one takes the entries away."""
    for number in range(12):
        account = f"{ACCOUNT}{number}"
        await store.commit(commit(transition(1, resource_id=account), root=account.lower()))
    told = await asyncio.gather(*(tell(store, each) for each in (ONE, TWO)))

    assert [len(each) for each in told] == [12, 12]
    for each in SINKS:
        assert list(await store.undelivered(each, 100)) == []
    assert await entries(table) == 0


async def test_what_a_worker_with_a_slow_clock_records_meanwhile_is_told(
    store: TableFindingStore, table: Table
) -> None:
    """It stands before what a sink is just being told of, and was not among it."""
    fast = FakeClock()
    fast.advance(timedelta(minutes=2))
    await TableFindingStore(table, fast, SINKS).commit(commit(transition(1)))
    alerts = await store.undelivered(ONE, 100)
    late = transition(1, resource_id=OTHER_ACCOUNT)
    await store.commit(commit(late, root=OTHER_ROOT))
    await store.delivered(ONE, [each.id for each in alerts])

    assert list(await store.undelivered(ONE, 100)) == [late]


async def test_a_root_s_alerts_keep_their_order_whatever_the_clocks_say(
    store: TableFindingStore, table: Table
) -> None:
    """A worker with a slow clock goes on where one with a fast clock stopped."""
    fast = FakeClock()
    fast.advance(timedelta(minutes=2))
    await TableFindingStore(table, fast, SINKS).commit(commit(transition(1), transition(2)))
    await store.commit(commit(transition(3), state=RootState(version=1, sequence=3)))

    assert [each.sequence for each in await store.undelivered(ONE, 100)] == [1, 2, 3]


async def test_what_one_sink_was_told_of_is_kept_for_the_other(
    store: TableFindingStore, table: Table
) -> None:
    """However old: a sink that was down for long is told in the end."""
    await store.commit(commit(transition(1)))
    await tell(store, ONE)
    retention = TableRetention(table, SINKS)

    assert await retention.purge(moment(10**6), 100) == 0
    assert [each.id for each in await tell(store, TWO)] == [f"{ROOT}#1"]
    assert await retention.purge(moment(10**6), 100) == 1


async def test_an_entry_whose_history_is_gone_holds_nothing_up(
    store: TableFindingStore, table: Table
) -> None:
    """An alert put back while its history was purged: there is nothing to tell, and others wait."""
    await store.commit(commit(transition(1), root=ROOT))
    for each in PARTITIONS:
        pages = [
            str(row.columns["page"])
            async for row in table.rows(each, key(OUTBOX, ""), beyond(OUTBOX))
        ]
        for page in pages:
            await table.delete(each, page)
    later = transition(1, resource_id=OTHER_ACCOUNT, at=moment(60))
    await store.commit(commit(later, root=OTHER_ROOT))

    found = [*await store.undelivered(ONE, 1), *await store.undelivered(ONE, 1)]

    assert [each.id for each in found] == [later.id]
    assert await entries(table) == 1
