"""Times and texts of messages."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.fields import label, moment
from shared.events.outcome import LONGEST_SHOWN, MalformedEventError, shown


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        ("2026-11-18T09:41:07Z", 0),
        ("2026-11-18T09:41:07.1Z", 100000),
        ("2026-11-18T09:41:07.123456Z", 123456),
        ("2026-11-18T09:41:07.1234569Z", 123456),
        ("2026-11-18t09:41:07z", 0),
        ("2026-11-18T10:41:07+01:00", 0),
        ("2026-11-18T04:11:07.5-05:30", 500000),
        ("2026-11-18T09:41:07.1234567", 123456),
        ("2026-11-18 09:41:07", 0),
        ("2026-11-18 09:41:07.123", 123000),
        ("2026-11-18 09:41:07 UTC", 0),
    ],
)
def test_times_are_read_as_utc(text: str, microseconds: int) -> None:
    """Offsets are applied, a missing one is UTC, the seventh digit is cut off."""
    read = moment(text, "time")

    assert read == datetime(2026, 11, 18, 9, 41, 7, microseconds, tzinfo=UTC)
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-18",
        "20261118T094107Z",
        "2026-W47-3T09:41:07Z",
        "2026-11-18T09:41Z",
        "2026-11-18T09:41:07Z\n",
        "2026-11-18T09:41:07 CET",
        "2026-11-18T25:41:07Z",
        "٢٠٢٦-11-18T09:41:07Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-11-18T09:41:07+99:99",
        "1795164067",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """No guessing: dates alone, week dates, other digits and impossible times are refused."""
    with pytest.raises(MalformedEventError, match=r"^time '.*' is no (RFC 3339 )?time"):
        moment(text, "time")


@given(
    st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1)),  # noqa: DTZ001 - given a zone below
    st.integers(-23 * 60, 23 * 60),
)
@settings(deadline=None)
def test_every_time_with_an_offset_survives(local: datetime, minutes: int) -> None:
    """What Python writes is read as the same moment."""
    when = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))

    assert moment(when.isoformat(), "time") == when


@pytest.mark.parametrize("value", [None, 7, "", " ", "a\nb", "a\x00", "\u202eevil", "x" * 321, []])
def test_labels_that_cannot_be_shown_are_absent(value: object) -> None:
    """Nothing unprintable, endless or of another type is kept."""
    assert label(value) is None


@given(st.text(st.characters()))
@settings(deadline=None)
def test_values_are_shown_short_and_printable(text: str) -> None:
    """Whatever the value, it fits a line."""
    quoted = shown(text)

    assert len(quoted) <= LONGEST_SHOWN
    assert quoted.isprintable()
