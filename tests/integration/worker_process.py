"""A worker in a process of its own: works off the queues of a store until nothing is due.

    python -m tests.integration.worker_process ESTATE STORE SECONDS

A lease and a taken message last SECONDS. Prints a line when it is ready, begins when it is sent
one, and prints one for each look.
"""

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from monitors import load_catalogue
from shared.adapters.local.work_queue import SqliteWorkQueue
from shared.pipeline.look import LookReport
from shared.pipeline.work import Worker, WorkReport
from shared.runtime.assembly import assemble
from shared.runtime.local import local_ports


def worker_on(estate: Path, store: Path, held: timedelta) -> Worker:
    """Return a worker whose leases and messages last so long."""
    ports = local_ports(estate, store)
    if not isinstance(ports.queue, SqliteWorkQueue):
        raise TypeError("the local queue is another one now")
    ports = replace(ports, queue=replace(ports.queue, visibility=held))
    runtime = assemble(ports, load_catalogue())
    looks = replace(runtime.looks, lease=held)
    sweeps = replace(runtime.sweeps, looks=looks)
    return replace(runtime.worker, look=looks.look, sweep_look=sweeps.look, give_up=sweeps.give_up)


def tell(report: LookReport) -> None:
    """Tell of a look."""
    print(report.status, report.root.key, flush=True)  # noqa: T201 - whoever started it listens


async def main(estate: str, store: str, seconds: str) -> None:
    """Work until nothing is due."""
    worker = worker_on(Path(estate), Path(store), timedelta(seconds=float(seconds)))
    print("ready", flush=True)  # noqa: T201 - see above
    sys.stdin.readline()
    await worker.drain(WorkReport(), on_look=tell)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
