"""How many requests a question costs, on Azure tables."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.table_keys import SHARDS
from shared.adapters.azure.storage.tables import Table
from shared.domain.root_state import RootState
from shared.ports import TransitionQuery
from tests.azurite_server import Azurite, clients
from tests.fakes import FakeClock
from tests.integration.storage.faulty_proxy import FaultyProxy, faulty
from tests.records import ACCOUNT, ROOT, commit, finding, moment, transition

LONG = timedelta(seconds=30)
Observed = tuple[TableFindingStore, FaultyProxy]


@pytest.fixture
async def observed(azurite: Azurite) -> AsyncIterator[Observed]:
    """A store with a history of 60 looks at 10 roots, and what sees its requests."""
    async with faulty(azurite.account(), "table") as (account, proxy), clients(account) as opened:
        store = TableFindingStore(Table(opened, FINDINGS_TABLE), FakeClock())
        for number in range(60):
            resource = f"{ACCOUNT}{number % 10}"
            sequence = number // 10 + 1
            new = transition(sequence, resource_id=resource, at=moment(number))
            state = RootState(version=sequence - 1, sequence=sequence)
            await store.commit(commit(new, root=resource.lower(), state=state))
        proxy.requests.clear()
        yield store, proxy


async def test_a_look_costs_four_requests_and_one_more_where_findings_are_read(
    observed: Observed,
) -> None:
    """Lease, state, findings, commit, release: a commit knows the state that was read."""
    store, proxy = observed
    assert await store.lease(ROOT, "one", LONG)
    await store.state(ROOT)
    await store.findings(ROOT)
    await store.commit(commit(transition(1), findings=[finding()]))
    await store.release(ROOT, "one")
    assert len(proxy.requests) == 5

    proxy.requests.clear()
    assert await store.lease(ROOT, "one", LONG)
    state = await store.state(ROOT)
    await store.commit(commit(version=state.version))
    await store.release(ROOT, "one")
    assert len(proxy.requests) == 4


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (TransitionQuery(limit=5), 5),
        (TransitionQuery(since=moment(50)), 10),
        (TransitionQuery(resource="acct3"), 6),
    ],
)
async def test_recent_history_costs_a_request_a_partition(
    observed: Observed, query: TransitionQuery, found: int
) -> None:
    """However long the history is, for as much as one answer shows."""
    store, proxy = observed

    assert len(await store.transitions(query)) == found
    assert len(proxy.requests) == SHARDS


async def test_what_is_asked_of_all_roots_costs_a_request_a_partition(observed: Observed) -> None:
    """Their rows alone are read, not their findings."""
    store, proxy = observed
    for ask in (store.posture, store.subscriptions):
        proxy.requests.clear()
        await ask()
        assert len(proxy.requests) == SHARDS


async def test_telling_a_sink_reads_the_pages_and_the_entries_once_more(
    observed: Observed,
) -> None:
    """To remember it, only the partitions of what was told are read."""
    store, proxy = observed
    alerts = await store.undelivered("sink", 3)
    assert len(proxy.requests) == SHARDS + 3

    proxy.requests.clear()
    await store.delivered("sink", [each.id for each in alerts])
    assert len(proxy.requests) <= 2 * 3
