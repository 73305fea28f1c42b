"""The forms of output."""

from enum import StrEnum


class Format(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    """For people."""
    JSON = "json"
    """For programs: ASCII only, on standard output alone."""
