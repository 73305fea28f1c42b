"""What a transaction does with each of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Columns = Mapping[str, object]


class Act(StrEnum):
    """What an operation does with its row."""

    PUT = "put"
    """Write it, whether it is there or not."""
    INSERT = "insert"
    """Write it; it fails when it is there."""
    REPLACE = "replace"
    """Write it; it fails when it is not as it was read (its etag)."""
    MERGE = "merge"
    """Change the columns that are named; it fails when the row is not there."""
    DELETE = "delete"
    """Delete it; it fails when it is not there, or (with an etag) was changed."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What is done with one row; in a transaction all of it fails with one of its operations."""

    act: Act
    row: str
    columns: Columns = field(default_factory=dict)
    etag: str | None = None
