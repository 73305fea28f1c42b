"""The command `redeliver`: what sinks did not take is put back, to be told again."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.system_clock import SystemClock
from shared.adapters.terminal import options
from shared.adapters.terminal.parked import put_back
from shared.adapters.terminal.run import ends_with_status
from shared.ports import Outbox


@contextmanager
def local_outbox(store: Path) -> Iterator[Outbox]:
    """Open what sinks were told of, in a SQLite file that is there already, to change it.

    Raises:
        StoreUnusableError: there is no such file, or it cannot be used.
    """
    # To open a file for writing would make one, and claim one that is not ours.
    Database(store, create=False).close()
    with closing(Database(store)) as database:
        yield SqliteFindingStore(database, SystemClock())


@ends_with_status
def redeliver(
    ids: options.ParkedIds = None,
    *,
    sink: options.OfSink = None,
    store: options.Kept = options.DEFAULT_STORE,
    _verbose: options.Verbose = False,
) -> int:
    """Put parked alerts back."""
    with local_outbox(store) as outbox:
        return asyncio.run(put_back(outbox, ids or (), sink))
