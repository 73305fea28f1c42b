"""Stands between a client and Azurite, and can be down, lose answers, or refuse conditions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from yarl import URL

from shared.adapters.azure.storage.clients import StorageAccount

BUSY = (
    '<?xml version="1.0" encoding="utf-8"?><Error><Code>ServerBusy</Code>'
    "<Message>The server is busy.</Message></Error>"
)


class FaultyProxy:
    """Hands requests on to a service.

    `down`: all are refused with 503, which names `retry_after` (seconds). `lost` counts down: so
    many requests are carried out, but their answer is lost; `spared` before them are not.
    `overtaken`: conditions never hold. `requests` are the methods and paths that came, and
    `connections` those that they came over.
    """

    def __init__(self, target: str) -> None:
        self.down = False
        self.retry_after = ""
        self.lost = 0
        self.spared = 0
        self.overtaken = False
        self.requests: list[str] = []
        self.connections: set[object] = set()
        self._target = target

    async def hand_on(self, request: web.Request) -> web.StreamResponse:
        """Answer as the service does, unless told otherwise."""
        self.requests.append(f"{request.method} {request.path}")
        self.connections.add(request.transport)
        if self.down:
            headers = {"x-ms-error-code": "ServerBusy", "Content-Type": "application/xml"}
            if self.retry_after:
                headers["Retry-After"] = self.retry_after
            return web.Response(status=503, text=BUSY, headers=headers)
        if self.overtaken and {"If-Match", "If-None-Match"} & set(request.headers):
            return web.Response(status=412, headers={"x-ms-error-code": "ConditionNotMet"})
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method,
                URL(self._target + request.raw_path, encoded=True),
                headers=request.headers,
                data=await request.read(),
                skip_auto_headers=["Content-Type"],
            ) as answer,
        ):
            body = await answer.read()
        if self.lost and self.spared:
            self.spared -= 1
        elif self.lost:
            self.lost -= 1
            return web.Response(status=503, text=BUSY)
        passed = {
            name: value
            for name, value in answer.headers.items()
            if name.lower() not in {"transfer-encoding", "content-length", "connection"}
        }
        return web.Response(status=answer.status, body=body, headers=passed)


@asynccontextmanager
async def faulty(
    account: StorageAccount, service: str
) -> AsyncIterator[tuple[StorageAccount, FaultyProxy]]:
    """Return the account with a proxy before one of its services (`blob`, `queue`, `table`)."""
    real = urlsplit(getattr(account, service))
    proxy = FaultyProxy(f"{real.scheme}://{real.netloc}")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", proxy.hand_on)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield replace(account, **{service: f"http://{host}:{port}{real.path}"}), proxy
    finally:
        await runner.cleanup()
