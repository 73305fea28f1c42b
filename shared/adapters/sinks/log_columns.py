"""Columns of Log Analytics tables: what a cell may hold, and rows made of them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from shared.adapters.sinks.whole_text import whole_json, whole_text

T = TypeVar("T")

CELL_BYTES = 64_000
"""Azure cuts fields longer than 64 KB without a word; ours are cut before, and say so.

https://learn.microsoft.com/azure/azure-monitor/service-limits#logs-ingestion-api
"""
ROW_BYTES = 500_000
"""So much a row may take as JSON: a call takes a megabyte."""
OLDEST = timedelta(days=2) - timedelta(hours=1)
NEWEST = timedelta(days=1) - timedelta(hours=1)
"""Azure replaces a TimeGenerated that is over two days old, or over a day ahead.

An hour is left for the way. https://learn.microsoft.com/azure/azure-monitor/logs/log-standard-columns
"""
TIME = "TimeGenerated"


class Kind(StrEnum):
    """Types of columns, in the words of a data collection rule."""

    STRING = "string"
    DATETIME = "datetime"
    DYNAMIC = "dynamic"
    LONG = "long"
    REAL = "real"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A column: its name, type and meaning, and where its value comes from."""

    name: str
    kind: Kind
    meaning: str
    read: Callable[[T], object]


@dataclass(frozen=True, slots=True)
class LogTable(Generic[T]):
    """A table; `time` is what its TimeGenerated, the first column of every table, is taken from."""

    name: str
    meaning: str
    time: Callable[[T], datetime]
    columns: tuple[Column[T], ...]

    @property
    def stream(self) -> str:
        """The stream of the data collection rule that leads to the table."""
        return f"Custom-{self.name}"

    def row(self, subject: T, now: datetime) -> dict[str, object]:
        """Return the row of a subject that is sent now; cells are cut where they are too long."""
        longest = CELL_BYTES
        row = self._cells(subject, now, longest)
        # A row of many long cells is rarer than rare: the shorter ones of it stay as they are.
        while len(json.dumps(row)) > ROW_BYTES:
            longest //= 2
            row = self._cells(subject, now, longest)
        return row

    def _cells(self, subject: T, now: datetime, longest: int) -> dict[str, object]:
        cells = {each.name: cell(each.kind, each.read(subject), longest) for each in self.columns}
        return {TIME: moment(kept_time(self.time(subject), now)), **cells}


def kept_time(at: datetime, now: datetime) -> datetime:
    """Return a time that Azure keeps: the time itself, or now where it would be replaced."""
    return at if now - OLDEST <= at <= now + NEWEST else now


def moment(time: datetime) -> str:
    """Return a time as a cell of type datetime holds it."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def cell(kind: Kind, value: object, longest: int = CELL_BYTES) -> object:
    """Return a value as a cell of a type holds it; None is an empty cell of any type."""
    if value is None:
        return None
    if kind is Kind.DATETIME:
        return moment(value) if isinstance(value, datetime) else None
    if kind is Kind.STRING:
        return _text(str(value), longest)
    if kind is Kind.DYNAMIC:
        return _dynamic(value, longest)
    return value


def _text(text: str, longest: int) -> str:
    """Cut a text to so many bytes of UTF-8, with a note of how much is gone."""
    text = whole_text(text)
    encoded = text.encode()
    if len(encoded) <= longest:
        return text
    kept = encoded[: longest - 64].decode("utf-8", "ignore")
    return f"{kept}… ({len(text) - len(kept)} more characters)"


def _dynamic(value: object, longest: int) -> object:
    """Keep of a list or object as much as fits: Azure would cut in the middle of its JSON."""
    value = whole_json(value)
    if len(json.dumps(value)) <= longest:
        return value
    if isinstance(value, list):
        return _whole_items(value, longest)
    if isinstance(value, Mapping):
        pairs = [{"key": key, "value": item} for key, item in value.items()]
        return {"cut": True, "entries": _whole_items(pairs, longest - 64)}
    return _text(str(value), longest)


def _whole_items(items: list[object] | list[dict[str, object]], longest: int) -> list[object]:
    """Return the first items that fit, and how many more there were."""
    kept: list[object] = []
    room = longest - 64
    for item in items:
        room -= len(json.dumps(item)) + 2
        if room < 0:
            break
        kept.append(item)
    return [*kept, f"… {len(items) - len(kept)} more"]
