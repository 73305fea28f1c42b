"""A stand-in for the Functions host in front of the queue of looks, for the bench.

It takes messages in batches and hands them to its worker processes in turn, as many at once as
host.json allows, and deletes each when it is done. The events of the drain are its own: each that
goes through Azurite's queue takes 2.6 ms of Azurite, which a service does not share the cores with.
What looks put on the queue themselves is taken from there, without the SDK, so that what the host
takes of the machine is little.
"""

import asyncio
import base64
import json
import sys
import time
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import aiohttp
from azure.storage.queue import AccountSasPermissions, ResourceTypes, generate_account_sas
from yarl import URL

from tools.bench_processes import cpu_seconds, memory_mb

if TYPE_CHECKING:
    from shared.adapters.azure.storage.clients import StorageAccount

ROOT = Path(__file__).resolve().parent.parent
QUIET = timedelta(seconds=3)
"""So long the queue must show nothing at the end: what was put back comes again after a second."""


@dataclass(slots=True)
class Host:
    """The queue, and the workers that its messages go to."""

    session: aiohttp.ClientSession
    messages: str
    signature: str
    workers: Sequence[Process]
    waiting: dict[int, asyncio.Future[None]] = field(default_factory=dict)
    done: int = 0
    done_at: float = 0.0
    events_at: float = 0.0
    peaks: list[float] = field(default_factory=list)

    async def clear(self) -> None:
        """Take away what looks before the drain have asked for."""
        await self._ask("DELETE", self.messages)

    async def work_off(self, events: Sequence[str]) -> None:
        """Hand out events, then what the queue shows until it has shown nothing for a while."""
        todo = [(text, "", "") for text in reversed(events)]
        batch, threshold = _limits()
        under_way: set[asyncio.Task[None]] = set()
        number = 0
        self.done_at = time.perf_counter()
        while time.perf_counter() - self.done_at < QUIET.total_seconds():
            taken = [todo.pop() for _ in range(min(batch, len(todo)))] or await self._take(batch)
            for message in taken:
                under_way.add(asyncio.create_task(self._hand_over(number, *message)))
                number += 1
            while len(under_way) > (threshold if taken else 0):
                ended, under_way = await asyncio.wait(
                    under_way, return_when=asyncio.FIRST_COMPLETED
                )
                for each in ended:
                    each.result()
                self.done_at = time.perf_counter()
            if not taken:
                await asyncio.sleep(0.1)

    async def listen(self, worker: Process) -> None:
        """Note what a worker has done."""
        while worker.stdout is not None and (line := await worker.stdout.readline()):
            self.waiting.pop(int(line)).set_result(None)
        for each in self.waiting.values():
            each.set_exception(SystemExit("a worker has ended"))

    async def _hand_over(self, number: int, text: str, name: str, receipt: str) -> None:
        worker = self.workers[number % len(self.workers)]
        done = asyncio.get_running_loop().create_future()
        self.waiting[number] = done
        if worker.stdin is not None:
            worker.stdin.write(f"{number} {text}\n".encode())
        await done
        if not name:
            self.events_at = time.perf_counter()
        else:
            await self._ask("DELETE", f"{self.messages}/{name}?popreceipt={receipt}")
        self.done += 1
        if self.done % 1000 == 0:
            self.peaks.append(max(memory_mb(each.pid) for each in self.workers))

    async def _take(self, batch: int) -> list[tuple[str, str, str]]:
        """Take messages: text, name and receipt of each."""
        url = f"{self.messages}?numofmessages={batch}&visibilitytimeout=30"
        found = ET.fromstring(await self._ask("GET", url))  # noqa: S314 - of our own Azurite
        return [
            (
                base64.b64decode(each.findtext("MessageText", "")).decode(),
                each.findtext("MessageId", ""),
                each.findtext("PopReceipt", "").replace("+", "%2B").replace("=", "%3D"),
            )
            for each in found
        ]

    async def _ask(self, method: str, url: str, body: str | None = None) -> str:
        url = f"{url}{'&' if '?' in url else '?'}{self.signature}"
        headers = {"x-ms-version": "2021-12-02"}
        async with self.session.request(
            method, URL(url, encoded=True), data=body, headers=headers
        ) as answer:
            text = await answer.text()
            if not answer.ok:
                raise SystemExit(f"{method} {url}: {answer.status} {text}")
            return text


async def drain(at: "StorageAccount", texts: Sequence[str], workers: int) -> dict[str, float]:
    """Start workers, and measure until all is worked off."""
    from tests.azurite_server import KEY, account_name  # noqa: PLC0415 - see bench.py

    signature = generate_account_sas(
        account_name(at),
        KEY,
        ResourceTypes(service=True, container=True, object=True),
        AccountSasPermissions(
            read=True, write=True, delete=True, add=True, process=True, update=True
        ),
        datetime.now(UTC) + timedelta(hours=1),
    )
    command = [sys.executable, "-m", "tools.bench_storage", "worker", at.blob, at.queue, at.table]
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        processes = [
            await create_subprocess_exec(*command, cwd=ROOT, stdin=PIPE, stdout=PIPE)
            for _ in range(workers)
        ]
        host = Host(session, f"{at.queue}/looks/messages", signature, processes)
        await host.clear()
        for each in processes:
            if each.stdout is None or await each.stdout.readline() != b"ready\n":
                raise SystemExit("a worker did not start")
        listening = [asyncio.create_task(host.listen(each)) for each in processes]
        before = sum(cpu_seconds(each.pid) for each in processes)
        own = time.process_time()
        began = time.perf_counter()
        await host.work_off(texts)
        spent = sum(cpu_seconds(each.pid) for each in processes) - before
        for each in processes:
            if each.stdin is not None:
                each.stdin.close()
        await asyncio.gather(*listening)
        for each in processes:
            await each.wait()
    if host.done < len(texts):
        raise SystemExit(f"{host.done} of {len(texts)} messages were worked off")
    half = len(host.peaks) // 2
    return {
        "drain_s": host.events_at - began,
        "drain_with_what_followed_s": host.done_at - began,
        "drain_messages": host.done,
        "drain_workers_cpu_s": spent,
        "drain_host_cpu_s": time.process_time() - own,
        "drain_worker_mb": max(host.peaks),
        "drain_worker_growth_mb": host.peaks[-1] - host.peaks[half],
    }


def _limits() -> tuple[int, int]:
    """Return how many messages host.json lets a host take at once, and when the next ones."""
    settings = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    queues = settings["extensions"]["queues"]
    return int(queues["batchSize"]), int(queues["newBatchThreshold"])
