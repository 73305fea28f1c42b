"""What a transaction does with each of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from azure.core import MatchConditions
from azure.data.tables import UpdateMode

Columns = Mapping[str, object]


class Act(StrEnum):
    """What an operation of a transaction does with its row."""

    PUT = "put"
    """Write it, whether it is there or not."""
    INSERT = "insert"
    """Write it; the transaction fails when it is there."""
    REPLACE = "replace"
    """Write it; the transaction fails when it is not as it was read (its etag)."""
    MERGE = "merge"
    """Change the columns that are named; the transaction fails when the row is not there."""
    DELETE = "delete"
    """Delete it; the transaction fails when it is not there, or (with an etag) was changed."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of a transaction."""

    act: Act
    row: str
    columns: Columns = field(default_factory=dict)
    etag: str | None = None


def entity_of(partition: str, row: str, columns: Columns) -> dict[str, Any]:
    """Return a row in the words of the SDK."""
    return {"PartitionKey": partition, "RowKey": row, **columns}


def step(partition: str, operation: Operation) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return an operation in the words of the SDK."""
    entity = entity_of(partition, operation.row, operation.columns)
    on_etag: dict[str, Any] = (
        {"etag": operation.etag, "match_condition": MatchConditions.IfNotModified}
        if operation.etag
        else {}
    )
    match operation.act:
        case Act.PUT:
            return "upsert", entity, {"mode": UpdateMode.REPLACE}
        case Act.INSERT:
            return "create", entity, {}
        case Act.REPLACE:
            return "update", entity, {"mode": UpdateMode.REPLACE, **on_etag}
        case Act.MERGE:
            return "update", entity, {"mode": UpdateMode.MERGE, **on_etag}
        case Act.DELETE:
            return "delete", entity, on_etag
