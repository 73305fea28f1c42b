"""The app in a small Azure: the local Azure in a thread of its own, and a storage account.

The thread lets a test wait for the process of the app while the local Azure answers it.
"""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from shared.adapters.azure.cloud import CLOUDS
from shared.adapters.azure.storage.clients import StorageAccount, StorageClients
from shared.adapters.sinks.log_tables import stream_declarations
from shared.adapters.system_clock import SystemClock
from shared.runtime.app import AppPorts
from shared.runtime.azure_app import app_ports_on
from tests.azurite_server import Azurite, BearerTokens
from tests.fakes import FakeClock, MemoryInventory
from tests.integration.functions_host.host import Answer, FunctionsHost
from tests.local_azure.exchange import Service
from tests.local_azure.log_analytics import LogAnalytics
from tests.local_azure.log_ingestion import AUDIENCE, RULE, LogIngestionService
from tests.local_azure.server import LOGS_AUDIENCE, LocalAzure

WORKSPACE = "0e000000-0000-0000-0000-000000000001"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cloud:
    """What runs for a whole module: ARM with a workspace, and Azurite; `ca_file` is for both."""

    azure: LocalAzure
    logs: LogAnalytics
    ingestion: LogIngestionService
    azurite: Azurite
    ca_file: Path


@contextmanager
def running_cloud(azurite: Azurite, folder: Path, *services: Service) -> Iterator[Cloud]:
    """Run the local Azure, with further services, beside an Azurite that takes tokens."""
    logs = LogAnalytics(WORKSPACE, LOGS_AUDIENCE)
    ingestion = LogIngestionService(stream_declarations())
    with ExitStack() as stack:
        stack.callback(logs.close)
        azure = stack.enter_context(_threaded(LocalAzure(services=[logs, ingestion, *services])))
        assert azurite.ca_file is not None
        told = azure.environment
        authorities = [azurite.ca_file, Path(told["COMPLIANCE_CA_FILE"])]
        ca_file = folder / "both.pem"
        ca_file.write_text("".join(each.read_text("ascii") for each in authorities), "ascii")
        yield Cloud(azure, logs, ingestion, azurite, ca_file)


@contextmanager
def _threaded(azure: LocalAzure) -> Iterator[LocalAzure]:
    """Run it in an event loop of its own."""
    started, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with azure:
            started.set()
            await stop.wait()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert started.wait(10)
        yield azure
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


@dataclass
class World:
    """A storage account of its own in a cloud, and the settings of an app that lives there."""

    cloud: Cloud
    stderr: Path
    account: StorageAccount = field(init=False)
    settings: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.account = self.cloud.azurite.account()
        self.settings = {
            **self.cloud.azure.environment,
            "COMPLIANCE_CA_FILE": str(self.cloud.ca_file),
            "COMPLIANCE_BACKEND__KIND": "azure",
            "COMPLIANCE_BACKEND__BLOB_ENDPOINT": self.account.blob,
            "COMPLIANCE_BACKEND__QUEUE_ENDPOINT": self.account.queue,
            "COMPLIANCE_BACKEND__TABLE_ENDPOINT": self.account.table,
            "COMPLIANCE_WORKSPACE_ID": WORKSPACE,
        }

    def with_log_tables(self) -> None:
        """Let the app write to Log Analytics."""
        self.settings |= {
            "COMPLIANCE_SINKS__LOG_ANALYTICS__ENDPOINT": self.cloud.azure.arm.endpoint,
            "COMPLIANCE_SINKS__LOG_ANALYTICS__RULE_ID": RULE,
            "COMPLIANCE_SINKS__LOG_ANALYTICS__AUDIENCE": AUDIENCE,
        }

    def host(self) -> FunctionsHost:
        """Start an app."""
        return FunctionsHost(self.stderr, self.settings)

    def clients(self) -> StorageClients:
        """Return clients of the account, for whoever looks at what the app has done."""
        trusting = replace(CLOUDS["public"], ca_file=self.cloud.ca_file)
        return StorageClients(self.account, BearerTokens(), trusting)

    def see(self, look: Callable[[AppPorts], Awaitable[T]]) -> T:
        """Look at what the app has stored."""

        async def seen() -> T:
            async with self.clients() as clients:
                inventory = MemoryInventory(FakeClock())
                return await look(app_ports_on(clients, inventory, SystemClock()))

        return asyncio.run(seen())


def done(answer: Answer) -> Answer:
    """Return the answer of an invocation that succeeded."""
    assert answer.failure is None, answer.failure
    return answer


def text_of(body: object) -> str:
    """Return JSON as a trigger hands it over."""
    return json.dumps(body)
