"""What remembering in Azure storage costs, against Azurite in a process of its own.

ARM is an estate in this process's memory, which answers at once: what is measured is the way from a
message of the queue over the look to the tables, not the reading of Azure (`bench_azure.py`). As in
the function app the host takes and deletes the messages, here `tools/bench_host.py`; its CPU time
and Azurite's are not the worker's.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import urlsplit

from tools.bench_estate import DEPLOYMENTS, SUBSCRIPTION, account, deployment
from tools.bench_processes import azurite, cpu_seconds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterator, Mapping

    from shared.adapters.azure.storage.clients import StorageAccount
    from shared.adapters.local.resource_index import ResourceIndex
    from shared.domain.resource_id import ResourceId
    from shared.domain.snapshot import SourceReading
    from shared.domain.topology import Source
    from shared.ports import Listed, Pace
    from shared.runtime.app import App

ROOTS = 200
ROUNDS = 5
EVENTS = 20_000
WORKERS = 2
AT_ONCE = 12
"""Messages in the hands of one host: `batchSize` + `newBatchThreshold` of host.json."""


@dataclass(slots=True)
class Estate:
    """`Inventory` of accounts in memory that answer at once, of late like ARM.

    `turn` is which of two states every account is in.
    """

    turn: int = 0
    reads: int = 0
    _seen: "dict[tuple[str, int], ResourceIndex]" = field(default_factory=dict)

    @property
    def second_look_after(self) -> timedelta:
        """Return a minute, as ARM's inventory does."""
        return timedelta(minutes=1)

    async def read(
        self,
        root: "ResourceId",
        sources: "Collection[Source]",
        *,
        after: datetime,
        pace: "Pace | None" = None,
    ) -> "Mapping[Source, SourceReading]":
        """Read sources of a root."""
        from shared.adapters.local.readings import estate_reading  # noqa: PLC0415 - see bench.py

        _ = after, pace
        now = datetime.now(UTC)
        index = self._index(root)
        self.reads += 1
        return {each: estate_reading(index, root, each, now) for each in sources}

    async def roots(self, subscription: str) -> "AsyncIterator[Listed]":
        """List nothing: nobody sweeps here."""
        nothing: tuple[Listed, ...] = ()
        for each in nothing:
            yield each
        _ = subscription

    async def subscriptions(self, *, after: datetime) -> frozenset[str]:
        """Return the one subscription."""
        _ = after
        return frozenset({SUBSCRIPTION})

    def _index(self, root: "ResourceId") -> "ResourceIndex":
        """Return an account with its deployments; each third one always leaves something."""
        from shared.adapters.local.documents import resources_in  # noqa: PLC0415 - see bench.py
        from shared.adapters.local.resource_index import ResourceIndex  # noqa: PLC0415
        from shared.domain.resource import Resource  # noqa: PLC0415

        seen = self._seen.get((root.key, self.turn))
        if seen is None:
            numbers = range(ROOTS)
            if root.name.startswith("acct-"):
                numbers = range(int(root.name[5:]), int(root.name[5:]) + 1)
            owners: list[dict[str, Any]] = [account(each) for each in numbers]
            for owner in owners:
                owner["properties"]["publicNetworkAccess"] = ("Disabled", "Enabled")[self.turn]
            items = [deployment(owner, each) for owner in owners for each in range(DEPLOYMENTS)]
            seen = ResourceIndex()
            found = resources_in([*owners, *items])
            seen.add(each for each in found if isinstance(each, Resource))
            self._seen[root.key, self.turn] = seen
        return seen


def app_on(at: "StorageAccount", estate: Estate) -> "App":
    """Return the function app on an account of Azurite; inside the event loop."""
    from monitors import load_catalogue  # noqa: PLC0415 - see bench.py
    from shared.adapters.system_clock import SystemClock  # noqa: PLC0415
    from shared.runtime.app import assemble_app  # noqa: PLC0415
    from shared.runtime.azure_app import app_ports_on  # noqa: PLC0415
    from tests.azurite_server import clients  # noqa: PLC0415

    memory = clients(at)
    ports = app_ports_on(memory, estate, SystemClock(), frozenset({"bench"}))
    watched = frozenset({SUBSCRIPTION})
    ports = replace(ports, closing=memory.close)
    return assemble_app(ports, load_catalogue(), watched, timedelta(days=400))


def change(number: int, turn: int = 0) -> str:
    """Return what the event of a write leaves on the queue.

    Each tenth is of the account itself, the others are of its deployments.
    """
    from shared.pipeline.messages import ChangeNote, LookMessage, Trigger  # noqa: PLC0415

    owner, now = str(account(number)["id"]), datetime.now(UTC)
    target = f"{owner}/deployments/gpt-{turn % 10}" if turn % 10 else owner
    name = f"{number}-{turn}"
    note = ChangeNote(target, deletes=False, occurred_at=now, actor="Kim", correlation_id=name)
    return LookMessage(owner, now, Trigger.CHANGE, note).encode()


async def _look_at_all(app: "App") -> None:
    """Look at every root, as many at once as a host hands over."""
    from shared.pipeline.look import LookReport, LookStatus  # noqa: PLC0415 - see bench.py
    from shared.ports import QueueName  # noqa: PLC0415

    numbers = iter(range(ROOTS))

    async def work() -> None:
        for each in numbers:
            report = await app.deliveries.handle(QueueName.LOOKS, change(each))
            if not isinstance(report, LookReport) or report.status is not LookStatus.LOOKED:
                raise SystemExit(f"no look: {report}")

    async with asyncio.TaskGroup() as hands:
        for _ in range(AT_ONCE):
            hands.create_task(work())


async def _rate(app: "App", estate: Estate, server: int, *, changed: bool) -> tuple[float, float]:
    """Return the milliseconds of our CPU time and of Azurite's that one look takes."""
    ours, theirs = time.process_time(), cpu_seconds(server)
    for _ in range(ROUNDS):
        estate.turn ^= changed
        await _look_at_all(app)
    looks = ROOTS * ROUNDS
    ours, theirs = time.process_time() - ours, cpu_seconds(server) - theirs
    return ours / looks * 1e3, theirs / looks * 1e3


def measure_look_rate() -> dict[str, float]:
    """Look again and again at known accounts: nothing is another, and then everything each time.

    By CPU time, of one worker process: Azurite has its own core, and others may use the machine.
    """

    async def run(at: "StorageAccount", server: int) -> dict[str, float]:
        estate = Estate()
        app = app_on(at, estate)
        try:
            for estate.turn in (0, 1, 0):
                await _look_at_all(app)
            found: dict[str, float] = {}
            for kind, changed in (("unchanged", False), ("changed", True)):
                before = Counter[str]()
                with _counted(before):
                    estate.turn ^= changed
                    await _look_at_all(app)
                print(kind, {each: count / ROOTS for each, count in sorted(before.items())})
                found[f"{kind}_requests"] = before.total() / ROOTS
                ours, theirs = await _rate(app, estate, server, changed=changed)
                found[f"{kind}_looks_per_core_s"] = 1e3 / ours
                found[f"{kind}_look_azurite_ms"] = theirs
            return found
        finally:
            await app.close()

    with azurite() as (at, server):
        return asyncio.run(run(at, server))


@contextmanager
def _counted(requests: Counter[str]) -> "Iterator[None]":
    """Count the requests of every client by service and method."""
    from azure.core.pipeline.transport import AioHttpTransport  # noqa: PLC0415 - see bench.py

    send = AioHttpTransport.send

    async def counted(self: AioHttpTransport, request: Any, **options: Any) -> Any:  # noqa: ANN401 - as in the SDK
        parts = urlsplit(request.url).path.split("/")
        what = next((each for each in parts[2:] if each), "")
        requests[f"{request.method} {what.partition('(')[0]}"] += 1
        return await send(self, request, **options)

    with patch.object(AioHttpTransport, "send", counted):
        yield


def measure_drain() -> dict[str, float]:
    """Drain 20,000 events over 200 known roots, each changed once, by two worker processes."""
    from tools.bench_host import drain  # noqa: PLC0415 - see bench.py

    async def prepare(at: "StorageAccount") -> int:
        app = app_on(at, Estate())
        try:
            await _look_at_all(app)
            return await _recorded(app)
        finally:
            await app.close()

    async def recorded(at: "StorageAccount") -> int:
        app = app_on(at, Estate())
        try:
            return await _recorded(app)
        finally:
            await app.close()

    with azurite() as (at, server):
        before = asyncio.run(prepare(at))
        events = [change(each % ROOTS, each // ROOTS) for each in range(EVENTS)]
        theirs = cpu_seconds(server)
        done = asyncio.run(drain(at, events, WORKERS))
        theirs = cpu_seconds(server) - theirs
        new = asyncio.run(recorded(at)) - before
    if new < ROOTS or new % ROOTS:
        raise SystemExit(f"{new} transitions of {ROOTS} roots that changed alike")
    return {**done, "drain_azurite_cpu_s": theirs}


async def _recorded(app: "App") -> int:
    """Return how many transitions of accounts the history has."""
    from shared.ports import TransitionQuery  # noqa: PLC0415 - see bench.py

    wanted = TransitionQuery(resource="/accounts/", alerts_only=False)
    return len(await app.runtime.ports.findings.transitions(wanted))


async def work(at: "StorageAccount") -> None:
    """Handle what is handed over on standard input, a line a message, as a worker of the host does.

    A line `number text` is answered by `number` when it is done.
    """
    from shared.ports import QueueName  # noqa: PLC0415 - see bench.py

    app = app_on(at, Estate(turn=1))
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader(limit=2**20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)

    async def handle(number: bytes, text: bytes) -> None:
        await app.deliveries.handle(QueueName.LOOKS, text.decode())
        os.write(sys.stdout.fileno(), number + b"\n")

    try:
        os.write(sys.stdout.fileno(), b"ready\n")
        async with asyncio.TaskGroup() as hands:
            async for line in lines:
                number, _, text = line.rstrip(b"\n").partition(b" ")
                hands.create_task(handle(number, text))
    finally:
        await app.close()


TASKS = {"looks": measure_look_rate, "drain": measure_drain}

if __name__ == "__main__":
    if sys.argv[1] == "worker":
        from shared.adapters.azure.storage.clients import StorageAccount

        asyncio.run(work(StorageAccount(*sys.argv[2:])))
    else:
        print(json.dumps(TASKS[sys.argv[1]]()))
