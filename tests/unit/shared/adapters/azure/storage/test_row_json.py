"""Rows as the table service writes them."""

from datetime import UTC, datetime

import orjson
import pytest

from shared.adapters.azure.storage.row_json import StoredRow, decode_row, encode_row

STAMP = "2026-11-20T16:12:52.1491437Z"


def test_a_row_comes_back_as_it_was_written() -> None:
    """Every type that columns have."""
    columns = {
        "text": "häß 'x'",
        "number": -3,
        "seconds": 30.0,
        "yes": True,
        "bytes": b"\x00\xff",
        "empty": b"",
    }
    told = orjson.loads(encode_row("01", "s-1", columns))

    assert decode_row({**told, "Timestamp": STAMP, "odata.etag": 'W/"x"'}) == StoredRow(
        "s-1", columns, 'W/"x"', datetime(2026, 11, 20, 16, 12, 52, 149143, UTC)
    )


@pytest.mark.parametrize("value", [None, 2**31, -(2**31) - 1, datetime.now(UTC), ["x"]])
def test_what_a_row_cannot_hold_is_refused(value: object) -> None:
    """Rather than come back as something else."""
    with pytest.raises(TypeError, match="the column x cannot hold"):
        encode_row("01", "s-1", {"x": value})


def test_long_numbers_of_others_are_read() -> None:
    """The service writes them as text, with their type."""
    told = {"RowKey": "r", "n": "4294967296", "n@odata.type": "Edm.Int64", "Timestamp": STAMP}

    assert decode_row(told).columns == {"n": 4294967296}


def test_an_etag_that_is_not_named_is_made_of_the_time() -> None:
    """As the service makes it; without the time there is none."""
    assert decode_row({"RowKey": "r", "Timestamp": STAMP}).etag == (
        "W/\"datetime'2026-11-20T16%3A12%3A52.1491437Z'\""
    )
    assert decode_row({"RowKey": "r"}).etag == ""
