"""Connections to webhooks: one session a process, kept open between alerts."""

from pathlib import Path

import aiohttp

from shared.adapters.formats.product import NAME
from shared.adapters.outbound import tls_context

CONNECTIONS = 16
"""How many at once, over all webhooks."""
KEEP_ALIVE = 60.0
"""Seconds that an idle connection is kept; a storm comes within a minute."""


class Connections:
    """The session of all webhooks, opened at the first use, inside the event loop of that use.

    `ca_file` is a PEM file to trust in place of the system's store. TLS is always verified.
    """

    def __init__(self, ca_file: Path | None = None) -> None:
        self._ca_file = ca_file
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        """Return the session.

        Raises:
            OutboundError: the CA file cannot be used.
        """
        if self._session is None or self._session.closed:
            tls = tls_context(self._ca_file)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=CONNECTIONS, keepalive_timeout=KEEP_ALIVE, ssl=tls
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                # An answer is never unpacked: a small one could become a huge one.
                auto_decompress=False,
                headers={"User-Agent": NAME, "Accept-Encoding": "identity"},
            )
        return self._session

    async def close(self) -> None:
        """Close the session, if there is one; the next use opens another."""
        if self._session is not None:
            await self._session.close()
