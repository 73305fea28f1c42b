"""Times and durations as they are written. Times are given with their zone."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _MINUTE, _HOUR, _DAY = 1, 60, 3600, 86400
_UNITS = ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"), (_SECOND, "s"))


def milliseconds(time: datetime) -> int:
    """Return the milliseconds since 1970."""
    return (time - EPOCH) // timedelta(milliseconds=1)


def utc_text(time: datetime) -> str:
    """Return a time as RFC 3339, to the millisecond, with Z."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def lasted(time: timedelta) -> str:
    """Return a duration in one unit, or two where one is coarse: `6 s`, `1 h 5 min`, `3 d`."""
    seconds = max(int(time.total_seconds()), 0)
    for (size, unit), (smaller, small_unit) in pairwise(_UNITS):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
        if seconds >= size:
            rest = seconds % size // smaller
            return f"1 {unit}" + (f" {rest} {small_unit}" if rest else "")
    return f"{seconds} s"


def delay_words(delay: timedelta) -> str:
    """Say how long after the change it was seen; clocks that disagree say nothing."""
    if delay <= timedelta():
        return "at once"
    if delay < timedelta(seconds=1):
        return "under 1 s after the change"
    return f"{lasted(delay)} after the change"
