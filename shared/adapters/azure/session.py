"""Connections to one of a cloud's services, kept open between events."""

import aiohttp

from shared.adapters.azure.cloud import Cloud
from shared.adapters.outbound import proxy_for

CONNECTIONS = 64
"""How many at once."""
KEEP_ALIVE = 220.0
"""Seconds that an idle connection is kept: Azure's load balancers drop it after 240."""


def open_session(cloud: Cloud, endpoint: str) -> aiohttp.ClientSession:
    """Open a session for the requests to one endpoint; inside the running event loop.

    Trust is set here and not by azure-core's `connection_verify=<file>`: that makes a new TLS
    context for every request, with which aiohttp never uses a connection twice.

    Raises:
        OutboundError: the cloud's CA file, or the proxy of the environment, cannot be used.
    """
    proxy = proxy_for(endpoint)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE, ssl=cloud.tls()
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=proxy,
    )
