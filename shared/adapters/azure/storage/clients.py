"""The clients of one storage account: blobs, queues and tables over one set of connections."""

import random
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from azure.core.credentials import AzureNamedKeyCredential
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline import AsyncPipeline
from azure.core.pipeline.policies import AsyncBearerTokenCredentialPolicy, AsyncRetryPolicy
from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables.aio import TableServiceClient
from azure.storage.blob.aio import BlobServiceClient, LinearRetry
from azure.storage.queue.aio import QueueServiceClient

from shared.adapters.azure.cloud import Cloud
from shared.adapters.azure.session import open_session
from shared.adapters.azure.storage.direct import USER_AGENT, Pipeline
from shared.adapters.azure.storage.service_clock import ServiceClock
from shared.adapters.azure.storage.shared_key import SharedKeyPolicy, TableKeyPolicy

RETRIES = 3
"""Within a call; whoever needs more patience puts the work back on its queue."""
LONGEST_WAIT = 1.0
"""Seconds between two tries."""
CONNECT_SECONDS = 5
READ_SECONDS = 20
_DIRECT_RETRIES: dict[str, Any] = {
    "retry_total": RETRIES,
    "retry_backoff_factor": LONGEST_WAIT / 4,
    "retry_backoff_max": LONGEST_WAIT,
}


@dataclass(frozen=True, slots=True)
class StorageAccount:
    """Where the services of a storage account are: `https://<account>.blob.core.windows.net`."""

    blob: str
    queue: str
    table: str


class StorageClients:
    """Makes each client when it is first asked for, inside the event loop that it serves.

    Args:
        account: where the services are.
        credential: the identity of the monitor; a key is for the emulator alone.
        cloud: whom to trust, and what tokens are for.
        clock: learns the service's time from every answer.

    """

    def __init__(
        self,
        account: StorageAccount,
        credential: AsyncTokenCredential | AzureNamedKeyCredential,
        cloud: Cloud,
        clock: ServiceClock | None = None,
    ) -> None:
        self.account = account
        self._clock = clock
        self._credential = credential
        self._cloud = cloud
        self._transport: AioHttpTransport | None = None

    async def __aenter__(self) -> Self:
        """Connections are opened when they are needed."""
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Close the connections."""
        await self.close()

    @cached_property
    def blobs(self) -> BlobServiceClient:
        """The client of the blobs."""
        return BlobServiceClient(self.account.blob, self._credential, **self._options)

    @cached_property
    def queues(self) -> QueueServiceClient:
        """The client of the queues; texts go over it as they are."""
        return QueueServiceClient(self.account.queue, self._credential, **self._options)

    @cached_property
    def tables(self) -> TableServiceClient:
        """The client of the tables."""
        options = {name: each for name, each in self._options.items() if name != "retry_policy"}
        options |= _DIRECT_RETRIES
        return TableServiceClient(self.account.table, credential=self._credential, **options)

    @cached_property
    def direct(self) -> Pipeline:
        """The way of requests to blobs and queues that are made without their clients."""
        return self._pipeline(SharedKeyPolicy)

    @cached_property
    def direct_to_tables(self) -> Pipeline:
        """The way of requests to tables that are made without their client."""
        return self._pipeline(TableKeyPolicy)

    def _pipeline(self, signing: type[SharedKeyPolicy]) -> Pipeline:
        """Return a way of requests that retries them and proves who asks."""
        proof = (
            signing(self._credential)
            if isinstance(self._credential, AzureNamedKeyCredential)
            else AsyncBearerTokenCredentialPolicy(
                self._credential, f"{self._cloud.storage_audience}/.default"
            )
        )
        retry = AsyncRetryPolicy(**_DIRECT_RETRIES)
        return AsyncPipeline(self._options["transport"], [retry, proof])

    async def close(self) -> None:
        """Close the connections; the credential is closed by whoever made it."""
        if self._transport is not None:
            await self._transport.close()

    @cached_property
    def _options(self) -> dict[str, Any]:
        """What every client is made with."""
        # Stated here: the SDK's clients leave a transport that they are given as it is.
        self._transport = _BriefTransport(
            self._clock,
            session=open_session(self._cloud, self.account.blob),
            connection_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
        )
        return {
            "transport": self._transport,
            "audience": self._cloud.storage_audience,
            "retry_policy": _BriefRetry(retry_total=RETRIES),
            "user_agent": USER_AGENT,
        }


class _BriefTransport(AioHttpTransport):  # type: ignore[misc] # exported without types
    """Leaves out how long a busy service wants to be left alone (`Retry-After`).

    The SDK would sleep as long, be it minutes. Tells a clock when the service answered.
    """

    def __init__(self, clock: ServiceClock | None, **options: Any) -> None:  # noqa: ANN401 - as in the SDK
        super().__init__(**options)
        self._clock = clock

    async def send(self, request: Any, **options: Any) -> Any:  # noqa: ANN401 - as in the SDK
        """Send a request."""
        sent = None if self._clock is None else self._clock.own.now()
        response = await super().send(request, **options)
        if self._clock is not None and sent is not None:
            self._clock.answered(response.headers.get("Date"), sent, self._clock.own.now())
        response.headers.pop("Retry-After", None)
        return response


class _BriefRetry(LinearRetry):
    """Tries again soon, then a little later; an outage is waited for on the queue."""

    def get_backoff_time(self, settings: dict[str, Any]) -> float:
        """Return how many seconds to wait; at random, so that workers do not come back together."""
        longest = min(LONGEST_WAIT, LONGEST_WAIT / 8 * 2 ** int(settings["count"]))
        return random.uniform(longest / 2, longest)  # noqa: S311 - keeps nothing secret
