"""How far back: `30m`, `24h`, `7d`, `2w`, a date, a time, or `all`."""

import re
from datetime import UTC, datetime, timedelta

import typer

ALL = "all"
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(r"(\d{1,9})\s*([mhdw])")


def since(given: str, now: datetime) -> datetime | None:
    """Return the time that is meant (UTC), or None for `all`; a time without zone is UTC.

    Raises:
        typer.BadParameter: it is none of the forms, or lies outside the calendar.
    """
    text = given.strip().lower()
    if text == ALL:
        return None
    try:
        if ago := _AGO.fullmatch(text):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        time = datetime.fromisoformat(text.upper())
        return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{given!r} is no time. Use 30m, 24h, 7d or 2w ago, a date such as 2026-11-20,"
            " a time such as 2026-11-20T08:30Z, or all."
        ) from None
