"""Recorded events from a file or a pipe, one by one.

    [event, …]                      a JSON array, or one event, over any number of lines
    {"value": [entry, …]}           the answer of the Activity Log's REST API
    {"tables": [{"columns": …}]}    the answer of a Log Analytics query
    event, newline, event, …        JSON lines; a line may also be any of the above

UTF-8 with or without a byte order mark, or UTF-16, which PowerShell writes. Input that cannot be
read is an item too, so that items are numbered as they came.
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import BinaryIO

from shared.events.json_text import Fault, excerpt, items_until_the_fault, parsed_json
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
        reason = "the document is longer than 256 MiB; as JSON lines it may be of any length"
        yield Malformed(reason, excerpt(document))
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
    return begin.startswith(b"[") and isinstance(parsed_json(line), Fault)


def _from_document(document: bytes) -> Iterator[object | Malformed]:
    """Yield the items of one document."""
    parsed = parsed_json(document)
    if not isinstance(parsed, Fault):
        yield from _items(parsed, document)
    elif document.lstrip().startswith(b"["):
        yield from items_until_the_fault(document)
    elif isinstance(_second_line(document), dict):
        # No document then: JSON lines, of which the first is cut short.
        yield from _from_lines([document])
    else:
        yield Malformed(str(parsed), excerpt(document))


def _second_line(document: bytes) -> object:
    """Parse the second line that is not blank; an error, as any, is no object."""
    lines = (line for line in document.lstrip()[: 2 * LONGEST_EVENT].splitlines() if line.strip())
    next(lines, b"")
    return parsed_json(next(lines, b""))


def _from_lines(chunks: Iterable[bytes]) -> Iterator[object | Malformed]:
    """Yield the items of JSON lines, each line for itself."""
    empty = True
    for number, line in enumerate(_lines(chunks), 1):
        if not line.strip():
            continue
        empty = False
        if len(line) > LONGEST_EVENT:
            yield Malformed(f"line {number} is {_TOO_LONG}", excerpt(line))
            continue
        parsed = parsed_json(line)
        if isinstance(parsed, Fault):
            reason = f"line {number} is not JSON: {parsed.what} at column {parsed.column}"
            yield Malformed(reason, excerpt(line))
        else:
            yield from _items(parsed, line)
    if empty:
        yield Malformed("the input is empty")


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Split into lines; of a longer one only `LONGEST_EVENT` and one byte more is kept."""
    held = bytearray()
    for chunk in chunks:
        *ended, begun = chunk.split(b"\n")
        for part in ended:
            held += part[: LONGEST_EVENT + 1 - len(held)]
            yield bytes(held)
            held.clear()
        held += begun[: LONGEST_EVENT + 1 - len(held)]
    if held:
        yield bytes(held)


def _items(parsed: object, raw: bytes) -> Iterator[object | Malformed]:
    """Yield the events that a parsed document or line holds."""
    if isinstance(parsed, list):
        yield from parsed
    elif not isinstance(parsed, dict):
        yield parsed
    elif isinstance(tables := parsed.get("tables"), list):
        for table in tables:
            yield from _rows(table)
    elif isinstance(entries := parsed.get("value"), list):
        yield from entries
    elif len(raw) > LONGEST_EVENT:
        yield Malformed(_TOO_LONG, excerpt(raw))
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
