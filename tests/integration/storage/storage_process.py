"""A process of its own on a storage account of Azurite.

    python -m tests.integration.storage.storage_process BLOB QUEUE TABLE save WORD…
    python -m tests.integration.storage.storage_process BLOB QUEUE TABLE take SECONDS

`save` stores a reading of each of the sources named, all at once, ROUNDS times over. `take` takes
a message for so many seconds, prints it, and waits to be killed. Both print a line when they are
ready, and begin when they are sent one.
"""

import asyncio
import sys
from datetime import timedelta

from shared.adapters.azure.storage.clients import StorageAccount
from shared.adapters.azure.storage.queues import StorageWorkQueue
from shared.adapters.azure.storage.snapshots import BlobSnapshotStore
from shared.adapters.system_clock import SystemClock
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.ports import QueueName
from tests.azurite_server import clients
from tests.records import ACCOUNT, moment

ROOT = ResourceId.parse(ACCOUNT)
ROUNDS = 3


async def save(snapshots: BlobSnapshotStore, sources: list[str]) -> None:
    """Store readings of the sources, each by a task of its own."""
    for number in range(1, ROUNDS + 1):
        readings = [SourceReading(Source(source), (), moment(number)) for source in sources]
        await asyncio.gather(*(snapshots.save(ROOT, [each]) for each in readings))


async def main(blob: str, queue: str, table: str, what: str, *words: str) -> None:
    """Do what is asked."""
    async with clients(StorageAccount(blob, queue, table)) as opened:
        print("ready", flush=True)  # noqa: T201 - whoever started it listens
        sys.stdin.readline()
        if what == "save":
            await save(BlobSnapshotStore(opened), list(words))
            return
        held = timedelta(seconds=int(words[0]))
        taken = await StorageWorkQueue(opened, SystemClock(), visibility=held).take(QueueName.LOOKS)
        print(taken.text if taken else "", flush=True)  # noqa: T201 - see above
        sys.stdin.readline()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
