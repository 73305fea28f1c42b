"""Addresses of a table and of its rows."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class TableAddresses:
    """Where a table is: `service` is the address of the account's tables, `name` its own name."""

    service: str
    name: str

    @property
    def table(self) -> str:
        """Where rows are inserted."""
        return f"{self.service}/{self.name}"

    @property
    def transactions(self) -> str:
        """Where transactions are sent, of whichever table."""
        return f"{self.service}/$batch"

    def row(self, partition: str, row: str) -> str:
        """Return the address of a row."""
        return f"{self.table}(PartitionKey='{_quoted(partition)}',RowKey='{_quoted(row)}')"

    def query(self, **options: str) -> str:
        """Return the address of rows that are asked for; what is "" is no option."""
        given = {name: each for name, each in options.items() if each}
        return f"{self.table}()?{urlencode(given, quote_via=quote, safe='')}"


@lru_cache(maxsize=1024)
def _quoted(key: str) -> str:
    return quote(key.replace("'", "''"), safe="")
