"""The local Azure in a process of its own; see `--help`."""

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from pathlib import Path

from tests.local_azure.seeding import folder_bodies, generated
from tests.local_azure.server import LocalAzure


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.local_azure",
        description="Prints the product's environment as one line of JSON when it is ready, and "
        "stops when standard input closes or on SIGTERM.",
    )
    parser.add_argument("--estate", type=Path, help="folder of ARM JSON")
    parser.add_argument("--accounts", type=int, default=0, help="accounts of a generated estate")
    parser.add_argument("--deployments", type=int, default=10, help="deployments of each of them")
    parser.add_argument(
        "--latency", type=float, default=0.0, help="milliseconds before ARM answers"
    )
    parser.add_argument("--quota", action="store_true", help="Azure's quotas are in force")
    parser.add_argument(
        "--action", action="append", help="an ARM action that is granted; without any, all are"
    )
    return parser.parse_args()


async def _serve(given: argparse.Namespace) -> None:
    """Serve until told to stop."""
    actions = None if given.action is None else frozenset(given.action)
    azure = LocalAzure(actions=actions, latency=given.latency / 1000, quota=given.quota)
    if given.estate is not None:
        azure.seed(folder_bodies(given.estate))
    azure.seed(generated(given.accounts, given.deployments))
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # A thread, and not the loop's own reader, which takes no /dev/null and no file.
    threading.Thread(target=_wait_for_end, args=(loop, stop), daemon=True).start()
    async with azure:
        told = {**azure.environment, "LOCAL_AZURE_CONTROL": azure.control}
        print(json.dumps(told), flush=True)  # noqa: T201 - whoever started it waits for this line
        await stop.wait()


def _wait_for_end(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Wait until standard input is closed, and say so."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    loop.call_soon_threadsafe(stop.set)


if __name__ == "__main__":
    asyncio.run(_serve(_arguments()))
