"""One attempt at a call: wait for quota, note the time, send, read the answer within bounds."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy
from azure.core.rest import AsyncHttpResponse, HttpRequest

from shared.adapters.azure.arm.bucket import NEVER
from shared.adapters.azure.arm.problems import NoAnswerError, unreadable
from shared.adapters.azure.arm.quota import Quota
from shared.adapters.azure.arm.retry import LONGEST_RETRY_AFTER
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


class Attempt(AsyncHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """The last policy before the transport; the option `call` says for whom."""

    def __init__(self, clock: Clock, quota: Quota, largest: int = LARGEST) -> None:
        super().__init__()
        self._clock = clock
        self._quota = quota
        self._largest = largest

    async def send(
        self, request: PipelineRequest[HttpRequest]
    ) -> PipelineResponse[HttpRequest, AsyncHttpResponse]:
        """Send the request until it is not refused for quota (429), as far as patience goes.

        Raises:
            QuotaExhaustedError: there is no quota within the patience.
            NoAnswerError: what came with status 200 is no JSON object.
            ArmError: the answer is too large.
        """
        # The transport would take what is left among the options for its own.
        if "call" in request.context.options:
            request.context["call"] = request.context.options.pop("call")
        call: Call = request.context["call"]
        waited = timedelta(0)
        while True:
            # Whoever need not wait leaves the limit alone: each change of it is a timer more.
            if call.key is not None and not self._quota.take_now(call.key, call.pace):
                waited += await self._wait(call, call.key, waited)
            call.began_at = self._clock.now()
            response = await self.next.send(request)
            http = response.http_response
            content = await self._content(http)
            if call.key is None or not self._is_throttled(call.key, http):
                break
        call.status, call.headers = http.status_code, http.headers
        call.body = _parsed(content, http.status_code)
        return response

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

    def _is_throttled(self, key: str, http: AsyncHttpResponse) -> bool:
        """Tell the quota what the answer says of it; return whether it was a refusal."""
        if http.status_code == _TOO_MANY:
            now = self._clock.now()
            wait = read_retry_after(http.headers, now, LONGEST_RETRY_AFTER)
            self._quota.throttled(key, now + wait if wait else None)
            return True
        stated = [http.headers.get(name) for name in _REMAINING]
        left = [int(text) for text in stated if text and _COUNT.fullmatch(text)]
        self._quota.answered(key, min(left, default=None))
        return False

    async def _content(self, http: AsyncHttpResponse) -> bytes:
        """Read the body to its end, after which its connection can be used again."""
        pieces: list[bytes] = []
        size = 0
        # Raw: the session has unpacked it, and azure-core would do so again by the header.
        raw = http.iter_raw()
        try:
            while size <= self._largest:
                piece = await anext(raw, b"")
                if not piece:
                    return b"".join(pieces)
                pieces.append(piece)
                size += len(piece)
        except BaseException:
            await http.close()
            raise
        await http.close()
        mebibytes = self._largest / 1024 / 1024
        raise unreadable(f"ARM's answer is larger than {mebibytes:g} MiB", http.status_code)


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
