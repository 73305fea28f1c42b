"""JSON for programs is ASCII, complete, and written piece by piece."""

import io
import json
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.terminal.json_output import encoded, write_array, write_object

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_what_is_written_is_read_back_and_is_printable_ascii(value: object) -> None:
    """Nothing in a name reaches a terminal raw, the delete character included."""
    text = encoded(value)

    assert json.loads(text) == value
    assert all(" " <= each < "\x7f" for each in text)


def test_what_json_has_no_word_for_is_written_as_text() -> None:
    """A result is never lost to one odd value."""
    assert json.loads(encoded({"value": 1j})) == {"value": "1j"}


@given(st.lists(VALUES), st.dictionaries(st.text(), VALUES))
def test_an_object_is_written_while_it_is_made(
    items: list[object], others: dict[str, object]
) -> None:
    """Iterators become arrays, also empty ones; what comes later may depend on them."""
    stream, made = io.StringIO(), []

    def each() -> Iterator[object]:
        for item in items:
            made.append(item)
            yield item

    def members() -> Iterator[tuple[str, object]]:
        yield "items", each()
        yield "count", len(made)
        yield "others", others

    write_object(stream, members())

    expected = {"items": items, "count": len(items), "others": others}
    assert json.loads(stream.getvalue()) == expected


def test_each_item_has_a_line_of_its_own() -> None:
    """So that a large result can be read with line tools."""
    stream = io.StringIO()

    write_array(stream, [{"a": 1}, {"a": 2}])

    assert stream.getvalue() == '[\n{"a": 1},\n{"a": 2}\n]'
