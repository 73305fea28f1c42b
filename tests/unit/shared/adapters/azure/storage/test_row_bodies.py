"""JSON in the columns of a row, whatever its length."""

import random

import pytest

from shared.adapters.azure.storage.row_bodies import (
    LARGEST,
    LONGEST_TEXT,
    RowTooLargeError,
    body_columns,
    body_of,
)


@pytest.mark.parametrize("length", [1, LONGEST_TEXT, LONGEST_TEXT + 1, 3_000_000])
def test_a_body_comes_back_as_it_was(length: int) -> None:
    """Short ones as text that people can read, long ones compressed."""
    data = "ä ".encode() * (length // 3) + b"x" * (length % 3)
    columns = body_columns(data)

    assert body_of(columns) == data
    assert (columns["body"] == data.decode()) is (len(data) <= LONGEST_TEXT)


def test_no_column_is_longer_than_the_service_takes() -> None:
    """64 KiB; text counts two bytes a character."""
    data = random.Random(0).randbytes(LARGEST - 1_000)  # noqa: S311 - keeps nothing secret
    columns = body_columns(data)

    assert body_of(columns) == data
    assert len(columns) > 10
    assert all(len(each) <= 64 * 1024 for each in columns.values() if isinstance(each, bytes))
    assert LONGEST_TEXT * 2 <= 64 * 1024


def test_what_no_row_can_hold_is_refused() -> None:
    """With an error of the port: no answer of the service tells as much."""
    with pytest.raises(RowTooLargeError):
        body_columns(random.Random(0).randbytes(LARGEST + 1))  # noqa: S311 - keeps nothing secret


@pytest.mark.parametrize("lengths", [(10, 20_000), (20_000, 10), (400_000, 20_000), (3, 2)])
def test_a_body_that_replaces_another_column_by_column_is_the_one_that_counts(
    lengths: tuple[int, int],
) -> None:
    """A change of some columns leaves the others as they were."""
    before, after = (random.Random(each).randbytes(each).hex().encode() for each in lengths)  # noqa: S311 - keeps nothing secret

    assert body_of({**body_columns(before), **body_columns(after)}) == after
