"""One table of the storage account: rows read, written on a condition, and written together."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.data.tables import TableEntity, UpdateMode
from azure.data.tables.aio import TableClient

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.failures import TABLE_ROLE, error_code, port_errors
from shared.adapters.azure.storage.on_demand import made_on_demand
from shared.adapters.azure.storage.operations import Act, Columns, Operation, entity_of, step
from shared.ports import PortError

MOST_OPERATIONS = 100
"""Rows that a transaction may write."""
LARGEST_TRANSACTION = 950_000
"""Bytes by `size_of`; the service takes 4 MiB, and letters of other alphabets are sent escaped.
What is sent at once holds up everything else: above a mebibyte aiohttp warns of it."""
PAGE = 1000
"""Rows that one answer may show."""

T = TypeVar("T")


class RowChangedError(PortError):
    """A condition did not hold: a row is there already, is gone, or is not as it was read."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as it was read.

    `written_at` and `read_at` are the service's times: of the last write, and of the answer (which
    comes in whole seconds, rounded down).
    """

    key: str
    columns: Columns
    etag: str
    written_at: datetime
    read_at: datetime | None = None


class Table:
    """A table, by its name; it is made when it turns out to be missing.

    Every method raises `PortError` when the service cannot be used, and `RowChangedError` where a
    condition is stated and does not hold.
    """

    def __init__(self, clients: StorageClients, name: str) -> None:
        self.name = name
        self._clients = clients

    @cached_property
    def _client(self) -> TableClient:
        return self._clients.tables.get_table_client(self.name)

    async def read(self, partition: str, row: str) -> StoredRow | None:
        """Return one row, or None."""
        dates: list[str] = []

        def keep_date(response: Any) -> None:  # noqa: ANN401 - the SDK's, without a public type
            dates.append(response.http_response.headers.get("Date", ""))

        try:
            entity = await self._call(
                f"reading {row}",
                lambda: self._client.get_entity(partition, row, raw_response_hook=keep_date),
            )
        except RowChangedError:
            return None
        stored = _stored(entity)
        return StoredRow(
            row, stored.columns, stored.etag, stored.written_at, parsedate_to_datetime(dates[-1])
        )

    async def rows(  # noqa: PLR0913 - what the service's query has
        self,
        partition: str,
        first: str,
        last: str,
        *,
        where: str = "",
        select: Sequence[str] = (),
        page: int = PAGE,
    ) -> AsyncIterator[StoredRow]:
        """Go through the rows from `first` up to before `last`, in the order of their keys.

        `where` is a further condition in the words of OData, `select` the columns that are wanted
        (none: all of them).
        """
        quoted = partition.replace("'", "''")
        text = f"PartitionKey eq '{quoted}' and RowKey ge '{first}' and RowKey lt '{last}'"
        query = f"{text} and {where}" if where else text
        pages = self._client.query_entities(
            query, results_per_page=page, select=["RowKey", *select] if select else None
        ).by_page()
        while True:
            try:
                entities = await self._call(f"reading from {first}", lambda: anext(pages))
            except StopAsyncIteration:
                return
            async for each in entities:
                yield _stored(each)

    async def insert(self, partition: str, row: str, columns: Columns) -> str:
        """Write a row that is not there yet; return its etag."""
        entity = entity_of(partition, row, columns)

        async def create() -> Mapping[str, Any]:
            try:
                return await self._client.create_entity(entity)
            except ResourceNotFoundError as error:
                # What an insert can miss is the table alone.
                raise _NoTableError(error.message, response=error.response) from error

        told = await self._call(f"writing {row}", create)
        return str(told["etag"])

    async def replace(self, partition: str, row: str, columns: Columns, etag: str) -> str:
        """Write a row that must be as it was read; return its new etag."""
        entity = entity_of(partition, row, columns)
        told = await self._call(
            f"writing {row}",
            lambda: self._client.update_entity(
                entity,
                mode=UpdateMode.REPLACE,
                etag=etag,
                match_condition=MatchConditions.IfNotModified,
            ),
        )
        return str(told["etag"])

    async def put(self, partition: str, row: str, columns: Columns) -> None:
        """Write a row, whether it is there or not."""
        entity = entity_of(partition, row, columns)
        await self._call(
            f"writing {row}",
            lambda: self._client.upsert_entity(entity, mode=UpdateMode.REPLACE),
        )

    async def delete(self, partition: str, row: str, etag: str | None = None) -> None:
        """Delete a row: as it was read, where an etag is named; one that is gone already is."""
        condition = MatchConditions.IfNotModified if etag else MatchConditions.Unconditionally
        await self._call(
            f"deleting {row}",
            lambda: self._client.delete_entity(
                partition, row, etag=etag, match_condition=condition
            ),
        )

    async def remove(self, partition: str, rows: Sequence[str]) -> None:
        """Delete up to a hundred rows of one partition; those that are gone already are."""
        try:
            await self.apply(partition, [Operation(Act.DELETE, each) for each in rows])
        except RowChangedError:
            for each in rows:
                await self.delete(partition, each)

    async def apply(self, partition: str, operations: Sequence[Operation]) -> None:
        """Do up to a hundred operations on rows of one partition, all or none."""
        steps = [step(partition, each) for each in operations]
        await self._call(
            f"writing {operations[0].row} and {len(steps) - 1} more",
            lambda: self._client.submit_transaction(steps),
        )

    async def _call(self, doing: str, call: Callable[[], Awaitable[T]]) -> T:
        """Call the service, which may have to be told first that there is such a table."""
        with port_errors(f"{doing} in the table {self.name}", TABLE_ROLE), _conditions(doing):
            return await made_on_demand(call, self._client.create_table)


class _NoTableError(ResourceNotFoundError):
    """There is no such table, and the answer came without a code."""

    error_code = "TableNotFound"


@contextmanager
def _conditions(doing: str) -> Iterator[None]:
    """Tell a condition that did not hold from a failure."""
    try:
        yield
    except HttpResponseError as error:
        code = error_code(error)
        gone = error.status_code == HTTPStatus.NOT_FOUND and code in {
            "ResourceNotFound",
            "EntityNotFound",
        }
        # A failed insert alone comes without a code from the emulator.
        there = error.status_code == HTTPStatus.CONFLICT and code in {"", "EntityAlreadyExists"}
        if gone or there or error.status_code == HTTPStatus.PRECONDITION_FAILED:
            msg = f"{doing}: changed by somebody else"
            raise RowChangedError(msg) from error
        raise


def _stored(entity: TableEntity) -> StoredRow:
    """Take a row out of the SDK's hands."""
    metadata = entity.metadata
    written_at = metadata.get("timestamp") or _NO_TIME
    return StoredRow(str(entity["RowKey"]), entity, str(metadata["etag"]), written_at)


_NO_TIME = datetime.min.replace(tzinfo=UTC)
"""Where columns were chosen, the service leaves the time out."""
