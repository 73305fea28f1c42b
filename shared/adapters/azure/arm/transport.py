"""How the pipeline sends a request: wait for quota, note the time, ask, read within bounds."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import orjson
from azure.core.exceptions import ServiceResponseError
from azure.core.pipeline.transport import (
    AioHttpTransportResponse,
    AsyncHttpResponse,
    AsyncHttpTransport,
    HttpRequest,
)
from yarl import URL

from shared.adapters.azure.arm.bucket import NEVER
from shared.adapters.azure.arm.problems import NoAnswerError, unreadable
from shared.adapters.azure.arm.quota import Quota
from shared.adapters.azure.arm.retry import LONGEST_RETRY_AFTER, Patience
from shared.adapters.retry_after import read_retry_after
from shared.ports import Clock, Pace

LARGEST = 32 * 1024 * 1024
"""Bytes; a larger answer is refused (ARM's pages have a few megabytes at most)."""
_REMAINING = (
    "x-ms-ratelimit-remaining-subscription-reads",
    "x-ms-ratelimit-remaining-subscription-global-reads",
    "x-ms-ratelimit-remaining-tenant-reads",
)
# Without a bound, int() fails at 4,301 digits.
_COUNT = re.compile(r"[0-9]{1,9}")
_TOO_MANY = 429
_GOOD = 200


@dataclass(slots=True)
class Call:
    """A call under way, and what its last attempt brought.

    `began_at` is when the attempt that was answered began: the answer shows the state at that time
    or after it, whatever earlier attempts may have seen. `limit` is the time that the call may
    take; it stands still while the call waits for quota. `key` None: not counted as a read.
    """

    key: str | None
    pace: Pace
    limit: asyncio.Timeout
    began_at: datetime = NEVER
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    """Parsed JSON; None where the answer of a failure is none."""


class ArmTransport(AsyncHttpTransport[HttpRequest, AsyncHttpResponse]):
    """What the pipeline sends by; the option `call` says for whom. Addresses come quoted.

    azure-core's own transport bounds no answer, and for every request quotes its address again and
    makes its time limits anew.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        quota: Quota,
        patience: Patience,
        largest: int = LARGEST,
    ) -> None:
        self._session = session
        self._clock = clock
        self._quota = quota
        self._timeout = aiohttp.ClientTimeout(
            sock_connect=patience.connect, sock_read=patience.read
        )
        self._largest = largest

    async def open(self) -> None:
        """Do nothing: a session opens its connections when they are needed."""

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def __aexit__(self, *_error: object) -> None:
        """Close the connections."""
        await self.close()

    async def send(
        self,
        request: HttpRequest,
        **options: Any,  # noqa: ANN401 - as azure-core declares it
    ) -> AsyncHttpResponse:
        """Send the request until it is not refused for quota (429), as far as patience goes.

        Raises:
            QuotaExhaustedError: there is no quota within the patience.
            NoAnswerError: what came with status 200 is no JSON object.
            ServiceResponseError: no whole answer came.
            ArmError: the answer is too large.
        """
        call: Call = options["call"]
        waited = timedelta(0)
        while True:
            # Whoever need not wait leaves the limit alone: each change of it is a timer more.
            if call.key is not None and not self._quota.take_now(call.key, call.pace):
                waited += await self._wait(call, call.key, waited)
            call.began_at = self._clock.now()
            answer, content = await self._asked(request)
            if call.key is None or not self._is_throttled(call.key, answer):
                break
        call.status, call.headers = answer.status, answer.headers
        call.body = _parsed(content, answer.status)
        response: AsyncHttpResponse = AioHttpTransportResponse(request, answer)
        return response

    async def _asked(self, request: HttpRequest) -> tuple[aiohttp.ClientResponse, bytes]:
        """Ask once; return the answer and its body, after which its connection can be used again.

        Where that is not read to its end, the connection is closed.
        """
        try:
            # A redirect is not followed: the token goes to no other host.
            async with self._session.request(
                request.method,
                URL(request.url, encoded=True),
                headers=request.headers,
                data=request.data,
                timeout=self._timeout,
                allow_redirects=False,
            ) as answer:
                return answer, await self._content(answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            # As azure-core's policies know it: `BriefRetry` tries each of these as often.
            raise ServiceResponseError(error, error=error) from error

    async def _wait(self, call: Call, key: str, waited: timedelta) -> timedelta:
        """Wait for quota with the call's time standing still; return how long it was."""
        began = self._clock.now()
        loop = asyncio.get_running_loop()
        ends = call.limit.when()
        left = None if ends is None else ends - loop.time()
        call.limit.reschedule(None)
        try:
            await self._quota.acquire(key, call.pace, waited=waited)
        finally:
            if left is not None:
                call.limit.reschedule(loop.time() + left)
        return self._clock.now() - began

    def _is_throttled(self, key: str, answer: aiohttp.ClientResponse) -> bool:
        """Tell the quota what the answer says of it; return whether it was a refusal."""
        if answer.status == _TOO_MANY:
            now = self._clock.now()
            wait = read_retry_after(answer.headers, now, LONGEST_RETRY_AFTER)
            self._quota.throttled(key, now + wait if wait else None)
            return True
        stated = [answer.headers.get(name) for name in _REMAINING]
        left = [int(text) for text in stated if text and _COUNT.fullmatch(text)]
        self._quota.answered(key, min(left, default=None))
        return False

    async def _content(self, answer: aiohttp.ClientResponse) -> bytes:
        """Read the body to its end, within bounds."""
        pieces: list[bytes] = []
        size = 0
        while piece := await answer.content.readany():
            size += len(piece)
            if size > self._largest:
                mebibytes = self._largest / 1024 / 1024
                raise unreadable(f"ARM's answer is larger than {mebibytes:g} MiB", answer.status)
            pieces.append(piece)
        return b"".join(pieces)


def _parsed(content: bytes, status: int) -> object:
    """Parse an answer; one with status 200 has to be a JSON object."""
    body: object = None
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        if status == _GOOD:
            raise NoAnswerError("ARM answered with something that is no JSON") from error
    if status == _GOOD and not isinstance(body, dict):
        raise NoAnswerError("ARM answered with JSON that is no object")
    return body
