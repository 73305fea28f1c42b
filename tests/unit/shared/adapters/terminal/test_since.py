"""`--since` takes what people type."""

from datetime import UTC, datetime, timedelta

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.terminal.since import DAY, parse_since

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_text", "time"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("24h", NOW - timedelta(hours=24)),
        (" 7D ", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(weeks=2)),
        ("2026-11-19", datetime(2026, 11, 19, tzinfo=UTC)),
        ("2026-11-19T10:30", datetime(2026, 11, 19, 10, 30, tzinfo=UTC)),
        ("2026-11-19 10:30:15", datetime(2026, 11, 19, 10, 30, 15, tzinfo=UTC)),
        ("2026-11-19t10:30z", datetime(2026, 11, 19, 10, 30, tzinfo=UTC)),
        ("2026-11-19T10:30+02:00", datetime(2026, 11, 19, 8, 30, tzinfo=UTC)),
        ("all", None),
        ("999999999m", NOW - timedelta(minutes=999999999)),
        ("99999999d", None),
    ],
)
def test_spans_dates_and_times_are_understood(given_text: str, time: datetime | None) -> None:
    """A span counts back from now; a time without zone is UTC."""
    assert parse_since(given_text).time(NOW) == time


@pytest.mark.parametrize("text", ["", "yesterday", "-5h", "5y", "24", "2026-13-01", "999999999w"])
def test_other_words_are_refused_with_what_can_be_typed(text: str) -> None:
    """The message shows the forms."""
    with pytest.raises(typer.BadParameter, match="use 30m, 24h, 7d or 2w ago"):
        parse_since(text)


def test_times_at_the_edge_of_the_calendar_are_refused() -> None:
    """A time whose UTC lies before the year 1 is no crash."""
    with pytest.raises(typer.BadParameter):
        parse_since("0001-01-01T00:00+14:00")


@given(st.text())
def test_any_text_is_understood_or_refused(text: str) -> None:
    """Nothing that is typed ends in another error."""
    try:
        parse_since(text).time(NOW)
    except typer.BadParameter as refused:
        assert "is no time" in refused.message  # noqa: PT017 - either outcome is right


def test_a_default_is_taken_as_it_is() -> None:
    """The default is shown by the help as people would type it."""
    assert parse_since(DAY) is DAY
    assert str(DAY) == "24h"
