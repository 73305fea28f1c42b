"""Typed reading of the fields of a message.

What decides a change (ids, operations, times) is read strictly: a value of the wrong type is
malformed, `null` and blank text are absent. What only describes it (actor, correlation) is read
leniently: a value that cannot be used is absent.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import orjson

from shared.events.outcome import MalformedEventError, shown

LONGEST_LABEL = 320
"""The longest name or id of an actor or a correlation that is kept: a mail address fits."""

_TYPE_NAMES: dict[type, str] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
    type(None): "null",
}

# fromisoformat alone is too lenient: it also reads dates without a time, and week dates.
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?)"
    r" ?([Zz]|UTC|[+-][0-9]{2}:[0-9]{2})?",
)

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def described(value: object) -> str:
    """Name the JSON type of a value, for a reason."""
    return _TYPE_NAMES.get(type(value), f"of type {type(value).__name__}")


def text_at(fields: Mapping[str, object], key: str, name: str = "") -> str | None:
    """Return a text field, or None when it is absent, `null` or blank.

    Raises:
        MalformedEventError: it is no text, or no Unicode; `name` is how the reason calls it.
    """
    value = fields.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise MalformedEventError(f"{name or key} is {described(value)}, not text")
    if not value.isascii() and _HALF_CHARACTER.search(value):
        # No store and no log could take it.
        raise MalformedEventError(f"{name or key} {shown(value)} holds half a Unicode character")
    return value if value and not value.isspace() else None


def object_at(fields: Mapping[str, object], key: str, name: str = "") -> Mapping[str, object]:
    """Return an object field that may also come as JSON text; empty when it is absent or `null`.

    Raises:
        MalformedEventError: it is neither an object nor the JSON text of one.
    """
    value = fields.get(key)
    if value is None:
        return {}
    found = json_object(value)
    if found is None:
        raise MalformedEventError(f"{name or key} is {described(value)}, not an object")
    return found


def json_object(value: object) -> Mapping[str, object] | None:
    """Return an object, also from its JSON text, or None."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return None
    return value if isinstance(value, dict) else None


def label(value: object) -> str | None:
    """Return a short printable text, or None: what only describes a change is kept or left out."""
    if not isinstance(value, str) or len(value) > LONGEST_LABEL:
        return None
    clean = value.strip()
    return clean if clean and clean.isprintable() else None


def moment(value: object, name: str) -> datetime:
    """Read an RFC 3339 time; without an offset it is UTC, as Log Analytics prints it.

    Azure writes seven fractional digits; what is finer than a microsecond is cut off.

    Raises:
        MalformedEventError: it is absent, no text, or no time; `name` is how the reason calls it.
    """
    if value is None:
        raise MalformedEventError(f"{name} is missing")
    if not isinstance(value, str):
        raise MalformedEventError(f"{name} is {described(value)}, not text")
    match = _TIME.fullmatch(value)
    if match is None:
        raise MalformedEventError(f"{name} {shown(value)} is no RFC 3339 time")
    date, time, offset = match.groups()
    if offset is None or len(offset) != len("+00:00"):
        offset = "+00:00"
    try:
        return datetime.fromisoformat(f"{date}T{time}{offset}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedEventError(f"{name} {shown(value)} is no time: {error}") from error
