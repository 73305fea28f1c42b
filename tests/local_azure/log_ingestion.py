"""The Logs Ingestion API of one data collection rule: what it takes is kept by table.

Stricter than Azure where that is silent: a column that no stream declares is refused, and a cell
over 64 KB too. A megabyte is counted in thousands. Source: "Logs Ingestion API in Azure Monitor",
Microsoft Learn; its limits in "Azure Monitor service limits".
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import orjson

from tests.local_azure.exchange import Answer, Asked, error
from tests.local_azure.faults import Fault

RULE: Final = "dcr-000000000000000000000000000000c1"
AUDIENCE: Final = "https://monitor.azure.com"
LARGEST: Final = 1_000_000
LARGEST_CELL: Final = 64 * 1024
_PATH: Final = re.compile(r"/dataCollectionRules/([^/]+)/streams/([^/]+)")
_VERSION: Final = "2023-01-01"

Row = dict[str, object]
Streams = Mapping[str, Mapping[str, Sequence[Mapping[str, str]]]]


class LogIngestionService:
    """A rule with its streams, in the form of `streamDeclarations`; `rows` are by stream."""

    def __init__(self, streams: Streams, audience: str = AUDIENCE) -> None:
        self.audience = audience
        self.rows: defaultdict[str, list[Row]] = defaultdict(list)
        self.sizes: list[int] = []
        self._columns = {
            name: {each["name"]: each["type"] for each in stream["columns"]}
            for name, stream in streams.items()
        }

    def answers(self, asked: Asked) -> bool:
        """Whether the request is for this service."""
        return _PATH.fullmatch(asked.path) is not None

    def answer(self, asked: Asked, fault: Fault | None) -> Answer:  # noqa: ARG002 - none is about rows
        """Take rows, or say why not; the body comes unpacked."""
        found = _PATH.fullmatch(asked.path)
        if found is None or asked.method != "POST" or asked.query.get("api-version") != _VERSION:
            return error(400, "BadRequest", f"Ask with POST and api-version={_VERSION}.")
        rule, stream = found.groups()
        if rule != RULE:
            return error(404, "NotFound", f"Data collection rule {rule} was not found.")
        if stream not in self._columns:
            return error(400, "InvalidStream", f"The rule does not declare {stream}.")
        if len(asked.body) > LARGEST:
            return error(413, "ContentLengthLimitExceeded", "The body is over 1 MB.")
        wrong = self._wrong(stream, asked.body)
        if wrong is not None:
            return error(400, "InvalidPayload", wrong)
        self.sizes.append(len(asked.body))
        self.rows[stream] += orjson.loads(asked.body)
        return Answer(204)

    def _wrong(self, stream: str, body: bytes) -> str | None:
        """Say what is wrong with a body."""
        try:
            rows = orjson.loads(body)
        except orjson.JSONDecodeError:
            return "The body is no JSON."
        if not isinstance(rows, list):
            return "The body is no array."
        columns = self._columns[stream]
        for row in rows:
            if strange := row.keys() - columns.keys():
                return f"{stream} declares no {', '.join(sorted(strange))}."
            if "TimeGenerated" not in row:
                return "TimeGenerated is missing."
            for name, value in row.items():
                if not _fits(value, columns[name]):
                    return f"{name} is no {columns[name]} of up to 64 KB."
        return None


_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str,
    "datetime": str,
    "dynamic": (dict, list),
    "boolean": bool,
    "long": int,
    "real": (int, float),
}


def _fits(value: object, kind: str) -> bool:
    """Whether a value is one of a type, and not too long."""
    if value is None:
        return True
    is_one = isinstance(value, _TYPES[kind]) and (kind == "boolean") is isinstance(value, bool)
    if is_one and isinstance(value, str) and kind == "datetime":
        is_one = datetime.fromisoformat(value).tzinfo is not None
    return is_one and len(orjson.dumps(value)) <= LARGEST_CELL
