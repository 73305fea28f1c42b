"""How long a service asks us to wait: Retry-After, and Azure's headers that mean the same."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_TEXT = 64
"""Characters; no number and no date is longer, and reading a longer text could take its time."""

_MILLISECONDS = ("retry-after-ms", "x-ms-retry-after-ms")
"""What Azure's services send beside Retry-After or in place of it, as azure-core has them."""


def read_retry_after(
    headers: Mapping[str, str], now: datetime, longest: timedelta
) -> timedelta | None:
    """Return how long to wait, never less than nothing and never over `longest`.

    Retry-After holds seconds or an HTTP date, the others milliseconds; the first that can be read
    counts. None: there is none. `headers` find their names in any case, as those of HTTP do.
    """
    for name, read in (("Retry-After", _seconds), *((each, _of_ms) for each in _MILLISECONDS)):
        text = headers.get(name)
        seconds = math.nan if text is None or len(text) > LONGEST_TEXT else read(text, now)
        if not math.isnan(seconds):
            return timedelta(seconds=min(max(seconds, 0.0), longest.total_seconds()))
    return None


def _seconds(text: str, now: datetime) -> float:
    """Return the seconds that a text states, or those until the date that it is; or NaN."""
    seconds = _number(text)
    return _until(text, now) if math.isnan(seconds) else seconds


def _of_ms(text: str, _: datetime) -> float:
    """Return as seconds the milliseconds that a text states, or NaN."""
    return _number(text) / 1000


def _number(text: str) -> float:
    """Return the number that a text is, infinite where there are too many digits; or NaN."""
    try:
        return float(text) if text.isascii() else math.nan
    except ValueError:
        return math.nan


def _until(text: str, now: datetime) -> float:
    """Return the seconds until an HTTP date, or NaN."""
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        # Overflow: a year or a zone of twenty digits.
        return math.nan
    # A date with the zone -0000 comes without one.
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
