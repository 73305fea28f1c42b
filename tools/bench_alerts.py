"""What telling of alerts costs, against receivers on loopback in a process of their own."""

import asyncio
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

from tools.bench_estate import SUBSCRIPTION, account

if TYPE_CHECKING:
    from shared.runtime.assembly import Runtime
    from tests.local_azure.process import AzureProcess

ROOT = Path(__file__).resolve().parent.parent
ALERTS = 5_000
ROOTS = 500
LATENCY_MS = 30
FIRST_ALERTS = 40
_RECEIVER = """
import asyncio, sys
from tests.local_azure.webhooks import Webhooks
async def main():
    async with Webhooks() as hooks:
        print(hooks.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)
asyncio.run(main())
"""


@contextmanager
def _receiver() -> Iterator[int]:
    """Start the receivers; hand out their port."""
    command = [sys.executable, "-c", _RECEIVER]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe) as process:  # noqa: S603 - our own command
        line = process.stdout.readline() if process.stdout is not None else b""
        try:
            yield int(line)
        finally:
            if process.stdin is not None:
                process.stdin.close()


def measure_delivery() -> dict[str, float]:
    """Tell two webhooks and a channel of 5,000 alerts, each recorded by a commit of its own."""
    from shared.adapters.local.database import Database  # noqa: PLC0415 - as in the other benches
    from shared.adapters.local.finding_store import SqliteFindingStore  # noqa: PLC0415
    from shared.adapters.system_clock import SystemClock  # noqa: PLC0415
    from shared.pipeline.deliver import Delivery  # noqa: PLC0415
    from shared.pipeline.told import Rules  # noqa: PLC0415
    from shared.runtime.sinks import SinkParts, named_sinks  # noqa: PLC0415
    from tests.records import ACCOUNT, commit, transition  # noqa: PLC0415

    async def run(store: SqliteFindingStore, port: int) -> float:
        clock = store.clock
        for number in range(ALERTS):
            account = f"{ACCOUNT}{number % ROOTS}"
            sequence = number // ROOTS + 1
            alert = transition(sequence, resource_id=account, at=clock.now())
            await store.commit(commit(alert, root=account.lower(), version=sequence - 1))
        kinds = ("webhook", "webhook", "teams")
        chosen = named_sinks([f"{each}:http://127.0.0.1:{port}/{each}" for each in kinds])
        parts = SinkParts(clock, {})
        async with parts.closing:
            delivery = Delivery(store, parts.open(chosen), clock, "bench", Rules(flush=True))
            began = time.perf_counter()
            done = await delivery.deliver()
            seconds = time.perf_counter() - began
        if done.told != 3 * ALERTS or done.next_at is not None:
            raise SystemExit(f"not everything was told: {done}")
        return seconds

    with (
        TemporaryDirectory() as folder,
        _receiver() as port,
        closing(Database(Path(folder, "compliance.db"))) as database,
    ):
        seconds = asyncio.run(run(SqliteFindingStore(database, SystemClock()), port))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"alerts_5000_s": seconds, "alerts_5000_mb": peak}


def measure_first_alert() -> dict[str, float]:
    """From an event's arrival to the card, again and again: our own time, ARM's left aside.

    Each time one account opens to the Internet, or closes, and its channel has long been quiet.
    """
    from monitors import load_catalogue  # noqa: PLC0415 - as above
    from shared.pipeline.told import Rules  # noqa: PLC0415
    from shared.runtime.azure import azure_run  # noqa: PLC0415
    from shared.runtime.sinks import SinkParts, named_sinks  # noqa: PLC0415
    from shared.settings import read_azure_settings  # noqa: PLC0415
    from tests.local_azure.process import local_azure  # noqa: PLC0415

    async def run(azure: "AzureProcess", runtime: "Runtime", port: int) -> float:
        async def look() -> None:
            # Not by draining the queue: that would wait for second looks, a minute later.
            receipt = await runtime.intake.accept([_written(runtime.ports.clock.now())])
            for message in receipt.messages:
                await runtime.looks.look(message)

        async def seconds(number: int) -> float:
            access = ("Enabled", "Disabled")[number % 2]
            await asyncio.to_thread(azure.call, "POST", "resources", [_account(access)])
            began = time.perf_counter()
            await look()
            done = await delivery.deliver()
            if not done.told or done.next_at is not None:
                raise SystemExit(f"no alert was told: {done}")
            return time.perf_counter() - began

        parts = SinkParts(runtime.ports.clock, {})
        async with parts.closing:
            opened = parts.open(named_sinks([f"teams:http://127.0.0.1:{port}/teams"]))
            await asyncio.to_thread(azure.call, "POST", "resources", [_account("Disabled")])
            await look()
            delivery = runtime.delivery(opened, Rules(flush=True))
            await delivery.deliver()
            times = [await seconds(number) for number in range(FIRST_ALERTS)]
        return statistics.median(times) * 1e3 - LATENCY_MS

    arguments = ("--latency", str(LATENCY_MS), "--accounts", "1", "--deployments", "10")
    with TemporaryDirectory() as folder, _receiver() as port, local_azure(*arguments) as azure:
        os.environ.update(azure.environment)
        store, watched = Path(folder, "compliance.db"), frozenset({SUBSCRIPTION})
        with azure_run(read_azure_settings(), watched, store, load_catalogue(), "bench") as runtime:
            found = asyncio.run(runtime.within(run(azure, runtime, port)))
    return {"first_alert_own_ms": found}


def _account(access: str) -> dict[str, object]:
    """Return the account with this public network access."""
    made = account(0)
    properties = made["properties"]
    return {
        **made,
        "properties": {**cast("dict[str, object]", properties), "publicNetworkAccess": access},
    }


def _written(at: datetime) -> dict[str, object]:
    """Return the event of a write to it."""
    from shared.domain.resource_id import ResourceId  # noqa: PLC0415 - as above
    from tests.worlds import write_event  # noqa: PLC0415

    return write_event(ResourceId.parse(str(account(0)["id"])), at.isoformat())
