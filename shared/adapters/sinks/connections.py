"""Connections to webhooks: one session a process, kept open between alerts."""

import ssl
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from shared.adapters.formats.product import NAME

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
            OSError: the CA file cannot be used.
        """
        if self._session is None or self._session.closed:
            tls = ssl.create_default_context(cafile=self._ca_file)
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


def proxy_for(url: str) -> str | None:
    """Return the proxy through which the environment has an address reached, if any.

    Looked up once for each address: aiohttp's `trust_env` would read the environment, and a file of
    passwords, for each request.
    """
    parts = urlsplit(url)
    return None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)
