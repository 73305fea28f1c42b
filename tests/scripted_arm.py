"""A TLS server on loopback that answers as a test tells it, and a client of ARM for it.

For faults of the transport; what ARM itself would say is `tests/local_azure`.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import trustme
from aiohttp import web
from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions

from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.arm.quota import Quota
from shared.adapters.azure.arm.retry import Patience
from shared.adapters.azure.cloud import Cloud, custom_cloud
from shared.adapters.system_clock import SystemClock
from shared.ports import Clock, Pace

ACCOUNT = "/subscriptions/S/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/contoso"
READ = "Microsoft.CognitiveServices/accounts/read"
BRIEF = Patience(whole=1.0, connect=0.5, read=0.15, tries=3, backoff=0.001, longest_wait=0.05)
"""Patience of a test."""
GIVEN = "a-token"
"""The token that every test has."""

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def says(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with JSON."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers=headers)

    return answer


def sends(text: str, status: int = 200, kind: str = "application/json") -> Answer:
    """Answer with a text."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(text=text, status=status, content_type=kind)

    return answer


async def hangs(_: web.Request) -> web.StreamResponse:
    """Answer in a minute."""
    await asyncio.sleep(60)
    raise web.HTTPGatewayTimeout


async def resets(request: web.Request) -> web.StreamResponse:
    """Drop the connection instead of an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def breaks_off(request: web.Request) -> web.StreamResponse:
    """Promise more than comes, then drop the connection."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"value": [')
    await resets(request)
    return response


@dataclass
class ScriptedArm:
    """What the server was asked, and what it is to answer: the last answer is repeated."""

    script: list[Answer] = field(default_factory=list)
    requests: list[web.Request] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)
    endpoint: str = ""
    ca_file: Path | None = None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer by the script."""
        self.requests.append(request)
        self.connections.add(request.transport)
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return await answer(request)

    @property
    def cloud(self) -> Cloud:
        """The server as a cloud."""
        return custom_cloud(self.endpoint, ca_file=self.ca_file)


@asynccontextmanager
async def scripted_arm(folder: Path, *script: Answer) -> AsyncIterator[ScriptedArm]:
    """Run a server while a test needs it; the folder takes its certificate."""
    arm = ScriptedArm(list(script), ca_file=folder / "ca.pem")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(arm.ca_file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{path:.*}", arm.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    arm.endpoint = f"https://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield arm
    finally:
        await runner.cleanup()


class FixedToken:
    """A credential that knows a token; `error` is raised instead."""

    def __init__(self, lives: float = 3600) -> None:
        self.token = GIVEN
        self.lives = lives
        self.error: Exception | None = None
        self.takes = 0.0
        self.asked: list[tuple[str, ...]] = []
        self.is_closed = False

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:  # noqa: ANN401 - as azure-core has it
        """Answer in the old way."""
        found = await self.get_token_info(*scopes)
        return AccessToken(found.token, found.expires_on)

    async def get_token_info(
        self,
        *scopes: str,
        options: TokenRequestOptions | None = None,  # noqa: ARG002 - no options here
    ) -> AccessTokenInfo:
        """Answer in the new way."""
        self.asked.append(scopes)
        if self.takes:
            await asyncio.sleep(self.takes)
        if self.error is not None:
            raise self.error
        return AccessTokenInfo(self.token, int(time.time() + self.lives))

    async def close(self) -> None:
        """Note it."""
        self.is_closed = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


@asynccontextmanager
async def client_of(
    arm: ScriptedArm,
    *,
    clock: Clock | None = None,
    credential: FixedToken | None = None,
    **options: Any,  # noqa: ANN401 - of the client
) -> AsyncIterator[ArmClient]:
    """Make a client of a server, with little patience, and close it at the end."""
    clock = clock or SystemClock()
    quota = options.pop("quota", None) or Quota(
        clock, patience={Pace.EVENT: timedelta(seconds=2), Pace.SWEEP: timedelta(seconds=60)}
    )
    options = {"patience": BRIEF, **options}
    client = ArmClient(arm.cloud, credential or FixedToken(), clock, quota, **options)
    try:
        yield client
    finally:
        await client.close()


def statuses(codes: Iterable[int]) -> list[Answer]:
    """Answer with these statuses, one after the other."""
    return [says({"error": {"code": "X", "message": "y"}}, code) for code in codes]
