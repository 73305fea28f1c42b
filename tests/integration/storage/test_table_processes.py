"""Worker processes on one root of Azure tables, whose clocks are minutes apart."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.azure.storage.clients import StorageAccount, StorageClients
from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.tables import Table
from shared.adapters.system_clock import SystemClock
from shared.ports import TransitionQuery
from tests.azurite_server import Azurite, clients
from tests.integration.storage.committing_process import SkewedClock
from tests.records import ROOT

REPOSITORY = Path(__file__).resolve().parents[3]
COMMITS = 15
SKEWS = (-120, 120, 0)
PATIENCE = 60
"""Seconds; they take about three."""


@pytest.fixture
def account(azurite: Azurite) -> StorageAccount:
    """An empty account."""
    return azurite.account()


@pytest.fixture
async def opened(account: StorageAccount) -> AsyncIterator[StorageClients]:
    """Clients of the account."""
    made = clients(account)
    yield made
    await made.close()


def store_at(opened: StorageClients, skew: float) -> TableFindingStore:
    """Return the store as a worker sees it whose clock is off."""
    return TableFindingStore(Table(opened, FINDINGS_TABLE), SkewedClock(skew))


def racer(account: StorageAccount, skew: float) -> subprocess.Popen[str]:
    """Start a process that is ready to commit."""
    command = [sys.executable, "-m", "tests.integration.storage.committing_process"]
    command += [account.blob, account.queue, account.table, str(COMMITS), str(skew)]
    return subprocess.Popen(
        command,
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def test_processes_that_race_on_one_root_record_everything_once(
    account: StorageAccount, opened: StorageClients
) -> None:
    """No gap and no double; sinks are told in the order in which it was recorded."""
    racing = [racer(account, skew) for skew in SKEWS]
    try:
        # All are there before any begins: a commit takes less time than a start.
        for process in racing:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in racing:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        conflicts = 0
        for process in racing:
            told, complaints = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, complaints
            conflicts += int(told)
    finally:
        for process in racing:
            process.kill()

    store = TableFindingStore(Table(opened, FINDINGS_TABLE), SystemClock())
    everything = list(range(1, COMMITS * len(SKEWS) + 1))
    assert conflicts
    assert (
        sorted(each.sequence for each in await store.transitions(TransitionQuery())) == everything
    )
    assert [each.sequence for each in await store.undelivered("sink", 1000)] == everything
    assert [each.message for each in (await store.findings(ROOT)).values()] == [str(everything[-1])]
    assert (await store.state(ROOT)).version == everything[-1]


@pytest.mark.parametrize("skew", [-120, 120])
async def test_a_lease_does_not_go_by_the_clocks_of_workers(
    opened: StorageClients, skew: float
) -> None:
    """One that is minutes fast takes nobody's lease away, one that is slow keeps none for long."""
    one, two = store_at(opened, skew), store_at(opened, -skew)
    assert await one.lease(ROOT, "one", timedelta(seconds=30))
    assert not await two.lease(ROOT, "two", timedelta(seconds=30))
    await one.release(ROOT, "one")

    assert await two.lease(ROOT, "two", timedelta(0))
    # The service tells the time in whole seconds.
    await asyncio.sleep(1)
    assert await one.lease(ROOT, "one", timedelta(seconds=30))


async def test_of_workers_that_take_one_lease_at_once_one_has_it(opened: StorageClients) -> None:
    """However many they are."""
    stores = [store_at(opened, 0) for _ in range(8)]

    taken = await asyncio.gather(
        *(each.lease(ROOT, str(at), timedelta(seconds=30)) for at, each in enumerate(stores))
    )

    assert sum(taken) == 1
