"""Steering and counting from another process: plain JSON under `/_local/`, on loopback."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from tests.local_azure.estate import UnknownPathError
from tests.local_azure.faults import Fault

if TYPE_CHECKING:
    from tests.local_azure.server import LocalAzure

PREFIX = "/_local/"


class Control:
    """The control endpoint of a server.

    GET    requests                     every request, as objects
    GET    counts                       totals of them
    DELETE requests                     forget them
    POST   faults       {match, …}      add a fault (the fields of `Fault`)
    DELETE faults       {match?}        clear one, or all
    POST   resources    [{id, …}, …]    put resources
    DELETE resources    {id, below?}    delete one, with everything below it unless told otherwise
    POST   permissions  {grant|revoke: action, scope?}
    POST   identity     {is_down}       take the token endpoint down, or bring it back
    POST   settings     {latency_ms?, quota?, page_size?}
    """

    def __init__(self, azure: "LocalAzure") -> None:
        self._azure = azure
        self._verbs: dict[str, Callable[[Mapping[str, object]], object]] = {
            "GET requests": lambda _: [each._asdict() for each in azure.log.requests],
            "GET counts": lambda _: azure.log.counts(),
            "DELETE requests": lambda _: azure.log.clear(),
            "POST faults": lambda body: azure.faults.add(Fault.parse(body)),
            "DELETE faults": lambda body: azure.faults.clear(_text(body, "match")),
            "DELETE resources": self._delete,
            "POST permissions": self._permit,
            "POST identity": self._turn_identity,
            "POST settings": self._set,
        }

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Do what a request says."""
        name = f"{request.method} {request.path.removeprefix(PREFIX)}"
        try:
            body = orjson.loads(await request.read() or b"{}")
            if name == "POST resources":
                self._azure.estate.put(*body)
                result: object = None
            else:
                result = self._verbs[name](body)
        except (KeyError, TypeError, ValueError, re.error, UnknownPathError) as wrong:
            return web.Response(status=400, text=f"{name}: {type(wrong).__name__}: {wrong}")
        return web.Response(body=orjson.dumps(result), content_type="application/json")

    def _delete(self, body: Mapping[str, object]) -> None:
        self._azure.estate.delete(str(body["id"]), below=body.get("below") is not False)

    def _permit(self, body: Mapping[str, object]) -> None:
        scope = _text(body, "scope") or "/"
        if "grant" in body:
            self._azure.permissions.grant(str(body["grant"]), scope)
        else:
            self._azure.permissions.revoke(str(body["revoke"]), scope)

    def _turn_identity(self, body: Mapping[str, object]) -> None:
        self._azure.identity.is_down = bool(body["is_down"])

    def _set(self, body: Mapping[str, object]) -> None:
        if "latency_ms" in body:
            self._azure.front.latency = float(str(body["latency_ms"])) / 1000
        if "quota" in body:
            self._azure.set_quota(is_on=bool(body["quota"]))
        if "page_size" in body:
            self._azure.arm.page_size = int(str(body["page_size"]))


def _text(body: Mapping[str, object], name: str) -> str | None:
    value = body.get(name)
    return None if value is None else str(value)
