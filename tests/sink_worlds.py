"""Azure's sinks and webhooks on loopback, for tests; each with the real client."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from unittest import mock

from shared.adapters.azure.cloud import Cloud, custom_cloud
from shared.adapters.azure.credential import Tokens, credential_of
from shared.adapters.azure.session import open_session
from shared.adapters.formats.ocsf import compliance_finding_of_alert
from shared.adapters.formats.product import Producer
from shared.adapters.sinks.azure_calls import LONGEST as LONGEST_CALL
from shared.adapters.sinks.azure_calls import AzureCalls
from shared.adapters.sinks.connections import Connections
from shared.adapters.sinks.endpoint import LONGEST, Endpoint
from shared.adapters.sinks.event_grid import EventGridTopic
from shared.adapters.sinks.log_analytics import Collection, LogAnalytics, LogIngestion
from shared.adapters.sinks.log_tables import stream_declarations
from shared.adapters.sinks.secret_address import SecretAddress
from shared.adapters.system_clock import SystemClock
from shared.ports import Clock
from tests.local_azure.event_grid import PATH, EventGridTopicService
from tests.local_azure.exchange import Service
from tests.local_azure.log_ingestion import AUDIENCE, RULE, LogIngestionService
from tests.local_azure.server import LocalAzure
from tests.local_azure.webhooks import Webhooks

PRODUCER = Producer("0.0.0-test")


@dataclass(frozen=True, slots=True)
class LogsWorld:
    """A data collection rule, the client that writes to it, and the sink on that."""

    azure: LocalAzure
    service: LogIngestionService
    ingestion: LogIngestion
    sink: LogAnalytics


@dataclass(frozen=True, slots=True)
class TopicWorld:
    """A topic of Event Grid, and the sink that publishes to it."""

    azure: LocalAzure
    service: EventGridTopicService
    sink: EventGridTopic


@asynccontextmanager
async def _azure(service: Service) -> AsyncIterator[tuple[LocalAzure, Cloud, Tokens]]:
    """Run a local Azure with a service, and sign in."""
    async with LocalAzure(services=[service]) as azure:
        said = azure.environment
        cloud = custom_cloud(azure.arm.endpoint, ca_file=Path(said["COMPLIANCE_CA_FILE"]))
        # The credential finds its endpoint in the environment, and reads it once.
        with mock.patch.dict(os.environ, said):
            credential = credential_of(cloud)
        async with Tokens(credential, SystemClock()) as tokens:
            yield azure, cloud, tokens


@asynccontextmanager
async def running_logs(
    clock: Clock | None = None,
    *,
    audience: str = AUDIENCE,
    rule: str = RULE,
    longest: timedelta = LONGEST_CALL,
) -> AsyncIterator[LogsWorld]:
    """Run a data collection rule; `audience` and `rule` are what the sink takes them for."""
    service, clock = LogIngestionService(stream_declarations()), clock or SystemClock()
    async with _azure(service) as (azure, cloud, tokens), AsyncExitStack() as stack:
        endpoint = azure.arm.endpoint
        calls = AzureCalls(tokens, lambda: open_session(cloud, endpoint), clock, longest)
        ingestion = LogIngestion(Collection(endpoint, rule, audience), calls)
        stack.push_async_callback(ingestion.close)
        yield LogsWorld(azure, service, ingestion, LogAnalytics(ingestion))


@asynccontextmanager
async def running_topic(
    clock: Clock | None = None, *, longest: timedelta = LONGEST_CALL
) -> AsyncIterator[TopicWorld]:
    """Run a topic."""
    service, clock = EventGridTopicService(), clock or SystemClock()
    async with _azure(service) as (azure, cloud, tokens), AsyncExitStack() as stack:
        endpoint = azure.arm.endpoint
        calls = AzureCalls(tokens, lambda: open_session(cloud, endpoint), clock, longest)
        sink = EventGridTopic(
            endpoint + PATH,
            calls,
            lambda alert: compliance_finding_of_alert(alert, None, PRODUCER),
        )
        stack.push_async_callback(sink.close)
        yield TopicWorld(azure, service, sink)


@dataclass(frozen=True, slots=True)
class HookWorld:
    """A receiver of webhooks, and what the sinks that post to it share."""

    hooks: Webhooks
    connections: Connections
    clock: Clock

    def endpoint(self, path: str = "/hook", longest: float = LONGEST.total_seconds()) -> Endpoint:
        """Return the endpoint at a path; `longest` is in seconds."""
        address = SecretAddress.parse(self.hooks.url(path))
        return Endpoint(address, self.connections, self.clock, longest=timedelta(seconds=longest))


@asynccontextmanager
async def running_hooks(clock: Clock | None = None) -> AsyncIterator[HookWorld]:
    """Run a receiver of webhooks."""
    connections = Connections()
    async with Webhooks() as hooks:
        try:
            yield HookWorld(hooks, connections, clock or SystemClock())
        finally:
            await connections.close()
