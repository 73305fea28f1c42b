"""Posting to a webhook: bounded in time and size, and silent about its address."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from http import HTTPStatus

import aiohttp
import yarl

from shared.adapters.outbound import OutboundError, proxy_for
from shared.adapters.retry_after import read_retry_after
from shared.adapters.sinks.answers import LONGEST_WAIT, failure
from shared.adapters.sinks.connections import Connections
from shared.adapters.sinks.secret_address import SecretAddress
from shared.ports import BusyError, Clock, PortError

LONGEST = timedelta(seconds=10)
"""How long a post may take, from connecting to the answer."""
ANSWER_BYTES = 4096
"""So much of an error's body is read, for its code; of a success nothing."""

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,63}")


class Endpoint:
    """A webhook that JSON is posted to."""

    def __init__(
        self,
        address: SecretAddress,
        connections: Connections,
        clock: Clock,
        *,
        longest: timedelta = LONGEST,
    ) -> None:
        self.address = address
        self._connections = connections
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=longest.total_seconds())

    def __repr__(self) -> str:
        return f"Endpoint({self.address!r})"

    @cached_property
    def _proxy(self) -> str | None:
        """The proxy on the way, if there is one; looked up at the first post.

        Raises:
            OutboundError: it cannot be used.
        """
        return None if self.address.is_loopback else proxy_for(self.address.url)

    async def post(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Post JSON; it was taken when this returns.

        Raises:
            BusyError: it was not, or nobody knows: post it again later.
            RefusedError: it will never be (`TooLargeError`: less might).
        """
        # Raised out here: an error of aiohttp, which shows the address, must not stand behind ours.
        problem = await self._problem(body, {**headers, "Content-Type": "application/json"})
        if problem is not None:
            raise problem

    async def _problem(self, body: bytes, headers: Mapping[str, str]) -> PortError | None:
        """Post, and return what went wrong."""
        try:
            async with self._connections.session().post(
                # As it was given: decoding and encoding could change a signature.
                yarl.URL(self.address.url, encoded=True),
                data=body,
                headers=headers,
                allow_redirects=False,
                proxy=self._proxy,
                timeout=self._timeout,
            ) as answer:
                if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
                    return None
                wait = read_retry_after(answer.headers, self._clock.now(), LONGEST_WAIT)
                code = await self._code(answer)
                return failure(self.address.shown, answer.status, wait, code)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return BusyError(self._why(error))

    def _why(self, error: Exception) -> str:
        """Say why there was no answer."""
        match error:
            case OutboundError():
                return f"nothing was posted to {self.address}: {error}"
            case TimeoutError():
                return f"{self.address} did not answer in {self._timeout.total:g} s"
            case aiohttp.ClientSSLError():
                return f"{self.address} has no certificate that can be trusted"
            case aiohttp.ClientConnectorError():
                return f"{self.address} cannot be reached"
            case _:
                return f"{self.address} broke off ({type(error).__name__})"

    async def _code(self, answer: aiohttp.ClientResponse) -> str:
        """Return the word that an error has for itself, as Azure's have one; '' without one.

        Nothing else of a body is ever shown: it may repeat what it was sent, or our address.
        """
        try:
            said = json.loads(await answer.content.read(ANSWER_BYTES))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, RecursionError):
            return ""
        inner = said.get("error", said) if isinstance(said, dict) else None
        code = inner.get("code") if isinstance(inner, dict) else None
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            return ""
        return "" if self.address.gives_away(code) else code
