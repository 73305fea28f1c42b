"""The app on an account of Azurite, in the process of the test, called as by the host."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.system_clock import SystemClock
from shared.pipeline.look import LookReport
from shared.pipeline.put_back import PutBack
from shared.ports import WORK, Inventory
from shared.runtime.app import App, AppPorts, assemble_app
from shared.runtime.azure_app import app_ports_on
from tests.arm import SUBSCRIPTION
from tests.fakes import FakeClock
from tests.worlds import CATALOGUE

Outcome = LookReport | PutBack | None


class PresentClock(FakeClock):
    """The machine's clock, for a fake that is to live in the present."""

    def now(self) -> datetime:
        """Return the time."""
        return SystemClock().now()


def app_on(
    clients: StorageClients,
    inventory: Inventory,
    change: Callable[[AppPorts], AppPorts] = lambda ports: ports,
) -> App:
    """Return an app with any inventory; `change` may put something in between."""
    ports = change(app_ports_on(clients, inventory, SystemClock()))
    return assemble_app(ports, CATALOGUE, frozenset({SUBSCRIPTION}), timedelta(days=400))


async def work_off(
    app: App,
    *,
    at_once: int = 1,
    patience: float = 30.0,
    until: Callable[[Outcome], bool] = lambda _: False,
) -> list[Outcome]:
    """Do what the host does with both queues until they are empty; failures are raised.

    `until` tells an outcome with which it is enough.
    """
    outcomes: list[Outcome] = []

    async def one_by_one() -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        while loop.time() < deadline:
            for name in WORK:
                taken = await app.runtime.ports.queue.take(name)
                if taken is not None:
                    outcomes.append(await app.deliveries.handle(name, taken.text))
                    await app.runtime.ports.queue.done(name, taken)
                    if until(outcomes[-1]):
                        return
                    break
            else:
                if not [name for name in WORK if await app.runtime.ports.queue.next_due(name)]:
                    return
                await app.runtime.ports.clock.sleep(timedelta(milliseconds=100))

    await asyncio.gather(*(one_by_one() for _ in range(at_once)))
    return outcomes
