"""How Azure's clients are made and called here: bounded, and without tries of their own.

The delivery alone tries again. azure-core's policy would sleep for a Retry-After of any length,
while the lease of the sink runs out.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import AioHttpTransport

from shared.adapters.outbound import OutboundError
from shared.adapters.sinks.azure_failures import failure_of
from shared.ports import BusyError, Clock

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenProvider

CONNECT_SECONDS = 5
READ_SECONDS = 10
LONGEST = timedelta(seconds=20)
"""How long one call may take with its token: the lease of a sink is 30 seconds."""


@dataclass(frozen=True, slots=True)
class AzureCalls:
    """What calls to one service need.

    `open_session` opens a session to it, inside the event loop; the client that gets it closes it.
    Whoever made the credential closes that.
    """

    credential: "AsyncTokenProvider"
    open_session: Callable[[], aiohttp.ClientSession]
    clock: Clock
    longest: timedelta = LONGEST

    def client_options(self) -> dict[str, Any]:
        """Return the keyword arguments for any client; inside the event loop.

        Raises:
            OutboundError: the session cannot be opened as connections are set.
        """
        return {
            "credential": self.credential,
            "transport": AioHttpTransport(
                session=self.open_session(),
                connection_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
            ),
            "retry_total": 0,
            "permit_redirects": False,
        }

    @asynccontextmanager
    async def calling(self, where: str) -> AsyncIterator[None]:
        """Call a client inside of this block.

        Raises:
            BusyError: call again later.
            RefusedError: what was sent will never be taken.
        """
        seconds = self.longest.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as error:
            raise BusyError(f"{where} did not answer in {seconds:g} s") from error
        except OutboundError as error:
            raise BusyError(f"nothing was sent to {where}: {error}") from error
        except AzureError as error:
            raise failure_of(error, where, self.clock.now()) from error
