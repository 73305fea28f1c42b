"""Old and broken data tables are noticed, with what to do."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from shared.domain.health import GUIDE, Health, HealthCheck, TableCheck, check_tables
from shared.domain.tables import TABLES, BrokenTableError, Table

ROOT = Path(__file__).resolve().parents[4]
AS_OF = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def dated() -> Table:
    """Return a table of the day."""
    return Table(as_of=AS_OF, sources=("a page",))


def broken() -> Table:
    """Fail as a table does that cannot be read."""
    raise BrokenTableError("shared/domain/data/skus.json: as_of: Field required")


def checked(load: Callable[[], Table], now: datetime) -> TableCheck:
    """Check a table at a time."""
    (found,) = check_tables(now, {"skus": load})
    return found


@pytest.mark.parametrize(
    ("days", "words"),
    [(-1, "today"), (0, "today"), (1, "yesterday"), (2, "2 days ago"), (180, "180 days ago")],
)
def test_a_table_of_at_most_180_days_is_ok(days: int, words: str) -> None:
    """Its date is shown; tomorrow's is today somewhere."""
    assert checked(dated, NOON + timedelta(days=days)) == TableCheck(
        "skus",
        AS_OF,
        days,
        HealthCheck("data_table.skus", Health.OK, f"The table is of 2026-11-20, {words}."),
    )


def test_an_older_table_is_a_warning() -> None:
    """Somebody should renew it; the controls work on."""
    assert checked(dated, NOON + timedelta(days=181)) == TableCheck(
        "skus",
        AS_OF,
        181,
        HealthCheck(
            "data_table.skus",
            Health.WARN,
            "The table is of 2026-11-20, 181 days ago: what Microsoft changed since is not in it, "
            "and counts as unknown.",
            "Compare it with its sources and renew it, as docs/data-tables.md says.",
        ),
    )


def test_a_table_of_the_future_is_a_warning() -> None:
    """Either the clock is wrong, or the date; its age cannot be told."""
    found = checked(dated, NOON - timedelta(days=3)).check

    assert found.health is Health.WARN
    assert (
        found.message
        == "The table is of 2026-11-20, which is 3 days ahead of this machine's clock."
    )


def test_a_table_that_cannot_be_read_is_a_fault() -> None:
    """It names the file and the field."""
    assert checked(broken, NOON) == TableCheck(
        "skus",
        None,
        None,
        HealthCheck(
            "data_table.skus",
            Health.FAULT,
            "The table cannot be used: shared/domain/data/skus.json: as_of: Field required.",
            "Restore shared/domain/data/skus.json as it was released, or correct what is named.",
        ),
    )


def test_every_table_is_checked_and_good_on_the_day_of_its_date() -> None:
    """None is forgotten."""
    latest = max(load().as_of for load in TABLES.values())
    found = check_tables(datetime(latest.year, latest.month, latest.day, tzinfo=UTC))

    assert [each.table for each in found] == list(TABLES)
    assert {each.check.health for each in found} <= {Health.OK, Health.WARN}


@pytest.mark.parametrize("table", TABLES)
def test_the_guide_tells_how_to_renew_every_table(table: str) -> None:
    """The remedy sends people there."""
    assert f"\n### {table}\n" in (ROOT / GUIDE).read_text(encoding="utf-8")
