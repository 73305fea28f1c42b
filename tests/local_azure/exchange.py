"""What a service of the local Azure is asked, and what it answers, free of any web framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import orjson

from tests.local_azure.faults import Fault

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: `path` is decoded and without the query; `target` is as it came, with it."""

    method: str
    path: str
    target: str
    query: Mapping[str, str]
    body: bytes = b""


@dataclass(slots=True)
class Answer:
    """One answer, not yet sent."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON


class Service(Protocol):
    """A part of Azure behind the TLS endpoint: ARM, Resource Graph, Log Analytics and so on."""

    @property
    def audience(self) -> str:
        """The audience that its tokens must be for."""
        ...

    def answers(self, asked: Asked) -> bool:
        """Whether the request is for this service."""
        ...

    def answer(self, asked: Asked, fault: Fault | None) -> Answer:
        """Answer; a fault that is about the contents (paging, staleness) is the service's own."""
        ...


def error(status: int, code: str, message: str, **headers: str) -> Answer:
    """Return an error as ARM and its neighbours word it; `_` in header names reads as `-`."""
    body = orjson.dumps({"error": {"code": code, "message": message}})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, body, named)
