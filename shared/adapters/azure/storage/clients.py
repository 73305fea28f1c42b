"""The clients of one storage account: blobs, queues and tables over one set of connections."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from azure.core.credentials import AzureNamedKeyCredential
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline import AsyncPipeline
from azure.core.pipeline.policies import (
    AsyncBearerTokenCredentialPolicy,
    AsyncRetryPolicy,
    SansIOHTTPPolicy,
)
from azure.core.pipeline.transport import AioHttpTransport, AsyncHttpResponse, HttpRequest

from shared.adapters.azure.cloud import Cloud
from shared.adapters.azure.session import open_session
from shared.adapters.azure.storage.direct import USER_AGENT, Pipeline
from shared.adapters.azure.storage.service_clock import ServiceClock

if TYPE_CHECKING:
    from azure.data.tables.aio import TableServiceClient
    from azure.storage.blob.aio import BlobServiceClient
    from azure.storage.queue.aio import QueueServiceClient

RETRIES = 3
"""Within a call; whoever needs more patience puts the work back on its queue."""
LONGEST_WAIT = 1.0
"""Seconds between two tries."""
CONNECT_SECONDS = 5
READ_SECONDS = 20
_RETRIES: dict[str, Any] = {
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


Signer = SansIOHTTPPolicy[HttpRequest, AsyncHttpResponse]


@dataclass(frozen=True, slots=True)
class Signing:
    """How requests to an emulator are signed with the key of its account. In Azure nothing is."""

    key: AzureNamedKeyCredential
    tables: Signer
    others: Signer


class StorageClients:
    """Makes each client when it is first asked for, inside the event loop that it serves.

    Taking in an event needs none: the SDK's libraries, which cost a start 50 ms and more, are
    imported with the first client of theirs.

    Args:
        account: where the services are.
        credential: the identity of the monitor; to sign is for an emulator alone.
        cloud: whom to trust, and what tokens are for.
        clock: learns the service's time from every answer.

    """

    def __init__(
        self,
        account: StorageAccount,
        credential: AsyncTokenCredential | Signing,
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

        return BlobServiceClient(self.account.blob, self._known_by, **self._retried)

    @cached_property
    def queues(self) -> "QueueServiceClient":
        """The client of the queues; texts go over it as they are."""
        from azure.storage.queue.aio import QueueServiceClient  # noqa: PLC0415 - see the class

        return QueueServiceClient(self.account.queue, self._known_by, **self._retried)

    @cached_property
    def tables(self) -> "TableServiceClient":
        """The client of the tables."""
        from azure.data.tables.aio import TableServiceClient  # noqa: PLC0415 - see the class

        return TableServiceClient(
            self.account.table, credential=self._known_by, **self._options, **_RETRIES
        )

    @cached_property
    def direct(self) -> Pipeline:
        """The way of requests to blobs and queues that are made without their clients."""
        signing = self._credential
        return self._pipeline(signing.others if isinstance(signing, Signing) else None)

    @cached_property
    def direct_to_tables(self) -> Pipeline:
        """The way of requests to tables that are made without their client."""
        signing = self._credential
        return self._pipeline(signing.tables if isinstance(signing, Signing) else None)

    def _pipeline(self, signed: Signer | None) -> Pipeline:
        """Return a way of requests that retries them and proves who asks."""
        proof = signed or AsyncBearerTokenCredentialPolicy(
            self._known_by, f"{self._cloud.storage_audience}/.default"
        )
        return AsyncPipeline(self._options["transport"], [AsyncRetryPolicy(**_RETRIES), proof])

    @property
    def _known_by(self) -> Any:  # noqa: ANN401 - as the SDK's clients take it
        """What the SDK's clients prove with who asks."""
        return self._credential.key if isinstance(self._credential, Signing) else self._credential

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
