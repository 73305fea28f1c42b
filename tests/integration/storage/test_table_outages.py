"""Tables are down for a while, or their answers are lost: a quick error, and nothing lost after."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from shared.adapters.azure.cloud import CLOUDS
from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.tables import Table
from shared.domain.root_state import Commit, RootState
from shared.ports import PortError, TransitionQuery
from tests.azurite_server import Azurite, BearerTokens, clients
from tests.fakes import FakeClock
from tests.integration.storage.faulty_proxy import FaultyProxy, faulty
from tests.records import ACCOUNT, ROOT, commit, finding, transition

EVERYTHING = TransitionQuery(alerts_only=False)
LONG = timedelta(seconds=30)


@dataclass
class Faulty:
    """A store on tables that can be down."""

    store: TableFindingStore
    proxy: FaultyProxy
    clients: StorageClients


@pytest.fixture
async def behind(azurite: Azurite) -> AsyncIterator[Faulty]:
    """An empty store behind a proxy."""
    async with (
        faulty(azurite.account(), "table") as (account, proxy),
        clients(account) as opened,
    ):
        store = TableFindingStore(Table(opened, FINDINGS_TABLE), FakeClock())
        # So that the table is there.
        await store.release("nobody", "nobody")
        await store.lease("nobody", "nobody", LONG)
        yield Faulty(store, proxy, opened)


async def test_an_outage_of_tables_is_told_within_seconds_and_loses_nothing(
    behind: Faulty,
) -> None:
    """Whatever was asked; the service's wish to be left alone for ten minutes is not slept out."""
    store, proxy = behind.store, behind.proxy
    await store.commit(commit(transition(1), findings=[finding()]))
    proxy.down, proxy.retry_after = True, "600"
    began = time.monotonic()
    outcomes = await asyncio.gather(
        store.lease(ROOT, "one", LONG),
        store.state(ROOT),
        store.findings(ROOT),
        store.commit(commit(transition(2), version=1)),
        store.transitions(EVERYTHING),
        store.undelivered("sink", 10),
        store.delivered("sink", [f"{ROOT}#1"]),
        store.posture(),
        return_exceptions=True,
    )
    took = time.monotonic() - began
    proxy.down = False

    assert [type(each) for each in outcomes] == [PortError] * len(outcomes)
    assert all("busy or down (503" in str(each) for each in outcomes)
    assert took < 8
    assert (await store.state(ROOT)).version == 1
    await store.commit(commit(transition(2), version=1))
    assert [each.sequence for each in await store.undelivered("sink", 10)] == [1, 2]


ONE_ROW = Commit(ROOT, RootState())
FEW_ROWS = commit(transition(1), findings=[finding()])
MANY_ROWS = commit(
    *(transition(number) for number in range(1, 4)),
    findings=[finding(f"{ACCOUNT}/deployments/{number}") for number in range(120)],
)


@pytest.mark.parametrize("made", [ONE_ROW, FEW_ROWS, MANY_ROWS])
@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("after", range(3))
async def test_a_commit_whose_answer_was_lost_is_written_once_and_told_as_done(
    behind: Faulty, made: Commit, version: int, after: int
) -> None:
    """The second try finds the root changed, by the first: it knows its own commit again."""
    store, proxy = behind.store, behind.proxy
    if version:
        await store.commit(Commit(ROOT, RootState()))
        await store.state(ROOT)
    made = replace(made, state=replace(made.state, version=version))
    proxy.spared, proxy.lost = after, 1
    await store.commit(made)
    proxy.lost = 0

    assert await store.state(ROOT) == replace(made.state, version=version + 1)
    assert await store.findings(ROOT) == {each.key: each for each in made.findings}
    assert len(await store.transitions(EVERYTHING)) == len(made.transitions)


async def test_a_lease_whose_answer_was_lost_is_held_and_can_be_given_back(
    behind: Faulty,
) -> None:
    """Otherwise the root would be shut until its time is over."""
    store, proxy = behind.store, behind.proxy
    proxy.lost = 1
    assert await store.lease(ROOT, "one", LONG)
    assert not await store.lease(ROOT, "two", LONG)
    proxy.lost = 1
    await store.release(ROOT, "one")

    assert await store.lease(ROOT, "two", LONG)


async def test_a_table_that_is_deleted_is_made_again(behind: Faulty) -> None:
    """The monitor goes on, and looks at everything anew."""
    await behind.store.commit(commit(transition(1)))
    await behind.clients.tables.delete_table(FINDINGS_TABLE)

    assert await behind.store.state(ROOT) == RootState()
    await behind.store.commit(commit(transition(1)))
    assert len(await behind.store.transitions(EVERYTHING)) == 1


async def test_findings_need_no_key_and_a_refusal_names_the_role(keyless_azurite: Azurite) -> None:
    """The identity of the monitor is enough, if it has the role."""
    trusting, tokens = replace(CLOUDS["public"], ca_file=keyless_azurite.ca_file), BearerTokens()
    async with StorageClients(keyless_azurite.account(), tokens, trusting) as opened:
        store = TableFindingStore(Table(opened, FINDINGS_TABLE), FakeClock())
        assert await store.lease(ROOT, "one", LONG)
        await store.commit(commit(transition(1), findings=[finding()]))
        assert list(await store.findings(ROOT)) == [finding().key]
        await store.release(ROOT, "one")
    tokens.audience = "https://management.azure.com"
    async with StorageClients(keyless_azurite.account(), tokens, trusting) as opened:
        store = TableFindingStore(Table(opened, FINDINGS_TABLE), FakeClock())

        with pytest.raises(PortError, match=r"refused .*Storage Table Data Contributor"):
            await store.state(ROOT)
        with pytest.raises(PortError, match=r"refused .*Storage Table Data Contributor"):
            await store.commit(commit(transition(1)))
