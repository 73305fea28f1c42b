"""JSON for programs, written piece by piece, in ASCII: nothing in a name reaches a terminal raw."""

import json
from collections.abc import Iterable, Iterator
from typing import TextIO

_DELETE = "\x7f"
"""The one control character in ASCII that JSON need not escape."""


def encoded(value: object) -> str:
    """Return a value as JSON on one line; what JSON has no word for is written as text."""
    return json.dumps(value, default=str).replace(_DELETE, "\\u007f")


def write_object(stream: TextIO, members: Iterable[tuple[str, object]]) -> None:
    """Write an object whose members are made meanwhile; an iterator becomes an array."""
    lead = "{"
    for name, value in members:
        stream.write(f"{lead}{encoded(name)}: ")
        if isinstance(value, Iterator):
            write_array(stream, value)
        else:
            stream.write(encoded(value))
        lead = ",\n "
    stream.write("}\n")


def write_array(stream: TextIO, items: Iterable[object]) -> None:
    """Write an array, one item a line; without the line end behind it."""
    lead = "[\n"
    for item in items:
        stream.write(f"{lead}{encoded(item)}")
        lead = ",\n"
    stream.write("[]" if lead == "[\n" else "\n]")
