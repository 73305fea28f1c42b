"""Rows as the table service writes them: OData's JSON, with the types that JSON does not tell.

The columns of our rows are text, numbers, truth values and bytes, and no others.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import orjson

from shared.adapters.azure.storage.operations import Columns

_TYPE = "@odata.type"
_BINARY, _DOUBLE, _LONG = "Edm.Binary", "Edm.Double", "Edm.Int64"
_LARGEST = 2**31
"""From here on an integer would need a type of its own; none of ours comes near."""
_NO_TIME = datetime.min.replace(tzinfo=UTC)
"""Where columns were chosen, the service leaves the time out."""
_ETAG = "W/\"datetime'{}'\""
_OWN = frozenset({"PartitionKey", "RowKey", "Timestamp"})


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as it was read.

    `written_at` and `read_at` are the service's times: of the last write, and of the answer (which
    comes in whole seconds, rounded down), where it was asked for.
    """

    key: str
    columns: Columns
    etag: str
    written_at: datetime
    read_at: datetime | None = None


def encode_row(partition: str, row: str, columns: Columns) -> bytes:
    """Return a row as it is written.

    Raises:
        TypeError: a column is of a type that rows do not have.
    """
    told: dict[str, object] = {"PartitionKey": partition, "RowKey": row}
    for name, value in columns.items():
        if isinstance(value, str) or (isinstance(value, int) and abs(value) < _LARGEST):
            told[name] = value
        elif isinstance(value, bytes):
            told[name] = base64.b64encode(value).decode("ascii")
            told[name + _TYPE] = _BINARY
        elif isinstance(value, float):
            told[name] = value
            told[name + _TYPE] = _DOUBLE
        else:
            msg = f"the column {name} cannot hold {value!r}"
            raise TypeError(msg)
    return orjson.dumps(told)


def decode_row(told: Mapping[str, object], read_at: datetime | None = None) -> StoredRow:
    """Read a row.

    Raises:
        LookupError, TypeError, ValueError: it is none.
    """
    columns: dict[str, object] = {}
    for name, value in told.items():
        if name in _OWN or "odata." in name:
            continue
        kind = told.get(name + _TYPE)
        if kind == _BINARY:
            columns[name] = base64.b64decode(str(value))
        elif kind == _LONG:
            columns[name] = int(str(value))
        else:
            columns[name] = value
    stamp = told.get("Timestamp")
    written_at = _NO_TIME if stamp is None else datetime.fromisoformat(str(stamp))
    # The service names the etag where it is asked for whole rows; it is made of the time.
    etag = told.get("odata.etag") or ("" if stamp is None else _ETAG.format(quote(str(stamp))))
    return StoredRow(str(told["RowKey"]), columns, str(etag), written_at, read_at)
