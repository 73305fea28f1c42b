"""Times as people type them: `30m`, `24h`, `7d` or `2w` from now, a date, or a time."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"([0-9]{1,9})\s*([mhdw])")


@dataclass(frozen=True, slots=True)
class TypedTime:
    """A time (UTC), or a span from now; whoever asked says in which direction."""

    text: str
    at: datetime | None = None
    span: timedelta = timedelta()

    def __str__(self) -> str:
        """Return what was typed."""
        return self.text

    def back_from(self, now: datetime) -> datetime | None:
        """Return the time that is meant where spans count back; None: before the calendar began."""
        if self.at is not None:
            return self.at
        try:
            return now - self.span
        except OverflowError:
            return None

    def ahead_of(self, now: datetime) -> datetime:
        """Return the time that is meant where spans count ahead; the calendar's end at most."""
        if self.at is not None:
            return self.at
        try:
            return now + self.span
        except OverflowError:
            return datetime.max.replace(tzinfo=UTC)


def typed_time(given: str) -> TypedTime:
    """Read what people type, in any case; a time without zone is UTC, a date its first moment.

    Raises:
        ValueError: it is none of the forms, or lies outside the calendar.
    """
    text = given.strip().lower()
    try:
        if span := _SPAN.fullmatch(text):
            return TypedTime(text, span=timedelta(**{_UNITS[span[2]]: int(span[1])}))
        time = datetime.fromisoformat(text.upper())
        aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
        return TypedTime(text, at=aware.astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{given!r} is no time") from error
