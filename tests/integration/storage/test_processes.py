"""Several processes on one storage account, and one that is killed."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from shared.adapters.azure.storage.clients import StorageAccount
from shared.adapters.azure.storage.queues import StorageWorkQueue
from shared.adapters.azure.storage.snapshots import BlobSnapshotStore
from shared.adapters.system_clock import SystemClock
from shared.domain.topology import Source
from shared.ports import QueueName
from tests.azurite_server import Azurite, clients
from tests.integration.storage.storage_process import ROOT, ROUNDS
from tests.records import moment

CHECKOUT = Path(__file__).resolve().parents[3]
LOOKS = QueueName.LOOKS
PATIENCE = 20


@contextlib.contextmanager
def process(account: StorageAccount, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Start a process on the account; it is ready, and ends with the block at the latest."""
    module = "tests.integration.storage.storage_process"
    with subprocess.Popen(
        [sys.executable, "-m", module, account.blob, account.queue, account.table, *words],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as started:
        try:
            assert started.stdout is not None
            assert started.stdout.readline() == "ready\n"
            yield started
        finally:
            started.kill()


def tell(started: subprocess.Popen[str]) -> None:
    """Let a process begin."""
    assert started.stdin is not None
    started.stdin.write("go\n")
    started.stdin.flush()


async def test_tasks_and_processes_that_save_sources_of_one_root_lose_none(
    azurite: Azurite,
) -> None:
    """Two processes, eight tasks each, several rounds: every last reading is there."""
    account = azurite.account()
    first, second = list(Source)[:8], list(Source)[8:16]
    with process(account, "save", *first) as one, process(account, "save", *second) as two:
        for each in (one, two):
            tell(each)
        for each in (one, two):
            assert await asyncio.to_thread(each.wait, PATIENCE) == 0
    async with clients(account) as opened:
        found = await BlobSnapshotStore(opened).load(ROOT, [*first, *second])

    assert {source: reading.read_at for source, reading in found.items()} == dict.fromkeys(
        [*first, *second], moment(ROUNDS)
    )


async def test_a_message_of_a_process_that_was_killed_comes_back(azurite: Azurite) -> None:
    """Only later, and counted as delivered once already."""
    account = azurite.account()
    async with clients(account) as opened:
        queue = StorageWorkQueue(opened, SystemClock())
        await queue.put(LOOKS, ["a"])
        with process(account, "take", "1") as taker:
            tell(taker)
            assert taker.stdout is not None
            assert await asyncio.to_thread(taker.stdout.readline) == "a\n"
            taker.kill()
        await asyncio.sleep(1)
        taken = await queue.take(LOOKS)

    assert taken is not None
    assert (taken.text, taken.deliveries) == ("a", 2)
