"""Outages of the storage and of ARM, and storms: nothing becomes poison, and nothing is lost."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.azure.cloud import custom_cloud
from shared.adapters.azure.estate import AzureEstate, Reader
from shared.adapters.system_clock import SystemClock
from shared.domain.finding import TransitionKind
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.pipeline.look import LookReport, LookStatus
from shared.pipeline.put_back import PutBack
from shared.ports import Inventory, PortError, QueueName, TransitionQuery, WorkQueue
from shared.runtime.app import App
from shared.runtime.azure_app import PACES
from tests.arm import ACCOUNT_ID, account, deployment
from tests.azurite_server import Azurite, clients
from tests.fakes import MemoryInventory
from tests.integration.functions_host.app_in_process import (
    Outcome,
    PresentClock,
    app_on,
    work_off,
)
from tests.integration.storage.faulty_proxy import FaultyProxy, faulty
from tests.local_azure.server import LocalAzure
from tests.worlds import write_event

ROOT = account().id
OPEN_TO_KEYS = f"identity.local_auth_disabled {ROOT.key}"
LOOKS = QueueName.LOOKS


@dataclass
class Hasty:
    """The way onto a queue, whose delays are told and not waited for."""

    queue: WorkQueue
    delays: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    async def put(
        self, queue: QueueName, texts: Sequence[str], *, delay: timedelta = timedelta(0)
    ) -> None:
        """Add messages at once."""
        await self.queue.put(queue, texts)
        self.delays.append(delay.total_seconds())
        self.texts += texts


@dataclass
class Stage:
    """An app, with a proxy before each service of its storage."""

    app: App
    proxies: dict[str, FaultyProxy]
    hasty: Hasty

    def down(self, *services: str) -> None:
        """Take these services down, and bring up the others."""
        for name, proxy in self.proxies.items():
            proxy.down = name in services

    async def deliver(self) -> Outcome:
        """Take the next message of events and hand it to the app, as the host does."""
        queue = self.app.runtime.ports.queue
        taken = await queue.take(LOOKS)
        assert taken is not None
        outcome = await self.app.deliveries.handle(LOOKS, taken.text)
        await queue.done(LOOKS, taken)
        return outcome


@asynccontextmanager
async def staged(azurite: Azurite, inventory: Inventory) -> AsyncIterator[Stage]:
    """Open an app on an account of its own."""
    async with AsyncExitStack() as stack:
        account, proxies = azurite.account(), {}
        for service in ("blob", "queue", "table"):
            account, proxy = await stack.enter_async_context(faulty(account, service))
            proxies[service] = proxy
        held = await stack.enter_async_context(clients(account))
        app = app_on(held, inventory)
        hasty = Hasty(app.runtime.ports.queue)
        deliveries = replace(app.deliveries, queue=hasty)  # type: ignore[arg-type] # only puts
        yield Stage(replace(app, deliveries=deliveries), proxies, hasty)


def memory(*resources: Resource) -> MemoryInventory:
    """Return an estate of the present."""
    inventory = MemoryInventory(PresentClock())
    inventory.put(*resources)
    return inventory


async def told(app: App) -> Counter[str]:
    """Count what is recorded, by kind, control and resource."""
    history = await app.runtime.ports.findings.transitions(TransitionQuery(alerts_only=False))
    return Counter(f"{each.kind} {each.control} {each.resource_id}" for each in history)


@pytest.mark.parametrize("services", [("table",), ("blob",)])
async def test_an_outage_of_storage_puts_a_message_back_later_each_time(
    azurite: Azurite, services: tuple[str, ...]
) -> None:
    """No invocation fails, so nothing becomes poison; afterwards it is found, once."""
    async with staged(azurite, memory(account(), deployment())) as stage:
        await stage.app.intake.accept([write_event(ROOT)])
        stage.down(*services)
        outcomes = [await stage.deliver() for _ in range(2)]
        stage.down()
        looked = await stage.deliver()
        await work_off(stage.app)

        assert all(isinstance(each, PutBack) for each in outcomes)
        assert stage.hasty.delays == [2, 4]
        assert isinstance(looked, LookReport)
        assert looked.status is LookStatus.LOOKED
        assert OPEN_TO_KEYS in await stage.app.runtime.ports.findings.findings(ROOT.key)
        assert set((await told(stage.app)).values()) == {1}


async def test_where_even_the_queue_is_down_the_function_fails(azurite: Azurite) -> None:
    """The host shows the message again; an event is delivered again by Event Grid."""
    async with staged(azurite, memory(account())) as stage:
        await stage.app.intake.accept([write_event(ROOT)])
        text = await stage.app.runtime.ports.queue.take(LOOKS)
        assert text is not None
        stage.down("table", "blob", "queue")
        with pytest.raises(PortError, match="busy or down"):
            await stage.app.deliveries.handle(LOOKS, text.text)
        stage.down()
        assert isinstance(await stage.app.deliveries.handle(LOOKS, text.text), LookReport)


def is_read_whole(outcome: Outcome) -> bool:
    """Whether a look has read everything of the account."""
    return (
        isinstance(outcome, LookReport)
        and outcome.root == ROOT
        and outcome.status is LookStatus.LOOKED
        and not outcome.problems
    )


@asynccontextmanager
async def reading(azure: LocalAzure, patch: pytest.MonkeyPatch) -> AsyncIterator[Inventory]:
    """Read a local Azure as the app does."""
    for name, value in azure.environment.items():
        patch.setenv(name, value)
    endpoint = azure.arm.endpoint
    ca_file = Path(azure.environment["COMPLIANCE_CA_FILE"])
    cloud = custom_cloud(endpoint, azure.arm.audience, endpoint, ca_file)
    estate = AzureEstate.open(cloud, SystemClock(), Reader(paces=PACES))
    try:
        yield estate.inventory
    finally:
        await estate.close()


@pytest.mark.parametrize("what", ["arm", "identity"])
async def test_while_arm_is_down_a_look_waits_for_it(
    azurite: Azurite, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """It ends well, says what it could not read, and asks for another try."""
    async with (
        LocalAzure(account(), deployment()) as azure,
        reading(azure, monkeypatch) as inventory,
        staged(azurite, inventory) as stage,
    ):
        await stage.app.intake.accept([write_event(ROOT)])
        if what == "arm":
            azure.fault("/", status=503)
        else:
            azure.identity.is_down = True
        outcome = await stage.deliver()
        retried = await stage.app.runtime.ports.findings.state(ROOT.key)
        azure.faults.clear(None)
        azure.identity.is_down = False
        await work_off(stage.app, until=is_read_whole)

        assert isinstance(outcome, LookReport)
        assert outcome.problems
        assert retried.retry_at is not None
        assert OPEN_TO_KEYS in await stage.app.runtime.ports.findings.findings(ROOT.key)
        assert set((await told(stage.app)).values()) == {1}


async def test_a_storm_of_events_costs_few_looks_and_finds_everything_once(
    azurite: Azurite,
) -> None:
    """Sixty at once, each twice, over three accounts, worked off by six at a time."""
    ids = [ResourceId.parse(f"{ACCOUNT_ID}-{number}") for number in range(3)]
    roots = [replace(account(), id=each, body={**account().body, "id": each.text}) for each in ids]
    async with AsyncExitStack() as stack:
        held = await stack.enter_async_context(clients(azurite.account()))
        app = app_on(held, memory(*roots))
        events = [write_event(ids[number % 3], correlationId=f"c{number}") for number in range(60)]
        await app.intake.accept(events * 2)
        outcomes = await work_off(app, at_once=6, patience=40)
        looks = Counter(each.status for each in outcomes if isinstance(each, LookReport))
        found = await told(app)

        assert len(outcomes) >= 120
        assert looks[LookStatus.LOOKED] <= 3 * (len(roots) + 1)
        assert set(found.values()) == {1}
        opened = f"{TransitionKind.OPENED} identity.local_auth_disabled"
        assert sum(each.startswith(opened) for each in found) == len(roots)
        assert await app.runtime.ports.aside.kept(1) == []
