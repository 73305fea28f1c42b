"""The client of the Log Analytics query API."""

from datetime import timedelta
from typing import Final, cast

from azure.core.credentials_async import AsyncTokenCredential, AsyncTokenProvider
from azure.core.pipeline.transport import AioHttpTransport
from azure.monitor.query.aio import LogsQueryClient

from shared.adapters.azure.cloud import Cloud
from shared.adapters.azure.session import open_session

TRIES_AGAIN: Final = 3
CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 75
"""A little more than a query may take there."""
LONGEST_CALL: Final = timedelta(minutes=2)
"""Bound on one call with all its tries: the timer that asks runs every five minutes."""


def logs_client(
    cloud: Cloud,
    credential: AsyncTokenProvider,
    *,
    backoff: timedelta = timedelta(seconds=1),
) -> LogsQueryClient:
    """Return a client of a cloud's query API; inside the event loop that it serves.

    Whoever makes it closes it, and the credential. `backoff` is the first wait between tries,
    doubled with each.

    Raises:
        OSError: the cloud's CA file cannot be used.
    """
    return LogsQueryClient(
        # Its types know only the older of the two kinds; it takes both.
        cast("AsyncTokenCredential", credential),
        endpoint=cloud.logs_endpoint,
        # The client would take it from the endpoint, which a proxy or a private link changes.
        audience=cloud.logs_audience,
        transport=AioHttpTransport(
            session=open_session(cloud, cloud.logs_endpoint),
            connection_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
        ),
        retry_total=TRIES_AGAIN,
        retry_backoff_factor=backoff.total_seconds(),
        timeout=LONGEST_CALL.total_seconds(),
    )
