"""Times that people type are read in one way, wherever they are asked for."""

from datetime import UTC, datetime, timedelta

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.terminal.typed_time import TypedTime, typed_time
from shared.adapters.terminal.until import parse_until

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30m", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        (" 7D ", timedelta(days=7)),
        ("2 w", timedelta(weeks=2)),
        ("0m", timedelta()),
        ("007d", timedelta(days=7)),
    ],
)
def test_a_span_counts_in_the_direction_that_is_asked_for(text: str, span: timedelta) -> None:
    """Back for what was, ahead for what is to be."""
    typed = typed_time(text)

    assert (typed.back_from(NOW), typed.ahead_of(NOW)) == (NOW - span, NOW + span)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-19", datetime(2026, 11, 19, tzinfo=UTC)),
        ("20261119", datetime(2026, 11, 19, tzinfo=UTC)),
        ("2026-11-27T08:30", datetime(2026, 11, 27, 8, 30, tzinfo=UTC)),
        ("2026-11-27 08:30:15", datetime(2026, 11, 27, 8, 30, 15, tzinfo=UTC)),
        ("2026-11-27t08:30z", datetime(2026, 11, 27, 8, 30, tzinfo=UTC)),
        ("2026-11-27T08:30+02:00", datetime(2026, 11, 27, 6, 30, tzinfo=UTC)),
        ("2026-11-27T23:30-05:00", datetime(2026, 11, 28, 4, 30, tzinfo=UTC)),
        ("9999-12-31", datetime(9999, 12, 31, tzinfo=UTC)),
        ("0001-01-01", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_date_or_time_is_itself_whether_past_or_future(text: str, time: datetime) -> None:
    """Without zone it is UTC; a date is its first moment."""
    typed = typed_time(text)

    assert (typed.back_from(NOW), typed.ahead_of(NOW)) == (time, time)


@pytest.mark.parametrize(
    ("text", "back", "ahead"),
    [
        ("999999999m", NOW - timedelta(minutes=999999999), NOW + timedelta(minutes=999999999)),
        ("99999999h", None, END),
        ("99999999d", None, END),
    ],
)
def test_a_span_beyond_the_calendar_ends_at_its_edge(
    text: str, back: datetime | None, ahead: datetime
) -> None:
    """Everything that was; the last moment that there is."""
    typed = typed_time(text)

    assert (typed.back_from(NOW), typed.ahead_of(NOW)) == (back, ahead)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "yesterday", "never", "now", "24", "m", "-5h", "+5h", "1.5h", "5y", "1h30m"),
        *("٣h", "5 0m", "1234567890m", "999999999w", "1e3h", "2026", "2026-13-01", "2026-02-30"),
        *("2026-11-20T25:00", "2026-11-20T08:30+99:00", "10000-01-01", "0000-01-01"),
        *("0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "2026-11-20T08:30 CET"),
    ],
)
def test_anything_else_is_no_time(text: str) -> None:
    """Neither a crash nor a guess."""
    with pytest.raises(ValueError, match=r"is no time$"):
        typed_time(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing that is typed ends in another error."""
    try:
        typed = typed_time(text)
    except ValueError as refused:
        assert str(refused).endswith("is no time")  # noqa: PT017 - either outcome is right
    else:
        assert typed.ahead_of(NOW).tzinfo is UTC


def test_until_says_what_can_be_typed() -> None:
    """And takes what was read already as it is."""
    typed = TypedTime("2h", span=timedelta(hours=2))

    assert parse_until(typed) is typed
    assert str(parse_until(" 2H ")) == "2h"
    with pytest.raises(typer.BadParameter, match="'soon' is no time: use 12h, 7d or 2w from now"):
        parse_until("soon")
