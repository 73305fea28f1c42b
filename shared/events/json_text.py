"""JSON text that may be broken: a fault is an item like any other, never an exception."""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

import orjson

from shared.events.outcome import Malformed

LONGEST_EXCERPT = 1000
"""Bytes kept of what cannot be read, for people to see what it was."""

_BLANK = re.compile(r"[ \t\r\n]*")


class Fault(NamedTuple):
    """Where a text is no JSON. Unlike the parser's error it does not hold the whole text."""

    what: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"not JSON: {self.what} at line {self.line}, column {self.column}"


def parsed_json(text: bytes) -> object:
    """Return the value that a JSON text holds, or the `Fault` in it."""
    try:
        parsed: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Fault(error.msg, error.lineno, error.colno)
    return parsed


def excerpt(raw: bytes) -> str:
    """Return the beginning of a text that cannot be read."""
    return raw[:LONGEST_EXCERPT].decode(errors="replace")


def items_until_the_fault(document: bytes) -> Iterator[object | Malformed]:
    """Yield the items of a broken array one by one, up to the fault, and then the fault.

    Where only one item is at fault and its end is plain, the items after it are read too.
    """
    # What is not UTF-8 passes through, to be refused with the item that holds it.
    text = document.decode(errors="surrogateescape")
    # Only finds where an item ends; what the item is, says orjson, as for every other input.
    decoder = json.JSONDecoder(parse_int=float, parse_constant=_refused)
    at, number = text.index("[") + 1, 0
    while True:
        number += 1
        begin = _after_blanks(text, at)
        try:
            _, end = decoder.raw_decode(text, begin)
        except json.JSONDecodeError as error:
            yield _malformed(text, error.pos, error.msg.removesuffix(" at"), begin)
            return
        except RecursionError:
            yield _malformed(text, begin, "nested too deeply", begin)
            return
        except ValueError as error:
            yield _malformed(text, begin, str(error), begin)
            return
        raw = text[begin:end].encode(errors="surrogateescape")
        item = parsed_json(raw)
        if isinstance(item, Fault):
            yield Malformed(f"item {number} is not JSON: {item.what}", excerpt(raw))
        else:
            yield item
        after = _after_blanks(text, end)
        at = after + 1
        if not text.startswith(",", after):
            break
    if not text.startswith("]", after):
        yield _malformed(text, after, "expected ',' or ']'", after)
    elif (at := _after_blanks(text, at)) < len(text):
        yield _malformed(text, at, "unexpected content", at)


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _after_blanks(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _malformed(text: str, at: int, what: str, begin: int) -> Malformed:
    """Tell of a fault in a text by its place; the excerpt begins with the item at fault."""
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    raw = text[begin : begin + LONGEST_EXCERPT].encode(errors="surrogateescape")
    return Malformed(str(Fault(what, line, column)), excerpt(raw))
