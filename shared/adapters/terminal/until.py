"""Until when: `3h`, `7d` or `2w` from now, a date or a time."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import typer

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AHEAD = re.compile(r"([0-9]{1,9})\s*([mhdw])")


@dataclass(frozen=True, slots=True)
class Until:
    """A time (UTC), or so long from now."""

    text: str
    at: datetime | None = None
    ahead: timedelta = timedelta()

    def __str__(self) -> str:
        """Return what was typed."""
        return self.text

    def time(self, now: datetime) -> datetime:
        """Return the time that is meant."""
        if self.at is not None:
            return self.at
        try:
            return now + self.ahead
        except OverflowError:
            return datetime.max.replace(tzinfo=UTC)


def parse_until(given: str | Until) -> Until:
    """Read what people type; a time without zone is UTC, a date its first moment.

    Raises:
        typer.BadParameter: it is none of the forms, or lies outside the calendar.
    """
    if isinstance(given, Until):
        return given
    text = given.strip().lower()
    try:
        if ahead := _AHEAD.fullmatch(text):
            return Until(text, ahead=timedelta(**{_UNITS[ahead[2]]: int(ahead[1])}))
        time = datetime.fromisoformat(text.upper())
        aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
        return Until(text, at=aware.astimezone(UTC))
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{given!r} is no time: use 12h, 7d or 2w from now, a date such as 2026-11-27,"
            " or a time such as 2026-11-27T08:30Z"
        ) from None
