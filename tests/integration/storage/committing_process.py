"""A worker in a process of its own, which commits to one root of an account of Azurite.

    python -m tests.integration.storage.committing_process BLOB_URL QUEUE_URL TABLE_URL NUMBER SKEW

Makes NUMBER commits, each a transition; its clock is SKEW seconds off. Begins when it is sent a
line. Prints how many conflicts there were.
"""

import asyncio
import sys
from datetime import datetime, timedelta

from shared.adapters.azure.storage.clients import StorageAccount
from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.tables import Table
from shared.adapters.system_clock import SystemClock
from shared.domain.root_state import RootState
from shared.ports import ConflictError
from tests.azurite_server import clients
from tests.records import ROOT, commit, finding, transition


class SkewedClock(SystemClock):
    """A clock that is off."""

    def __init__(self, seconds: float) -> None:
        self._off = timedelta(seconds=seconds)

    def now(self) -> datetime:
        """Return what it takes for the time."""
        return super().now() + self._off


async def main(blob: str, queue: str, table: str, number: str, skew: str) -> None:
    """Commit so many times, whatever others do meanwhile."""
    opened = clients(StorageAccount(blob, queue, table))
    clock = SkewedClock(float(skew))
    store = TableFindingStore(Table(opened, FINDINGS_TABLE), clock)
    print("ready", flush=True)  # noqa: T201 - whoever started it listens
    sys.stdin.readline()
    done = conflicts = 0
    while done < int(number):
        state = await store.state(ROOT)
        last = state.sequence + 1
        after = RootState(version=state.version, sequence=last)
        new = transition(last, at=clock.now())
        try:
            await store.commit(commit(new, state=after, findings=[finding(message=str(last))]))
        except ConflictError:
            conflicts += 1
        else:
            done += 1
    await opened.close()
    print(conflicts)  # noqa: T201 - as above


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
