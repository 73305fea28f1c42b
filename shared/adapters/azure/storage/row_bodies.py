"""JSON in the columns of a row, whatever its length.

A column holds 64 KiB (text counts two bytes a character), a row a mebibyte. Short JSON is text,
which people can read in the portal; longer JSON is compressed, in as many columns as it takes.
"""

import zlib
from collections.abc import Iterator, Mapping

from shared.ports import PortError

LONGEST_TEXT = 8_000
"""Bytes; compressing less is not worth its time."""
COLUMN = 63_000
"""Bytes of a binary column; a little is left below 64 KiB."""
LARGEST = 700_000
"""Bytes of all binary columns of a row; the rest is left for its other columns, and for services
that count bytes as they are sent, in base 64."""


class RowTooLargeError(PortError):
    """What is to be stored does not fit into a row."""


def body_columns(data: bytes) -> dict[str, object]:
    """Return the columns that hold a body.

    Raises:
        RowTooLargeError: it is longer than a row can hold.
    """
    if len(data) <= LONGEST_TEXT:
        return {"body": data.decode()}
    # Named as well, because columns that a change does not name stay as they were.
    return {"body": "", **binary_columns("packed", zlib.compress(data, level=1))}


def body_of(columns: Mapping[str, object]) -> bytes:
    """Return the body of a row."""
    text = columns.get("body")
    if isinstance(text, str) and text:
        return text.encode()
    return zlib.decompress(binary_of("packed", columns))


def binary_columns(name: str, data: bytes) -> dict[str, object]:
    """Return the columns that hold bytes: `name00`, `name01`, … as many as it takes.

    Raises:
        RowTooLargeError: they are more than a row can hold.
    """
    if len(data) > LARGEST:
        msg = f"a row cannot hold {len(data)} bytes"
        raise RowTooLargeError(msg)
    return {
        f"{name}{number:02}": data[start : start + COLUMN]
        for number, start in enumerate(range(0, len(data), COLUMN))
    }


def binary_of(name: str, columns: Mapping[str, object]) -> bytes:
    """Return the bytes of columns of this name."""
    return b"".join(_parts(name, columns))


def _parts(name: str, columns: Mapping[str, object]) -> Iterator[bytes]:
    number = 0
    while isinstance(part := columns.get(f"{name}{number:02}"), bytes):
        yield part
        number += 1


def size_of(columns: Mapping[str, object]) -> int:
    """Return about how many bytes a row takes in a request: bytes are sent in base 64."""
    return 600 + sum(
        len(each) * 4 // 3 if isinstance(each, bytes) else len(str(each)) + 60
        for each in columns.values()
    )
