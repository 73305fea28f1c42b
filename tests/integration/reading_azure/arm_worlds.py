"""The whole pipeline on the local Azure, which it may read with the role's actions alone.

Time is a fake clock's that began now: minutes pass at once. Only azure-identity and the server know
the true time, so a token goes by that.
"""

import os
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

from azure.identity.aio import ManagedIdentityCredential

from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.arm.inventory import ArmInventory
from shared.adapters.azure.arm.quota import Quota
from shared.adapters.azure.arm.retry import Patience
from shared.adapters.azure.arm.role import ACTIONS
from shared.adapters.azure.cloud import custom_cloud
from shared.adapters.azure.credential import Tokens
from shared.adapters.local.database import Database
from shared.domain.finding import FindingState, Transition
from shared.domain.resource import Resource
from shared.domain.root_state import RootState
from shared.domain.topology import Source
from shared.pipeline.work import WorkReport
from shared.ports import Clock, QueueName, TransitionQuery
from shared.runtime.assembly import Ports, Runtime, assemble
from shared.runtime.local import local_stores
from tests.fakes import FakeClock
from tests.local_azure.server import LocalAzure
from tests.worlds import CATALOGUE, SUBSCRIPTION, fold

PATIENCE = Patience(whole=1.0, read=0.3, tries=2, backoff=0.01, longest_wait=0.05)
"""As in Azure, but that nobody waits long for an answer."""
MOST_PAGES = 30
QUEUES = (QueueName.LOOKS, QueueName.SWEEPS)
LONGEST = 40
"""Steps from one message to the next in which the work must be done."""


@dataclass
class ArmWorld:
    """A local Azure, the pipeline on it over a SQLite store, and a clock that moves by hand."""

    azure: LocalAzure
    clock: FakeClock
    ports: Ports
    runtime: Runtime
    database: Database
    running: AsyncExitStack
    told: list[str] = field(default_factory=list)
    """Ids of the transitions that looks recorded, as they told."""

    async def tell(self, *events: object) -> None:
        """Let events arrive."""
        await self.runtime.intake.accept(events)

    async def work(self) -> WorkReport:
        """Work until nothing is due within seconds."""
        report = WorkReport()
        await self.runtime.worker.drain(report)
        self.told += report.transitions
        return report

    async def work_now(self) -> WorkReport:
        """Work off what is due by now, and wait for nothing."""
        report, queue = WorkReport(), self.ports.queue
        for name in QUEUES:
            while (taken := await queue.take(name)) is not None:
                looked = await self.runtime.worker.handle(name, taken.text)
                assert looked is not None
                report.add(looked)
                await queue.done(name, taken)
        self.told += report.transitions
        return report

    async def settle(self) -> None:
        """Let time pass until nothing is left to do: second looks, retries and all."""
        for _ in range(LONGEST):
            await self.work()
            due = [await self.ports.queue.next_due(name) for name in QUEUES]
            left = [each for each in due if each is not None]
            if not left:
                return
            self.clock.advance(max(min(left) - self.clock.now(), timedelta(0)))
        raise AssertionError("the work does not come to an end")

    async def sweep(self, *, deep: bool = True) -> None:
        """Sweep everything, and let time pass until it is done."""
        await self.runtime.sweeps.begin(deep=deep)
        await self.settle()

    async def state(self, root: str) -> RootState:
        """Return what is remembered of a root."""
        return await self.ports.findings.state(root.lower())

    async def unreadable(self, root: str) -> set[Source]:
        """Return the sources of a root that could not be read."""
        return set((await self.state(root)).unreadable)

    async def is_open(self) -> dict[str, str]:
        """Return the open findings: key → message."""
        store = self.ports.findings
        roots = [*await store.roots(SUBSCRIPTION), f"/subscriptions/{SUBSCRIPTION}"]
        found = [await store.findings(each.lower()) for each in roots]
        return {
            key: each.message
            for part in found
            for key, each in part.items()
            if each.state is FindingState.OPEN
        }

    async def history(self) -> list[Transition]:
        """Return the whole history, oldest first."""
        query = TransitionQuery(alerts_only=False)
        return list(await self.ports.findings.transitions(query))[::-1]

    async def check_history(self) -> list[Transition]:
        """See that every transition was recorded once, and that together they say what is open."""
        history = await self.history()
        assert fold(history) == set(await self.is_open())
        ids = [each.id for each in history]
        assert len(ids) == len(set(ids))
        assert len(self.told) == len(set(self.told))
        return history

    async def truth(self) -> dict[str, str]:
        """Return what is open for a monitor that sees Azure for the first time, as it is now."""
        with closing(Database(Path(":memory:"))) as database:
            inventory = _inventory(self.azure, self.clock, Quota(self.clock), self.running)
            ports, runtime = _assembled(inventory, self.clock, database)
            fresh = ArmWorld(self.azure, self.clock, ports, runtime, database, self.running)
            await fresh.sweep()
            return await fresh.is_open()

    def restart(self) -> None:
        """Be another instance of the app, with what the last one remembered in its store."""
        inventory = _inventory(self.azure, self.clock, Quota(self.clock), self.running)
        self.ports, self.runtime = _assembled(inventory, self.clock, self.database)


def _assembled(inventory: ArmInventory, clock: Clock, database: Database) -> tuple[Ports, Runtime]:
    """Put the pipeline together over a store."""
    ports = local_stores(database, inventory, clock)
    return ports, assemble(ports, CATALOGUE, frozenset({SUBSCRIPTION}))


def _inventory(
    azure: LocalAzure, clock: Clock, quota: Quota, running: AsyncExitStack
) -> ArmInventory:
    """Return an inventory that has signed in nowhere yet, and is open until the stack ends."""
    said = azure.environment
    cloud = custom_cloud(
        said["COMPLIANCE_ARM_ENDPOINT"],
        said["COMPLIANCE_ARM_AUDIENCE"],
        said["COMPLIANCE_LOGS_ENDPOINT"],
        Path(said["COMPLIANCE_CA_FILE"]),
    )
    # The credential finds its endpoint in the environment, and reads it once. Its own retries wait
    # by the true time.
    with mock.patch.dict(os.environ, said):
        tokens = Tokens(ManagedIdentityCredential(retry_total=0), clock)
    running.push_async_callback(tokens.close)
    client = ArmClient(cloud, tokens, clock, quota, patience=PATIENCE, most_pages=MOST_PAGES)
    running.push_async_callback(client.close)
    return ArmInventory(client, clock)


@asynccontextmanager
async def arm_world(
    resources: Iterable[Resource | Mapping[str, object]],
    *,
    clock: Clock | None = None,
    quota: Quota | None = None,
) -> AsyncIterator[ArmWorld]:
    """Run a local Azure with these resources, and the pipeline on it."""
    fake = FakeClock()
    fake.advance(datetime.now(UTC) - fake.now())
    used = clock or fake
    async with AsyncExitStack() as running:
        azure = LocalAzure(*resources, actions=frozenset(ACTIONS))
        await running.enter_async_context(azure)
        inventory = _inventory(azure, used, quota or Quota(used), running)
        database = running.enter_context(closing(Database(Path(":memory:"))))
        ports, runtime = _assembled(inventory, used, database)
        yield ArmWorld(azure, fake, ports, runtime, database, running)
