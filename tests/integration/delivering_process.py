"""A worker in a process of its own, which tells a webhook and a channel what waits.

    python -m tests.integration.delivering_process PORT FILE
    python -m tests.integration.delivering_process PORT BLOB_URL QUEUE_URL TABLE_URL

Delivers until nothing is left, as pokes would ask, with a window of WINDOW. Begins when it is sent
a line, prints how many alerts it told, and what it parked.
"""

import asyncio
import sys
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from unittest import mock

from shared.adapters.azure.storage.clients import StorageAccount
from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.tables import Table
from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.sinks.connections import Connections
from shared.adapters.sinks.endpoint import Endpoint
from shared.adapters.sinks.secret_address import SecretAddress
from shared.adapters.sinks.teams.options import CardOptions
from shared.adapters.sinks.teams_webhook import TeamsWebhook
from shared.adapters.sinks.webhook import Webhook
from shared.adapters.system_clock import SystemClock
from shared.pipeline import deliver
from shared.pipeline.deliver import Delivery
from shared.pipeline.told import Rules
from shared.ports import FindingStore
from tests.azurite_server import clients

WINDOW = timedelta(seconds=1)
HELD = timedelta(seconds=2)
"""How long a dead worker keeps a sink; otherwise tests would wait for half a minute."""
SINKS = frozenset({"webhook", "teams"})


def opened(stack: AsyncExitStack, places: list[str]) -> FindingStore:
    """Open the store that is named."""
    if len(places) == 1:
        database = Database(Path(places[0]))
        stack.callback(database.close)
        return SqliteFindingStore(database, SystemClock())
    made = clients(StorageAccount(*places))
    stack.push_async_callback(made.close)
    return TableFindingStore(Table(made, FINDINGS_TABLE), SystemClock(), SINKS)


async def main(port: str, *places: str) -> None:
    """Deliver until nothing is left."""
    clock, connections = SystemClock(), Connections()
    async with AsyncExitStack() as stack:
        store = opened(stack, list(places))
        stack.push_async_callback(connections.close)

        def endpoint(path: str) -> Endpoint:
            address = SecretAddress.parse(f"http://127.0.0.1:{port}/{path}")
            return Endpoint(address, connections, clock)

        hook = Webhook(endpoint("hook"), None, clock)
        hook.batch = 7
        teams = TeamsWebhook(endpoint("teams"), CardOptions())
        worker = f"worker {id(store)} of {sys.argv[0]} {clock.now()}"
        rules = Rules(window=WINDOW)
        delivery = Delivery(store, [hook, teams], clock, worker, rules, timedelta(0))
        print("ready", flush=True)  # noqa: T201 - whoever started it listens
        await asyncio.to_thread(sys.stdin.readline)
        told = 0
        while True:
            done = await delivery.deliver(timedelta(seconds=60))
            told += done.told
            if done.next_at is None:
                break
            await clock.sleep(max(done.next_at - clock.now(), timedelta(milliseconds=20)))
        print(told, done.parked)  # noqa: T201 - as above


if __name__ == "__main__":
    with mock.patch.object(deliver, "LEASE", HELD):
        asyncio.run(main(*sys.argv[1:]))
