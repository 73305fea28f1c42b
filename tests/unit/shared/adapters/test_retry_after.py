"""How long a service asks us to wait, in every way that it can say so."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from shared.adapters.retry_after import read_retry_after
from tests.fakes import BEGINNING

LONGEST = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("-4", 0.0),
        ("Fri, 20 Nov 2026 08:00:30 GMT", 30.0),
        ("Fri, 20 Nov 2026 08:00:30 -0000", 30.0),
        ("Fri, 20 Nov 2026 07:00:00 GMT", 0.0),
        ("Fri, 20 Nov 9999 07:00:00 GMT", 3600.0),
        ("inf", 3600.0),
        ("99999999999", 3600.0),
        ("9" * 60, 3600.0),
    ],
)
def test_a_wait_is_read_in_seconds_or_as_a_date(text: str, seconds: float) -> None:
    """Never in the past, and never over the longest."""
    assert read_retry_after({"Retry-After": text}, BEGINNING, LONGEST) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "nan",
        "٣",
        "9" * 5000,
        f"Fri, 20 Nov {'9' * 20} 08:00:30 GMT",
        f"Fri, 20 Nov 2026 08:00:30 +{'9' * 20}",
    ],
)
def test_what_is_neither_says_nothing(text: str) -> None:
    """However many digits it has."""
    assert read_retry_after({"Retry-After": text}, BEGINNING, LONGEST) is None


def test_without_a_header_there_is_no_wait() -> None:
    """Most answers have none."""
    assert read_retry_after({}, BEGINNING, LONGEST) is None


@pytest.mark.parametrize("name", ["retry-after-ms", "x-ms-retry-after-ms"])
def test_azures_own_headers_are_in_milliseconds(name: str) -> None:
    """They stand in for Retry-After where that is not there, or says nothing."""
    ms = {name: "1500"}

    for headers in (ms, {**ms, "Retry-After": "soon"}):
        found = read_retry_after(CIMultiDict(headers), BEGINNING, LONGEST)
        assert found == timedelta(seconds=1.5)
    assert read_retry_after({**ms, "Retry-After": "7"}, BEGINNING, LONGEST) == timedelta(seconds=7)
    assert read_retry_after({name: "-9"}, BEGINNING, LONGEST) == timedelta(0)
    assert read_retry_after({name: "9" * 60}, BEGINNING, LONGEST) == LONGEST


@given(st.text(max_size=80) | st.from_regex(r"\w{3}, \d+ Nov \d+ \d+:\d+:\d+ [+-]\d+"))
def test_no_text_is_an_error_or_a_wait_beyond_the_bounds(text: str) -> None:
    """Whatever a proxy writes there."""
    found = read_retry_after({"Retry-After": text, "retry-after-ms": text}, BEGINNING, LONGEST)

    assert found is None or timedelta(0) <= found <= LONGEST
