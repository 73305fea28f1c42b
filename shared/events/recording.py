"""Recorded events from a file or a pipe, one by one.

    [event, …]                      a JSON array, or one event, over any number of lines
    {"value": [entry, …]}           the answer of the Activity Log's REST API
    {"tables": [{"columns": …}]}    the answer of a Log Analytics query
    event, newline, event, …        JSON lines; a line may also be any of the above

UTF-8 with or without a byte order mark, or UTF-16, which PowerShell writes. Input that cannot be
read is an item too, so that items are numbered as they came.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import BinaryIO, NamedTuple, NoReturn

import orjson

from shared.events.outcome import Malformed

LONGEST_EVENT = 1024 * 1024
"""Bytes of one line or one event; Event Grid itself takes no longer events."""

LONGEST_DOCUMENT = 256 * 1024 * 1024
"""Bytes of one document of several events, which is held in memory as a whole."""

_CHUNK = 64 * 1024
_TOO_LONG = "longer than 1 MiB, Event Grid's own limit"

_UTF16_STARTS = {
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    b"[\0": "utf-16-le",
    b"{\0": "utf-16-le",
    b"\0[": "utf-16-be",
    b"\0{": "utf-16-be",
}
_SEVERAL_EVENTS = re.compile(rb'"(?:value|tables)"\s*:\s*\[')
_BLANK = re.compile(r"[ \t\r\n]*")


def read_events(data: BinaryIO) -> Iterator[object | Malformed]:
    """Yield every recorded event as parsed JSON, and a `Malformed` where there is none to be read.

    JSON lines are read one by one; one that is too long or broken costs nothing but itself. Of a
    broken array the items before the fault are read.

    Raises:
        OSError: `data` cannot be read.
    """
    chunks = _as_utf8(data)
    head = _gathered(chunks, LONGEST_EVENT)
    if not _is_one_document(head):
        yield from _from_lines(chain([head], chunks))
        return
    document = head + _gathered(chunks, LONGEST_DOCUMENT - len(head))
    if len(document) > LONGEST_DOCUMENT:
        yield Malformed(
            "the document is longer than 256 MiB; as JSON lines it may be of any length"
        )
    else:
        yield from _from_document(document)


def _as_utf8(data: BinaryIO) -> Iterator[bytes]:
    """Yield the content as UTF-8 without a byte order mark; what is no Unicode stays no UTF-8."""
    start = b""
    while len(start) < _CHUNK and (more := data.read(_CHUNK - len(start))):
        start += more
    rest = iter(lambda: data.read(_CHUNK) or b"", b"")
    encoding = _UTF16_STARTS.get(start[:2])
    if encoding is None:
        yield start.removeprefix(codecs.BOM_UTF8)
        yield from rest
        return
    # Half a character passes through, to be refused by the JSON parser with its line.
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    yield decoder.decode(start).removeprefix("\ufeff").encode("utf-8", "surrogatepass")
    for chunk in rest:
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:
        yield b"\xff"


def _gathered(chunks: Iterator[bytes], limit: int) -> bytes:
    """Join chunks until they are longer than `limit`, or at their end."""
    joined = bytearray()
    for chunk in chunks:
        joined += chunk
        if len(joined) > limit:
            break
    return bytes(joined)


def _is_one_document(head: bytes) -> bool:
    """Whether input that begins so is one JSON document, rather than JSON lines."""
    begin = head.lstrip()
    if not begin.startswith((b"[", b"{")):
        return False
    line, ended, _ = begin.partition(b"\n")
    if not ended:
        several = begin.startswith(b"[") or _SEVERAL_EVENTS.search(begin, 0, _CHUNK) is not None
        return several or len(head) <= LONGEST_EVENT
    if line.rstrip().endswith((b"[", b"{", b",", b":")):
        return True
    # A line that is whole is a JSON line, also when it is the only one. An array that begins with a
    # broken line can only be an array; an object that does is a broken JSON line.
    return begin.startswith(b"[") and isinstance(_parsed(line), _Fault)


class _Fault(NamedTuple):
    """Where a text is no JSON. Unlike the parser's error it does not hold the whole text."""

    what: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"not JSON: {self.what} at line {self.line}, column {self.column}"


def _parsed(text: bytes) -> object:
    """Parse JSON; a fault is returned, not raised, for it is only one more item."""
    try:
        parsed: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _Fault(error.msg, error.lineno, error.colno)
    return parsed


def _from_document(document: bytes) -> Iterator[object | Malformed]:
    """Yield the items of one document."""
    parsed = _parsed(document)
    if not isinstance(parsed, _Fault):
        yield from _items(parsed, len(document))
    elif document.lstrip().startswith(b"["):
        yield from _before_the_fault(document)
    elif isinstance(_second_line(document), dict):
        # No document then: JSON lines, of which the first is cut short.
        yield from _from_lines([document])
    else:
        yield Malformed(str(parsed))


def _second_line(document: bytes) -> object:
    """Parse the second line that is not blank; an error, as any, is no object."""
    lines = (line for line in document.lstrip()[: 2 * LONGEST_EVENT].splitlines() if line.strip())
    next(lines, b"")
    return _parsed(next(lines, b""))


def _before_the_fault(document: bytes) -> Iterator[object | Malformed]:
    """Yield the items of a broken array one by one, up to the fault, and then the fault."""
    # What is not UTF-8 passes through, to be refused with the item that holds it.
    text = document.decode(errors="surrogateescape")
    # Only finds where an item ends; what the item is, says orjson, as for every other input.
    decoder = json.JSONDecoder(parse_int=float, parse_constant=_refused)
    at, number = text.index("[") + 1, 0
    while True:
        number += 1
        at = _after_blanks(text, at)
        try:
            _, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            yield _fault(text, error.pos, error.msg.removesuffix(" at"))
            return
        except RecursionError:
            yield _fault(text, at, "nested too deeply")
            return
        except ValueError as error:
            yield _fault(text, at, str(error))
            return
        item = _parsed(text[at:end].encode("utf-8", "surrogatepass"))
        if isinstance(item, _Fault):
            yield Malformed(f"item {number} is not JSON: {item.what}")
        else:
            yield item
        at = _after_blanks(text, end) + 1
        if not text.startswith(",", at - 1):
            break
    if not text.startswith("]", at - 1):
        yield _fault(text, at - 1, "expected ',' or ']'")
    elif (at := _after_blanks(text, at)) < len(text):
        yield _fault(text, at, "unexpected content")


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _after_blanks(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _fault(text: str, at: int, what: str) -> Malformed:
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return Malformed(str(_Fault(what, line, column)))


def _from_lines(chunks: Iterable[bytes]) -> Iterator[object | Malformed]:
    """Yield the items of JSON lines, each line for itself."""
    empty = True
    for number, line in enumerate(_lines(chunks), 1):
        if line is not None and not line.strip():
            continue
        empty = False
        if line is None:
            yield Malformed(f"line {number} is {_TOO_LONG}")
            continue
        parsed = _parsed(line)
        if isinstance(parsed, _Fault):
            yield Malformed(f"line {number} is not JSON: {parsed.what} at column {parsed.column}")
        else:
            yield from _items(parsed, len(line))
    if empty:
        yield Malformed("the input is empty")


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes | None]:
    """Split into lines, holding no more than `LONGEST_EVENT` of one; None: a line is longer."""
    held, too_long = bytearray(), False
    for chunk in chunks:
        *ended, begun = chunk.split(b"\n")
        for part in ended:
            held += part
            yield None if too_long or len(held) > LONGEST_EVENT else bytes(held)
            held, too_long = bytearray(), False
        if not too_long:
            held += begun
        if len(held) > LONGEST_EVENT:
            held, too_long = bytearray(), True
    if held or too_long:
        yield None if too_long else bytes(held)


def _items(parsed: object, size: int) -> Iterator[object | Malformed]:
    """Yield the events that a parsed document or line of `size` bytes holds."""
    if isinstance(parsed, list):
        yield from parsed
    elif not isinstance(parsed, dict):
        yield parsed
    elif isinstance(tables := parsed.get("tables"), list):
        for table in tables:
            yield from _rows(table)
    elif isinstance(entries := parsed.get("value"), list):
        yield from entries
    elif size > LONGEST_EVENT:
        yield Malformed(_TOO_LONG)
    else:
        yield parsed


def _rows(table: object) -> Iterator[Mapping[str, object] | Malformed]:
    """Yield the rows of a table of a Log Analytics answer as objects."""
    columns, rows = (
        (table.get("columns"), table.get("rows")) if isinstance(table, dict) else ((), ())
    )
    if not isinstance(columns, list) or not isinstance(rows, list):
        yield Malformed("a table of the query's answer lacks columns or rows")
        return
    names = [str(column.get("name")) for column in columns if isinstance(column, dict)]
    for number, row in enumerate(rows, 1):
        if isinstance(row, list) and len(row) == len(columns) == len(names):
            yield dict(zip(names, row, strict=True))
        else:
            yield Malformed(f"row {number} of the query's answer does not fit its columns")
