"""The clients of one storage account: blobs, queues and tables over one set of connections."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from azure.core.credentials import AzureNamedKeyCredential
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables.aio import TableServiceClient

from shared.adapters.azure.cloud import Cloud
from shared.adapters.azure.session import open_session
from shared.adapters.azure.storage.service_clock import ServiceClock

if TYPE_CHECKING:
    from azure.storage.blob.aio import BlobServiceClient
    from azure.storage.queue.aio import QueueServiceClient

USER_AGENT = "ai-compliance-monitor"
RETRIES = 3
"""Within a call; whoever needs more patience puts the work back on its queue."""
LONGEST_WAIT = 1.0
"""Seconds between two tries."""
CONNECT_SECONDS = 5
READ_SECONDS = 20


@dataclass(frozen=True, slots=True)
class StorageAccount:
    """Where the services of a storage account are: `https://<account>.blob.core.windows.net`."""

    blob: str
    queue: str
    table: str


class StorageClients:
    """Makes each client when it is first asked for, inside the event loop that it serves.

    Taking in an event needs tables alone: the libraries of blobs and queues, which cost a start
    50 ms, are imported with the first client of theirs.

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
    def blobs(self) -> "BlobServiceClient":
        """The client of the blobs."""
        from azure.storage.blob.aio import BlobServiceClient  # noqa: PLC0415 - see the class

        return BlobServiceClient(self.account.blob, self._credential, **self._retried)

    @cached_property
    def queues(self) -> "QueueServiceClient":
        """The client of the queues; texts go over it as they are."""
        from azure.storage.queue.aio import QueueServiceClient  # noqa: PLC0415 - see the class

        return QueueServiceClient(self.account.queue, self._credential, **self._retried)

    @cached_property
    def tables(self) -> TableServiceClient:
        """The client of the tables."""
        own: dict[str, Any] = {
            "retry_total": RETRIES,
            "retry_backoff_factor": LONGEST_WAIT / 4,
            "retry_backoff_max": LONGEST_WAIT,
        }
        return TableServiceClient(
            self.account.table, credential=self._credential, **self._options, **own
        )

    async def close(self) -> None:
        """Close the connections; the credential is closed by whoever made it."""
        if self._transport is not None:
            await self._transport.close()

    @cached_property
    def _options(self) -> dict[str, Any]:
        """What every client is made with."""
        self._transport = _BriefTransport(
            self._clock, session=open_session(self._cloud, self.account.blob)
        )
        return {
            "transport": self._transport,
            "audience": self._cloud.storage_audience,
            "connection_timeout": CONNECT_SECONDS,
            "read_timeout": READ_SECONDS,
            "user_agent": USER_AGENT,
        }

    @cached_property
    def _retried(self) -> dict[str, Any]:
        """The same for clients of blobs and queues, which take a policy of retrying."""
        from shared.adapters.azure.storage.brief_retry import (  # noqa: PLC0415 - see the class
            BriefRetry,
        )

        policy = BriefRetry(longest=LONGEST_WAIT, retry_total=RETRIES)
        return {**self._options, "retry_policy": policy}


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
