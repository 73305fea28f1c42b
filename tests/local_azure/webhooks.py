"""A receiver of webhooks, or a Teams workflow, on plain http: takes posts, or fails as told."""

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import orjson
from aiohttp import web

from tests.local_azure.faults import Faults, Kind

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Post:
    """One post that arrived whole."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:  # noqa: ANN401 - whatever the JSON is
        """The JSON of its body."""
        return orjson.loads(self.body)


@dataclass(slots=True)
class Webhooks:
    """A running receiver; `posts` are those that it took, also where its answer was lost.

    `largest` is how many bytes it takes at once, `status` what it answers with. Of the faults it
    knows `status`, `hang` and `reset`: the last two take the post first.
    """

    status: int = 202
    largest: int | None = None
    faults: Faults = field(default_factory=Faults)
    posts: list[Post] = field(default_factory=list)
    tried: int = 0
    connections: set[int] = field(default_factory=set)
    port: int = 0
    _closing: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.ServerRunner | None = None

    def url(self, path: str = "/hook") -> str:
        """Return the address of a path."""
        return f"http://{HOST}:{self.port}{path}"

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Take a post."""
        self.tried += 1
        self.connections.add(id(request.transport))
        body = await request.read()
        fault = self.faults.hit(f"{request.method} {request.raw_path}")
        if fault is not None and fault.kind is Kind.STATUS:
            return web.Response(
                status=fault.status, headers=dict(fault.headers), body=fault.body.encode()
            )
        if self.largest is not None and len(body) > self.largest:
            return web.Response(status=413)
        self.posts.append(Post(request.raw_path, dict(request.headers), body))
        if fault is not None and fault.kind is Kind.HANG:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), fault.seconds)
        if fault is not None and fault.kind is Kind.RESET and request.transport is not None:
            linger = struct.pack("ii", 1, 0)
            made = request.transport.get_extra_info("socket")
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            request.transport.abort()
        return web.Response(status=self.status)

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._answer), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
