"""Which looks are kept with all that they came to. A setting names it, and loads no use case."""

from enum import StrEnum


class Keep(StrEnum):
    """Which looks are kept."""

    OFF = "off"
    CHANGES = "changes"
    """Those that found something changed, and the first of each root on a day (UTC)."""
    ALL = "all"
