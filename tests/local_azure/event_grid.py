"""A custom topic of Event Grid that takes CloudEvents 1.0 alone.

Sources: the CloudEvents specification 1.0.2, "Required attributes" and "Type system"; "CloudEvents
v1.0 schema with Azure Event Grid", Microsoft Learn.
"""

import re
from datetime import datetime
from typing import Any, Final

import orjson

from tests.local_azure.exchange import Answer, Asked, error
from tests.local_azure.faults import Fault

AUDIENCE: Final = "https://eventgrid.azure.net"
PATH: Final = "/api/events"
LARGEST: Final = 1_000_000
_VERSION: Final = "2018-01-01"
_URI: Final = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_ATTRIBUTE: Final = re.compile(r"[a-z0-9]{1,20}")
_OWN: Final = frozenset({"data", "data_base64"})


class EventGridTopicService:
    """A topic; `events` are those that it took."""

    def __init__(self, audience: str = AUDIENCE) -> None:
        self.audience = audience
        self.events: list[dict[str, Any]] = []
        self.posts = 0

    def answers(self, asked: Asked) -> bool:
        """Whether the request is for this service."""
        return asked.path == PATH

    def answer(self, asked: Asked, fault: Fault | None) -> Answer:  # noqa: ARG002 - none is about events
        """Take events, or say why not."""
        if asked.method != "POST" or asked.query.get("api-version") != _VERSION:
            return error(400, "BadRequest", f"Publish with POST and api-version={_VERSION}.")
        if len(asked.body) > LARGEST:
            return error(413, "PayloadTooLarge", "The events are over 1 MB.")
        events = orjson.loads(asked.body)
        wrong = next(filter(None, map(_wrong, events)), None)
        if wrong is not None:
            return error(400, "BadRequest", wrong)
        self.posts += 1
        self.events += events
        return Answer(200)


def _wrong(event: dict[str, Any]) -> str | None:
    """Say what makes an event no CloudEvent, or no finding."""
    if event.get("specversion") != "1.0":
        return "specversion is not 1.0"
    for name in ("id", "source", "type"):
        if not isinstance(event.get(name), str) or not event[name]:
            return f"{name} is missing"
    if not _URI.fullmatch(event["source"]):
        return "source is no URI reference"
    if strange := [each for each in event if each not in _OWN and not _ATTRIBUTE.fullmatch(each)]:
        return f"{strange[0]} is no name of an attribute"
    if datetime.fromisoformat(event["time"]).tzinfo is None:
        return "time has no zone"
    return None if isinstance(event.get("data"), dict) else "data is no object"
