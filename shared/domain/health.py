"""What the monitor can tell of its own fitness: one check after the other, each with its remedy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from shared.domain.tables import FOLDER, TABLES, BrokenTableError, Table

STALE_AFTER = timedelta(days=180)
"""Older data tables lack what Microsoft changed since."""
AHEAD = timedelta(days=1)
"""A table may be dated tomorrow: it is that day already somewhere."""
GUIDE = "docs/data-tables.md"


class Health(StrEnum):
    """What a check came to, worst last."""

    OK = "ok"
    WARN = "warn"
    """The monitor works, and somebody should see to it."""
    FAULT = "fault"
    """The monitor does not work as it should."""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One check: its name, what it came to, in words, and what to do where that is not ok."""

    name: str
    health: Health
    message: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True)
class HealthRecord:
    """How the monitor is at one time (UTC).

    `canary_sent_at` is when the last canary that arrived had set out, `canary_took` how long it was
    on its way; None: none has arrived yet. `measures` are numbers by name: queue lengths, ages
    (seconds), undelivered alerts. One that cannot be told is None, and a check says why: never
    zero. `instance` tells apart what runs at the same time.
    """

    at: datetime
    version: str
    instance: str
    checks: tuple[HealthCheck, ...] = ()
    canary_sent_at: datetime | None = None
    canary_took: timedelta | None = None
    measures: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def health(self) -> Health:
        """What the worst check came to."""
        order = list(Health)
        return max((each.health for each in self.checks), key=order.index, default=Health.OK)


@dataclass(frozen=True, slots=True)
class TableCheck:
    """The check of one data table; `as_of` and `days` are None where it cannot be read."""

    table: str
    as_of: date | None
    days: int | None
    check: HealthCheck


def check_tables(
    now: datetime, tables: Mapping[str, Callable[[], Table]] = TABLES
) -> tuple[TableCheck, ...]:
    """Check that every data table can be read and is not too old at this time (UTC)."""
    return tuple(_check_table(name, load, now.date()) for name, load in tables.items())


def _check_table(name: str, load: Callable[[], Table], today: date) -> TableCheck:
    """Check one table."""
    called = f"data_table.{name}"
    try:
        as_of = load().as_of
    except BrokenTableError as error:
        message = f"The table cannot be used: {error}."
        remedy = f"Restore {FOLDER}/{name}.json as it was released, or correct what is named."
        return TableCheck(name, None, None, HealthCheck(called, Health.FAULT, message, remedy))
    age = today - as_of
    dated = f"The table is of {as_of}"
    if age > STALE_AFTER:
        message = (
            f"{dated}, {age.days} days ago: what Microsoft changed since is not in it, and counts "
            "as unknown."
        )
        remedy = f"Compare it with its sources and renew it, as {GUIDE} says."
        check = HealthCheck(called, Health.WARN, message, remedy)
    elif age < -AHEAD:
        message = f"{dated}, which is {-age.days} days ahead of this machine's clock."
        check = HealthCheck(called, Health.WARN, message, "Set the clock, or correct as_of.")
    else:
        check = HealthCheck(called, Health.OK, f"{dated}, {_ago(age.days)}.")
    return TableCheck(name, as_of, age.days, check)


def _ago(days: int) -> str:
    """Return how long ago a day is, in words."""
    if days <= 0:
        return "today"
    return "yesterday" if days == 1 else f"{days} days ago"
