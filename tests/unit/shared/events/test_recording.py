"""Recorded events in files of every form, sound and broken."""

import codecs
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.domain.change import ResourceChange
from shared.events import recording
from shared.events.outcome import Ignored, Malformed
from shared.events.recording import LONGEST_EVENT, read_events
from shared.events.translate import translate

Recorded = Callable[[str], dict[str, Any]]

FIXTURES = Path(__file__).parents[3] / "fixtures" / "events"
A: dict[str, Any] = {"eventType": "A", "data": {"text": "å\u2028"}}
B: dict[str, Any] = {"eventType": "B"}


def read(content: bytes) -> list[object]:
    """All items of a file."""
    return list(read_events(io.BytesIO(content)))


def lines(*items: object) -> bytes:
    """Items as JSON lines."""
    return b"".join(json.dumps(item, ensure_ascii=False).encode() + b"\n" for item in items)


class Endless(io.RawIOBase):
    """A stream made up as it is read, so that no test holds what it reads."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._held = parts, b""

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        """Hand out the next bytes."""
        self._held = self._held or next(self._parts, b"")
        size = min(len(buffer), len(self._held))
        buffer[:size], self._held = self._held[:size], self._held[size:]
        return size


# --- forms ---


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([A, B]).encode(),
        json.dumps([A, B], indent=2, ensure_ascii=False).encode(),
        b"\n\n  " + json.dumps([A, B], indent=2).encode() + b"\n\n",
        b"[" + json.dumps(A).encode() + b"\n," + json.dumps(B).encode() + b"\n]",
        b"[\n" + json.dumps(A).encode() + b",\n" + json.dumps(B).encode() + b"]",
        lines(A, B),
        lines(A, B).rstrip(),
        lines(A, B).replace(b"\n", b"\r\n\r\n"),
        b"\n" + lines(A) + b"\n  \n" + lines(B),
        lines([A], [B]),
        lines([A], B),
        json.dumps({"value": [A, B], "nextLink": "https://contoso.example"}).encode(),
        json.dumps({"value": [A, B]}, indent=1).encode(),
        b'{"value": [\n' + json.dumps(A).encode() + b",\n" + json.dumps(B).encode() + b"\n]}",
    ],
)
def test_every_form_of_several_events_is_read(content: bytes) -> None:
    """Arrays, lines, lists of the REST API: in any layout, they are the same two events."""
    assert read(content) == [A, B]


@pytest.mark.parametrize("indent", [None, 2])
def test_one_event_is_read(indent: int | None) -> None:
    """On one line or on many, with or without an end of line."""
    content = json.dumps(A, indent=indent).encode()

    assert read(content) == read(content + b"\n") == [A]


@pytest.mark.parametrize("content", [b"[]", b'{"value": []}', b"[]\n", b'{"tables": []}'])
def test_an_empty_list_holds_no_events(content: bytes) -> None:
    """Nothing happened is no fault."""
    assert read(content) == []


@pytest.mark.parametrize("form", [json.dumps([A, B], ensure_ascii=False), lines(A, B).decode()])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
    ],
)
def test_encodings_of_powershell_are_read(mark: bytes, encoding: str, form: str) -> None:
    """A byte order mark and UTF-16 do not show in the events."""
    assert read(mark + form.encode(encoding)) == [A, B]


def test_utf_16_is_read_across_the_borders_of_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A character cut in two by reading in pieces is put together again."""
    event = {"eventType": "🙂å" * 9}
    content = lines(event).decode().encode("utf-16")
    for chunk in range(2, 9):
        monkeypatch.setattr(recording, "_CHUNK", chunk)
        assert read(content) == [event]


def test_the_answer_of_a_log_query_is_read_as_rows() -> None:
    """Columns and rows become objects, which translate as AzureActivity rows."""
    rows = read((FIXTURES / "log-analytics-query.json").read_bytes())

    changes = [translate(row) for row in rows]
    assert [isinstance(change, ResourceChange) for change in changes] == [True, True]
    assert [change.outcome for change in changes if isinstance(change, ResourceChange)] == [
        "started",
        "succeeded",
    ]


def test_a_log_query_that_does_not_fit_is_malformed_row_by_row() -> None:
    """A short row, a table without columns and one that is no table are told of."""
    tables = [
        {"columns": [{"name": "a"}, {"name": "b"}], "rows": [[1, 2], [1], "x"]},
        {"rows": []},
        7,
        {"columns": ["a"], "rows": [[1]]},
    ]

    assert read(json.dumps({"tables": tables}).encode()) == [
        {"a": 1, "b": 2},
        Malformed("row 2 of the query's answer does not fit its columns"),
        Malformed("row 3 of the query's answer does not fit its columns"),
        Malformed("a table of the query's answer lacks columns or rows"),
        Malformed("a table of the query's answer lacks columns or rows"),
        Malformed("row 1 of the query's answer does not fit its columns"),
    ]


# --- broken ---


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\t\n", codecs.BOM_UTF8, b"\xff\xfe"])
def test_an_empty_file_is_malformed(content: bytes) -> None:
    """Nobody records nothing on purpose."""
    assert read(content) == [Malformed("the input is empty")]


def test_a_broken_line_costs_only_itself() -> None:
    """The lines before and after it are read, and its number is told."""
    content = lines(A) + b'{"eventType": \n' + b"\x00\x01\n" + b'"\xff"\n' + lines(B)
    first, *broken, last = read(content)

    assert (first, last) == (A, B)
    assert [str(getattr(item, "reason", item))[:19] for item in broken] == [
        "line 2 is not JSON:",
        "line 3 is not JSON:",
        "line 4 is not JSON:",
    ]


@pytest.mark.parametrize(
    "cut", [b'{"eventType": "A\n', b'{"eventType": "A",\n', b'{"data": {\n', b"{\n", b"}\n"]
)
def test_a_broken_first_line_costs_only_itself(cut: bytes) -> None:
    """A first line that is cut short does not make the rest one broken document."""
    broken, *rest = read(cut + lines(A, B))

    assert isinstance(broken, Malformed)
    assert rest == [A, B]


@pytest.mark.parametrize("indent", [None, 2])
def test_of_a_broken_array_the_items_before_the_fault_are_read(indent: int | None) -> None:
    """The fault is one item, with its line and column."""
    sound = json.dumps([A, B], indent=indent).encode()
    *items, fault = read(sound[:-1].rstrip() + b', {"eventType" "C"}, {}]')

    assert items == [A, B]
    assert isinstance(fault, Malformed)
    line = sound[:-1].rstrip().count(b"\n") + 1
    assert fault.reason.startswith(f"not JSON: Expecting ':' delimiter at line {line}, column ")


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (b"", "expected ',' or ']' at line 1, column 3"),
        (b" 2]", "expected ',' or ']' at line 1, column 4"),
        (b",]", "Expecting value at line 1, column 4"),
        (b",\n  x]", "Expecting value at line 2, column 3"),
        (b", NaN]", "NaN is no JSON at line 1, column 5"),
        (b"] 2", "unexpected content at line 1, column 5"),
        (b',"a\xff', "Unterminated string starting at line 1, column 4"),
        (b',"\0"]', "Invalid control character at line 1, column 5"),
        (b"," + b"[" * 200_000, "nested too deeply at line 1, column 4"),
    ],
)
def test_faults_of_arrays_are_told_with_their_place(end: bytes, reason: str) -> None:
    """Cut short, wrongly separated, no number, not UTF-8, nested without end."""
    first, fault = read(b"[1" + end)

    assert first == 1
    assert isinstance(fault, Malformed)
    assert fault.reason == f"not JSON: {reason}"


def test_an_item_that_is_no_json_costs_only_itself_where_its_end_is_plain() -> None:
    """Half a Unicode character, no UTF-8, an endless number: the items after it are read."""
    first, *broken, last = read(rb'[1, "\ud800", 1e999, ' + b'"\xff", 2]')

    assert (first, last) == (1, 2)
    assert [str(getattr(item, "reason", item))[:19] for item in broken] == [
        "item 2 is not JSON:",
        "item 3 is not JSON:",
        "item 4 is not JSON:",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b"{" * 200_000,
        b'{"a":' * 200_000,
        b"\0" * 1000,
        b"[\0\0\0",
        bytes(set(range(256)) - {10}),
        b'{"eventType": "A"',
        b'{\n"eventType": "A",\n"data": x}\n',
        b"null x",
        b"{'eventType': 'A'}",
        codecs.BOM_UTF16_LE + b"{\x00\x00\xd8",
        codecs.BOM_UTF16_LE + b"{",
        codecs.BOM_UTF8 + codecs.BOM_UTF8 + b"{}",
    ],
)
def test_noise_is_one_malformed_item(content: bytes) -> None:
    """Brackets without end, NUL bytes, binary, cut UTF-16: a reason, and no traceback."""
    (item,) = read(content)

    assert isinstance(item, Malformed)
    assert len(item.reason) < 200
    assert item.reason.isprintable()


@pytest.mark.parametrize(
    ("content", "begin"),
    [
        (lines(A) + b'{"eventType": oops}\n', '{"eventType": oops}'),
        (lines(A) + b"x" * 2_000_000, "x" * 1000),
        (b'{\n"a": oops}', '{\n"a": oops}'),
        (b'[1, {"eventType": oops}]', '{"eventType": oops}]'),
        (b'[1, "\xff", 2]', '"\ufffd"'),
    ],
)
def test_what_cannot_be_read_is_shown_by_its_beginning(content: bytes, begin: str) -> None:
    """The excerpt lets people see what it was; it is cut, and is sound text."""
    (item,) = [item for item in read(content) if isinstance(item, Malformed)]

    assert item.excerpt == begin


# --- size ---


def test_a_line_as_long_as_an_event_may_be_is_read() -> None:
    """The limit counts the line without its end."""
    event = {"eventType": "x" * (LONGEST_EVENT - len('{"eventType": ""}'))}

    assert read(lines(event, B)) == [event, B]
    assert read(lines(B, event)) == [B, event]


@pytest.mark.parametrize("before", [b"", lines(A)])
def test_a_longer_line_costs_only_itself(before: bytes) -> None:
    """One byte more is too long; the line after it is read."""
    event = {"eventType": "x" * (LONGEST_EVENT + 1 - len('{"eventType": ""}'))}
    *items, too_long, last = read(before + lines(event, B))

    assert items == ([A] if before else [])
    assert last == B
    assert isinstance(too_long, Malformed)
    assert "longer than 1 MiB, Event Grid's own limit" in too_long.reason


def test_a_longer_event_on_many_lines_is_malformed() -> None:
    """The limit of an event holds in every layout."""
    content = json.dumps({"eventType": "x" * LONGEST_EVENT}, indent=1).encode()

    (item,) = read(content)

    assert isinstance(item, Malformed)
    assert item.reason == "longer than 1 MiB, Event Grid's own limit"


@pytest.mark.parametrize("form", ["[%s]", '{"value": [%s]}', "[\n%s\n]"])
def test_a_document_of_several_events_may_be_longer(form: str) -> None:
    """An array or a list of 3 MiB is read whole, on one line as well."""
    item = json.dumps({"eventType": "x" * 1000})
    content = (form % ",".join([item] * 3000)).encode()

    assert len(read(content)) == 3000


@pytest.mark.parametrize("start", [b"[", b'{"value": [', b"[\n"])
def test_a_document_beyond_the_limit_is_malformed(
    monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    """No document is read whole that memory may not hold."""
    monkeypatch.setattr(recording, "LONGEST_DOCUMENT", 4 * LONGEST_EVENT)
    (item,) = read(start + b'{"eventType": "x"},' * (LONGEST_EVENT // 4))

    assert isinstance(item, Malformed)
    assert "longer than 256 MiB" in item.reason


def test_noise_without_end_of_line_is_not_held_in_memory() -> None:
    """A line of 200 MB costs a few MB, and what follows it is read."""

    def parts() -> Iterator[bytes]:
        yield lines(A)
        yield from (b"x" * 1_000_000 for _ in range(200))
        yield b"\n" + lines(B)

    tracemalloc.start()
    try:
        items = list(read_events(io.BufferedReader(Endless(parts()))))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert items[0] == A
    assert items[-1] == B
    assert len(items) == 3
    assert peak < 16_000_000


def test_lines_are_yielded_as_they_are_read() -> None:
    """A recording of any length needs the memory of its longest line."""

    def parts() -> Iterator[bytes]:
        while True:
            yield lines(A) * 1000

    events = read_events(io.BufferedReader(Endless(parts())))

    assert all(next(events) == A for _ in range(100_000))


# --- for all bytes ---


@given(st.binary())
@example(b"\xff\xfe\x00\xd8")
@example(b"[\n1,\n")
@example(b"{\n\n\n")
@settings(deadline=None)
def test_reading_never_raises_on_any_bytes(content: bytes) -> None:
    """Whatever the bytes, they become items that translate."""
    for item in read(content):
        assert isinstance(translate(item), ResourceChange | Ignored | Malformed)


FORMS = [file.read_bytes() for file in sorted(FIXTURES.glob("*.json"))]


@given(st.sampled_from(FORMS), st.data())
@settings(max_examples=300, deadline=None)
def test_reading_never_raises_on_a_damaged_recording(content: bytes, data: st.DataObject) -> None:
    """A recording cut anywhere, with anything put in, still becomes items."""
    at = data.draw(st.integers(0, len(content)))
    damaged = (
        content[:at]
        + data.draw(st.binary(max_size=20))
        + content[at:][: data.draw(st.integers(0, len(content)))]
    )

    for item in [*read(damaged), *read(b"[" + damaged + b"]")]:
        assert isinstance(translate(item), ResourceChange | Ignored | Malformed)


@given(st.lists(st.dictionaries(st.text(), st.integers(-9, 9) | st.text(), min_size=1)))
@settings(deadline=None)
def test_array_and_lines_hold_the_same_events(events: list[dict[str, object]]) -> None:
    """The form of a recording does not change what it says."""
    array = json.dumps(events).encode()

    assert read(array) == events
    if events:
        assert read(lines(*events)) == events
