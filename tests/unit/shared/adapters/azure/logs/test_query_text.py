"""Queries with their values: declared in the query, written so that Kusto reads them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.adapters.azure.logs.query_text import parameters, query_text

AT = datetime(2026, 11, 20, 8, 0, 0, 123456, tzinfo=UTC)


def test_values_stand_before_the_query() -> None:
    """Each as a `let` statement, in Kusto's spelling."""
    text = query_text("newest_by_subscription", subscriptions={"b", "a"}, since=AT)

    assert text.startswith(
        'let subscriptions = dynamic(["a", "b"]);\n'
        "let since = datetime(2026-11-20T08:00:00.123Z);\n"
    )


def test_a_time_is_told_in_utc() -> None:
    """Whatever its zone was."""
    there = AT.astimezone(timezone(timedelta(hours=5)))

    text = query_text("newest_by_subscription", subscriptions=[], since=there)

    assert "datetime(2026-11-20T08:00:00.123Z)" in text


def test_a_value_cannot_end_its_text() -> None:
    """A quote in it is escaped."""
    text = query_text("newest_by_subscription", subscriptions=['"]) | take 1 //'], since=AT)

    assert r'dynamic(["\"]) | take 1 //"])' in text


@pytest.mark.parametrize("values", [{}, {"since": AT}, {"since": AT, "subscription": ["a"]}])
def test_a_query_takes_the_values_that_it_declares(values: dict[str, datetime | list[str]]) -> None:
    """No fewer, and no others."""
    with pytest.raises(ValueError, match="newest_by_subscription takes subscriptions, since"):
        query_text("newest_by_subscription", **values)


def test_a_query_without_parameters_declares_none() -> None:
    """Such as those of a workbook."""
    assert parameters("// about\nAzureActivity | take 1") == {}
