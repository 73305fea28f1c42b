"""Workers that are killed by SIGKILL, each at another moment, and those who come after them.

    python -m tests.integration.functions_host.killed_process < ACCOUNTS

ACCOUNTS are storage accounts of Azurite as lines of JSON (the addresses of blobs, queues, tables).
On the n-th of them a process takes an event in and works it off, and is killed at its n-th port
call; after all of them are dead, this one does the same, since Event Grid and the queue deliver
again. Prints a line of JSON an account: whether it was killed, and what is recorded there.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from shared.adapters.azure.storage.clients import StorageAccount
from shared.adapters.azure.storage.queues import StorageWorkQueue
from shared.adapters.system_clock import SystemClock
from shared.ports import WORK, TransitionQuery
from shared.runtime.app import App, AppPorts
from tests.arm import account, deployment
from tests.azurite_server import clients
from tests.fakes import Interrupted, MemoryInventory, Switch
from tests.integration.functions_host.app_in_process import PresentClock, app_on, work_off
from tests.worlds import write_event

SHORT = timedelta(seconds=1)
"""How long a lease and a message are in dead hands here."""
PORTS = ("inventory", "snapshots", "findings", "ledger", "queue", "aside")


class Deadly(Switch):
    """Kills the process itself."""

    async def moment(self) -> None:
        """Pass the moment, if it is not the last."""
        if self.moments == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.moments += 1


def opened(
    storage: StorageAccount, kill_at: int | None
) -> tuple[App, Callable[[], Awaitable[None]]]:
    """Return the app as one process has it, and what closes it."""
    held = clients(storage)
    inventory = MemoryInventory(PresentClock())
    inventory.put(account(), deployment())
    switch = Deadly(kill_at=kill_at)

    def interrupted(app: AppPorts) -> AppPorts:
        queue = StorageWorkQueue(held, SystemClock(), visibility=SHORT)
        ports = replace(app.ports, queue=queue)
        seen = {name: Interrupted(getattr(ports, name), switch) for name in PORTS}
        received = Interrupted(app.received, switch)
        return replace(app, ports=replace(ports, **seen), received=received)

    app = app_on(held, inventory, interrupted)
    looks = replace(app.runtime.looks, lease=SHORT)
    worker = replace(app.runtime.worker, look=looks.look)
    return replace(app, deliveries=replace(app.deliveries, worker=worker)), held.close


async def work(app: App) -> None:
    """Take an event in, as `resource_changed` and the host do, and work off what follows."""
    await app.intake.accept([write_event(account().id, correlationId="c1")])
    await work_off(app)


async def die(storage: StorageAccount, kill_at: int) -> None:
    """Work, and be killed at this moment, if it comes."""
    app, close = opened(storage, kill_at)
    await work(app)
    await close()


async def come_after(storage: StorageAccount) -> dict[str, object]:
    """Work where another was killed; return what is recorded then."""
    app, close = opened(storage, None)
    await work(app)
    findings, queue = app.runtime.ports.findings, app.runtime.ports.queue
    told = await findings.transitions(TransitionQuery(alerts_only=False))
    alerts = await findings.undelivered("teams", 1000)
    waiting = [name for name in WORK if await queue.next_due(name)]
    found = await findings.findings(account().id.key)
    await close()
    return {
        "transitions": sorted(f"{each.kind} {each.control} {each.resource_id}" for each in told),
        "alerts": sorted(f"{each.control} {each.resource_id}" for each in alerts),
        "findings": sorted(found),
        "waiting": waiting,
    }


def forked(storage: StorageAccount, kill_at: int) -> int:
    """Let a process of its own die; return its number."""
    number = os.fork()
    if number == 0:
        try:
            asyncio.run(die(storage, kill_at))
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - told, and the process is over
            print(repr(error), file=sys.stderr)  # noqa: T201 - whoever started it listens
            os._exit(1)
    return number


async def all_after(accounts: list[StorageAccount]) -> list[dict[str, object]]:
    """Come after all who were killed."""
    return await asyncio.gather(*map(come_after, accounts))


def main() -> None:
    """Kill some, come after them, and tell what is recorded."""
    accounts = [StorageAccount(*json.loads(line)) for line in sys.stdin]
    # Only before each call: after one, nothing that lasts happens before the next.
    children = [forked(each, 2 * call) for call, each in enumerate(accounts)]
    ended = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in children]
    for killed, found in zip(ended, asyncio.run(all_after(accounts)), strict=True):
        print(json.dumps({"killed": killed} | found), flush=True)  # noqa: T201 - the same


if __name__ == "__main__":
    main()
