"""Calls to ARM: one pipeline of azure-core over one session of connections."""

import asyncio
import itertools
import re
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline import AsyncPipeline
from azure.core.pipeline.policies import AsyncBearerTokenCredentialPolicy, UserAgentPolicy
from azure.core.pipeline.transport import AsyncHttpResponse, HttpRequest
from yarl import URL

from shared.adapters.azure.arm import paging, problems
from shared.adapters.azure.arm.paging import MOST_PAGES, Trail
from shared.adapters.azure.arm.quota import Quota, QuotaExhaustedError
from shared.adapters.azure.arm.retry import LONGEST_RETRY_AFTER, BriefRetry, Patience
from shared.adapters.azure.arm.transport import LARGEST, ArmTransport, Call
from shared.adapters.azure.cloud import Cloud
from shared.adapters.azure.session import open_session
from shared.adapters.error_text import short
from shared.adapters.retry_after import read_retry_after
from shared.ports import Clock, Pace

AGENT = "azure-ai-compliance-monitor"
"""Who we say we are, less the version."""
_GOOD = 200
_JSON = {"Content-Type": "application/json"}
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/?]+)", re.IGNORECASE)
# What would make another path of it than the id says; both in one would take five times as long.
_CROOKED = re.compile(r"[#\\\x00-\x1f\x7f\ud800-\udfff]")
# A quoted dot is one to whoever resolves the path.
_CROOKED_STEP = re.compile(r"/(?:\.|%2e){1,2}(?:[/?]|$)", re.IGNORECASE)
# What stands for itself in an address (RFC 3986): quoting would leave it as it is.
_PLAIN = re.compile(r"[A-Za-z0-9/?:@!$&'()*+,;=._~-]*")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `began_at` is when its request began (UTC)."""

    items: tuple[Mapping[str, object], ...]
    began_at: datetime


class ArmClient:
    """ARM of one cloud, as one identity; for one event loop at a time.

    A call answers or fails within its patience, and every failure is an `ArmError` whose problem
    says what to do. `permission` is the ARM action that a call needs, named where ARM refuses
    without naming one itself. Nothing here logs: requests carry tokens.
    """

    def __init__(  # noqa: PLR0913 - four it needs, and the bounds that tests draw tighter
        self,
        cloud: Cloud,
        credential: AsyncTokenCredential,
        clock: Clock,
        quota: Quota,
        *,
        patience: Patience | None = None,
        agent: str = AGENT,
        largest: int = LARGEST,
        most_pages: int = MOST_PAGES,
    ) -> None:
        self._cloud = cloud
        self._credential = credential
        self._clock = clock
        self._quota = quota
        self._patience = patience or Patience()
        # What the environment adds for every client of Azure (`AZURE_HTTP_USER_AGENT`) included.
        self._agent = UserAgentPolicy(base_user_agent=agent).user_agent
        self._largest = largest
        self._most_pages = most_pages
        # The ids of our requests: of chance and counted on, as azure-core's own are made of this
        # machine's address.
        self._named = str(uuid.uuid4())[:-12]
        self._numbers = itertools.count()
        self._transport: ArmTransport | None = None
        self._pipeline: AsyncPipeline[HttpRequest, AsyncHttpResponse] | None = None

    async def get(
        self, path: str, api_version: str, *, permission: str, pace: Pace = Pace.EVENT
    ) -> tuple[Mapping[str, object], datetime]:
        """Read one resource: its body, and when the request began.

        Raises:
            ArmError: it could not be read, or does not exist (`status` 404).
        """
        call = await self._read(self._url(path, api_version), permission, pace)
        return _object(call), call.began_at

    async def pages(
        self, path: str, api_version: str, *, permission: str, pace: Pace = Pace.EVENT
    ) -> AsyncIterator[Page]:
        """Read a list page by page.

        Raises:
            ArmError: a page could not be read; those before it were given.
        """
        url: str | None = self._url(path, api_version)
        trail = Trail(self._cloud.arm_endpoint, str(url), self._most_pages)
        while url is not None:
            call = await self._read(url, permission, pace)
            found, is_whole = paging.items(_object(call))
            yield Page(found, call.began_at)
            if not is_whole:
                raise problems.unreadable("ARM's page lists something that is no object", _GOOD)
            url = trail.next(_object(call))

    async def post(
        self, path: str, api_version: str, body: Mapping[str, object], *, permission: str
    ) -> tuple[Mapping[str, object], Mapping[str, str]]:
        """Ask a question that takes a body: the answer and its headers. No read of ARM's quota.

        Raises:
            ArmError: it was not answered; a 429 is not waited for.
        """
        url = self._url(path, api_version)
        try:
            content = orjson.dumps(body)
        except orjson.JSONEncodeError as error:
            raise problems.unreadable("the question holds what is no text") from error
        request = HttpRequest("POST", url, data=content)
        call = await self._send(request, None, permission, Pace.EVENT)
        return _object(call), call.headers

    async def close(self) -> None:
        """Close the connections; a later call opens new ones."""
        transport, self._transport, self._pipeline = self._transport, None, None
        if transport is not None:
            await transport.close()

    def _url(self, path: str, api_version: str) -> str:
        """Return the address of a path, quoted; it cannot become another host or path."""
        if not path.startswith("/") or _CROOKED.search(path) or _CROOKED_STEP.search(path):
            raise problems.unreadable(f"{short(path)!r} is no path in ARM")
        joint = "&" if "?" in path else "?"
        asked = f"{path}{joint}api-version={api_version}"
        url = f"{self._cloud.arm_endpoint}{asked}"
        return url if _PLAIN.fullmatch(asked) else str(URL(url))

    async def _read(self, url: str, permission: str, pace: Pace) -> Call:
        """Send a GET; it counts for the subscription in its path, or else for the tenant."""
        found = _SUBSCRIPTION.match(url, len(self._cloud.arm_endpoint))
        key = found[1].lower() if found else "tenant"
        return await self._send(HttpRequest("GET", url), key, permission, pace)

    async def _send(
        self, request: HttpRequest, key: str | None, permission: str, pace: Pace
    ) -> Call:
        """Send a request through the pipeline; return the call if it was answered well."""
        try:
            async with asyncio.timeout(self._patience.whole) as limit:
                call = Call(key, pace, limit)
                # A plain dict does: nobody else writes these names, and none twice.
                request.headers = {
                    "User-Agent": self._agent,
                    "x-ms-client-request-id": f"{self._named}{next(self._numbers):012x}",
                    **(_JSON if request.data else {}),
                }
                await self._opened().run(request, call=call)
        except QuotaExhaustedError as error:
            raise problems.exhausted(error) from error
        except problems.FAILURES as error:
            problems.raise_unanswered(error, self._patience.whole)
        if call.status != _GOOD:
            now = self._clock.now()
            wait = read_retry_after(call.headers, now, LONGEST_RETRY_AFTER)
            raise problems.refused(call.status, call.body, permission, wait, now)
        return call

    def _opened(self) -> AsyncPipeline[HttpRequest, AsyncHttpResponse]:
        """Return the pipeline, made at the first call: a session belongs to the running loop."""
        if self._pipeline is None:
            self._transport = ArmTransport(
                open_session(self._cloud, self._cloud.arm_endpoint),
                self._clock,
                self._quota,
                self._patience,
                self._largest,
            )
            policies: list[Any] = [  # azure-core's own do not agree about their types
                BriefRetry(self._patience, self._clock),
                AsyncBearerTokenCredentialPolicy(self._credential, self._cloud.arm_scope),
            ]
            self._pipeline = AsyncPipeline(self._transport, policies)
        return self._pipeline


def _object(call: Call) -> Mapping[str, object]:
    """Return the answer, which `ArmTransport` saw to be an object."""
    assert isinstance(call.body, dict)  # noqa: S101 - for the type checker
    return call.body
