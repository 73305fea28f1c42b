"""How far back: `30m`, `24h`, `7d`, `2w`, a date, a time, or `all`."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import typer

ALL = "all"
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"([0-9]{1,9})\s*([mhdw])")


@dataclass(frozen=True, slots=True)
class Since:
    """A time, or so long ago; neither: everything."""

    text: str = ALL
    at: datetime | None = None
    ago: timedelta | None = None

    def __str__(self) -> str:
        """Return what was typed."""
        return self.text

    def time(self, now: datetime) -> datetime | None:
        """Return the time that is meant (UTC), or None for everything."""
        if self.ago is None:
            return self.at
        try:
            return now - self.ago
        except OverflowError:
            # Before the calendar began.
            return None


DAY = Since("24h", ago=timedelta(days=1))


def parse_since(given: str | Since) -> Since:
    """Read what people type; a time without zone is UTC.

    Raises:
        typer.BadParameter: it is none of the forms, or lies outside the calendar.
    """
    if isinstance(given, Since):
        return given
    text = given.strip().lower()
    if text == ALL:
        return Since()
    try:
        if ago := _AGO.fullmatch(text):
            return Since(text, ago=timedelta(**{_UNITS[ago[2]]: int(ago[1])}))
        time = datetime.fromisoformat(text.upper())
        aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
        return Since(text, at=aware.astimezone(UTC))
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{given!r} is no time: use 30m, 24h, 7d or 2w ago, a date such as 2026-11-20,"
            " a time such as 2026-11-20T08:30Z, or all"
        ) from None
