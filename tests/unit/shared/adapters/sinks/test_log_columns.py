"""Cells and rows: what Azure would cut or replace without a word is cut or replaced here."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from shared.adapters.sinks.log_columns import (
    CELL_BYTES,
    ROW_BYTES,
    Column,
    Kind,
    LogTable,
    cell,
    kept_time,
)
from tests.fakes import BEGINNING

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("hours", [-46.9, -1, 0, 22.9])
def test_a_time_that_azure_keeps_is_kept(hours: float) -> None:
    """Up to two days old, up to a day ahead, less an hour for the way."""
    at = BEGINNING + hours * HOUR

    assert kept_time(at, BEGINNING) == at


@pytest.mark.parametrize("hours", [-10_000, -48, -47.1, 23.1, 100])
def test_a_time_that_azure_would_replace_is_now(hours: float) -> None:
    """So the row says of itself what Azure would make of it."""
    assert kept_time(BEGINNING + hours * HOUR, BEGINNING) == BEGINNING


def test_nothing_is_nothing_in_any_column() -> None:
    """An empty cell, never the word None."""
    assert [cell(kind, None) for kind in Kind] == [None] * len(Kind)


def test_times_are_in_utc() -> None:
    """Wherever they come from."""
    there = BEGINNING.astimezone(timezone(timedelta(hours=9)))

    assert cell(Kind.DATETIME, there) == "2026-11-20T08:00:00Z"


@pytest.mark.parametrize("letter", ["a", "ß", "\N{SNOWMAN}", "\N{GRINNING FACE}"])
def test_a_long_text_is_cut_and_says_so(letter: str) -> None:
    """By its bytes, and in no letter's middle."""
    text = letter * 100_000

    found = cell(Kind.STRING, text)

    assert isinstance(found, str)
    assert len(found.encode()) <= CELL_BYTES
    kept = found.partition("…")[0]
    assert text.startswith(kept)
    assert found.endswith(f"… ({len(text) - len(kept)} more characters)")


def test_a_text_that_fits_is_whole() -> None:
    """To the last byte."""
    text = "a" * CELL_BYTES

    assert cell(Kind.STRING, text) == text


def test_a_long_list_is_cut_between_its_items() -> None:
    """What is left is JSON still."""
    items = [{"n": n, "text": "x" * 100} for n in range(2000)]

    found = cell(Kind.DYNAMIC, items)

    assert isinstance(found, list)
    assert found[:-1] == items[: len(found) - 1]
    assert found[-1] == f"… {2000 - len(found) + 1} more"
    assert len(json.dumps(found)) <= CELL_BYTES


def test_a_long_object_is_cut_between_its_entries() -> None:
    """And says that it is."""
    found = cell(Kind.DYNAMIC, {f"key {n}": "x" * 100 for n in range(2000)})

    assert isinstance(found, dict)
    assert found["cut"] is True
    assert found["entries"][0] == {"key": "key 0", "value": "x" * 100}
    assert len(json.dumps(found)) <= CELL_BYTES


def test_a_value_that_is_neither_is_cut_as_text() -> None:
    """One long text in a dynamic column."""
    found = cell(Kind.DYNAMIC, "x" * 100_000)

    assert isinstance(found, str)
    assert found.endswith("more characters)")


def test_half_a_surrogate_pair_is_replaced() -> None:
    """It is no UTF-8, and would spoil the rows beside it."""
    assert cell(Kind.STRING, "a\ud800b") == "a?b"
    assert cell(Kind.DYNAMIC, [{"k": "a\ud800b"}]) == [{"k": "a?b"}]


def test_a_row_of_many_long_cells_is_small_enough() -> None:
    """As it is written in JSON, where a letter can take twelve bytes."""
    columns: list[Column[str]] = [
        Column(f"Column{n}", Kind.STRING, "", lambda text: text) for n in range(30)
    ]
    columns.append(Column("Short", Kind.STRING, "", lambda _: "short"))
    table: LogTable[str] = LogTable("T_CL", "", lambda _: BEGINNING, tuple(columns))

    row = table.row("\N{GRINNING FACE}" * 50_000, BEGINNING)

    assert len(json.dumps(row)) <= ROW_BYTES
    assert row["Short"] == "short"
    assert "more characters" in str(row["Column7"])


def test_every_row_has_a_time() -> None:
    """It is the first column of every table."""
    table: LogTable[datetime] = LogTable("T_CL", "", lambda at: at, ())

    assert table.row(BEGINNING, BEGINNING) == {"TimeGenerated": "2026-11-20T08:00:00Z"}
