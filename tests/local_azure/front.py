"""The way into the local Azure: requests are delayed, checked, spoilt where told, and logged."""

import asyncio
import contextlib
import itertools
import socket
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from aiohttp import web

from tests.local_azure.exchange import Answer, Asked, Service, error
from tests.local_azure.faults import Fault, Faults, Kind
from tests.local_azure.identity import PATH as IDENTITY_PATH
from tests.local_azure.identity import Identity
from tests.local_azure.request_log import Logged, RequestLog

_PAGE = b"<!DOCTYPE html><html><body><h1>Our services aren't available right now</h1></body></html>"

Respond = Callable[[web.BaseRequest, Asked, Fault | None], tuple[Answer, str]]
"""Answers a request; also the audience of its token."""


@dataclass(slots=True)
class Front:
    """What all services share; `latency` (seconds) passes before every answer.

    `closing` ends hanging answers when the server stops.
    """

    services: Sequence[Service]
    identity: Identity
    faults: Faults = field(default_factory=Faults)
    log: RequestLog = field(default_factory=RequestLog)
    latency: float = 0.0
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    _connections: WeakKeyDictionary[asyncio.Transport, int] = field(
        default_factory=WeakKeyDictionary
    )
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def over_tls(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request to a service."""
        return await self._respond(request, self._from_service, self.latency)

    async def for_token(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request for a token; latency is ARM's alone."""
        return await self._respond(request, self._from_identity, 0.0)

    async def _respond(
        self, request: web.BaseRequest, respond: Respond, latency: float
    ) -> web.StreamResponse:
        """Answer in the way that a fault has it, if one is hit."""
        began, connection = asyncio.get_running_loop().time(), self._connection(request)
        if latency:
            await asyncio.sleep(latency)
        body = await request.read() if request.can_read_body else b""
        asked = Asked(request.method, request.path, request.raw_path, request.query, body)
        fault = self.faults.hit(f"{asked.method} {asked.target}")
        if fault is not None and fault.kind is Kind.HANG:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.closing.wait(), fault.seconds)
        answer, audience = respond(request, asked, fault)
        reset = fault is not None and fault.kind is Kind.RESET
        self.log.requests.append(
            Logged(
                asked.method,
                asked.path,
                asked.query.get("api-version", ""),
                0 if reset else answer.status,
                audience,
                connection,
                began,
            )
        )
        if fault is None or answer.status == 401:
            return _response(answer)
        return await _spoilt(request, answer, fault)

    def _connection(self, request: web.BaseRequest) -> int:
        """Return the number of the connection that a request came on."""
        transport = request.transport
        if transport is None:
            return 0
        number = self._connections.get(transport)
        if number is None:
            number = self._connections[transport] = next(self._numbers)
        return number

    def _from_service(
        self, request: web.BaseRequest, asked: Asked, fault: Fault | None
    ) -> tuple[Answer, str]:
        """Answer from the service that the path belongs to, if the token is for it."""
        service = next((each for each in self.services if each.answers(asked)), None)
        if service is None:
            return error(404, "NotFound", f"Nothing answers to {asked.path} here."), ""
        authorization = request.headers.get("Authorization")
        refusal = self.identity.refusal(authorization, service.audience)
        if refusal is not None:
            return refusal, self.identity.audience_of(authorization) or ""
        if fault is not None and fault.kind is Kind.STATUS:
            return Answer(fault.status, fault.body.encode(), dict(fault.headers)), service.audience
        return service.answer(asked, fault), service.audience

    def _from_identity(
        self, request: web.BaseRequest, asked: Asked, fault: Fault | None
    ) -> tuple[Answer, str]:
        """Answer with a token."""
        if asked.path != IDENTITY_PATH:
            return error(404, "NotFound", f"Nothing answers to {asked.path} here."), ""
        if fault is not None and fault.kind is Kind.STATUS:
            return Answer(fault.status, fault.body.encode(), dict(fault.headers)), ""
        return self.identity.answer(asked, request.headers.get("X-IDENTITY-HEADER")), ""


def _response(answer: Answer) -> web.Response:
    headers = {**answer.headers, "Content-Type": answer.content_type}
    return web.Response(status=answer.status, body=answer.body, headers=headers)


async def _spoilt(request: web.BaseRequest, answer: Answer, fault: Fault) -> web.StreamResponse:
    """Return an answer with the faults that are about how it is sent."""
    if fault.kind is Kind.RESET:
        _reset(request)
    if fault.kind is Kind.CUT:
        headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body))}
        begun = web.StreamResponse(status=answer.status, headers=headers)
        await begun.prepare(request)
        await begun.write(answer.body[: len(answer.body) // 2])
        _reset(request)
        return begun
    if fault.kind is Kind.TRUNCATED:
        answer.body = answer.body[: len(answer.body) // 2]
    if fault.kind is Kind.HTML:
        answer = Answer(
            fault.status, fault.body.encode() or _PAGE, dict(fault.headers), "text/html"
        )
    return _response(answer)


def _reset(request: web.BaseRequest) -> None:
    """Send a reset in place of a proper end."""
    transport = request.transport
    if transport is None:
        return
    linger = struct.pack("ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
