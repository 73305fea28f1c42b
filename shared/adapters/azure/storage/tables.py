"""One table of the storage account: rows read, written on a condition, and written together."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from typing import TypeVar

import orjson
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline.transport import AsyncHttpResponse

from shared.adapters.azure.storage.changesets import (
    METHODS,
    body_of,
    changeset,
    headers_of,
    outcomes_of,
)
from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.direct import StorageRefusalError, ask, etag_of
from shared.adapters.azure.storage.failures import TABLE_ROLE, error_code, port_error
from shared.adapters.azure.storage.on_demand import made_on_demand
from shared.adapters.azure.storage.operations import Act, Columns, Operation
from shared.adapters.azure.storage.row_json import StoredRow, decode_row
from shared.adapters.azure.storage.table_addresses import TableAddresses
from shared.ports import PortError

MOST_OPERATIONS = 100
"""Rows that a transaction may write."""
LARGEST_TRANSACTION = 950_000
"""Bytes by `size_of`; the service takes 4 MiB, and letters of other alphabets are sent escaped.
What is sent at once holds up everything else: above a mebibyte aiohttp warns of it."""
PAGE = 1000
"""Rows that one answer may show."""
_ALWAYS = {"x-ms-version": "2019-02-02", "DataServiceVersion": "3.0"}
_READING = {"Accept": "application/json;odata=minimalmetadata"}
"""With the types that cannot be told from the values, and with etags."""
_FOLLOWING = ("NextPartitionKey", "NextRowKey")

T = TypeVar("T")


class RowChangedError(PortError):
    """A condition did not hold: a row is there already, is gone, or is not as it was read."""


class Table:
    """A table, by its name; it is made when it turns out to be missing.

    Every method raises `PortError` when the service cannot be used, and `RowChangedError` where a
    condition is stated and does not hold.
    """

    def __init__(self, clients: StorageClients, name: str) -> None:
        self.name = name
        self._clients = clients
        self._at = TableAddresses(clients.account.table, name)

    async def read(self, partition: str, row: str, *, timed: bool = False) -> StoredRow | None:
        """Return one row, or None; `timed`: with the time of the answer."""
        address = self._at.row(partition, row)
        doing = f"reading {row}"
        try:
            answer = await self._call(doing, lambda: self._ask("GET", address, _READING))
        except RowChangedError:
            return None
        date = answer.headers.get("Date") if timed else None
        with self._readable(doing):
            read_at = None if date is None else parsedate_to_datetime(date)
            return decode_row(orjson.loads(answer.body()), read_at)

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
        doing = f"reading from {first}"
        options = {
            "$filter": f"{text} and {where}" if where else text,
            "$select": ",".join(["RowKey", *select]) if select else "",
            "$top": str(page),
        }
        following: dict[str, str] = {}
        while True:
            address = self._at.query(**options, **following)
            answer = await self._call(doing, partial(self._ask, "GET", address, _READING))
            with self._readable(doing):
                found = [decode_row(each) for each in orjson.loads(answer.body())["value"]]
            for each in found:
                yield each
            following = {
                name: told
                for name in _FOLLOWING
                if (told := answer.headers.get(f"x-ms-continuation-{name}"))
            }
            if not following:
                return

    async def insert(self, partition: str, row: str, columns: Columns) -> str:
        """Write a row that is not there yet; return its etag."""
        return await self._written(partition, Operation(Act.INSERT, row, columns))

    async def replace(self, partition: str, row: str, columns: Columns, etag: str) -> str:
        """Write a row that must be as it was read; return its new etag."""
        return await self._written(partition, Operation(Act.REPLACE, row, columns, etag))

    async def put(self, partition: str, row: str, columns: Columns) -> None:
        """Write a row, whether it is there or not."""
        await self._written(partition, Operation(Act.PUT, row, columns))

    async def delete(self, partition: str, row: str, etag: str | None = None) -> None:
        """Delete a row: as it was read, where an etag is named; one that is gone already is."""
        operation = Operation(Act.DELETE, row, etag=etag)

        async def delete() -> None:
            try:
                await self._sent(partition, operation)
            except StorageRefusalError as error:
                if error.status_code != HTTPStatus.NOT_FOUND:
                    raise

        await self._call(f"deleting {row}", delete)

    async def remove(self, partition: str, rows: Sequence[str]) -> None:
        """Delete up to a hundred rows of one partition; those that are gone already are."""
        try:
            await self.apply(partition, [Operation(Act.DELETE, each) for each in rows])
        except RowChangedError:
            for each in rows:
                await self.delete(partition, each)

    async def apply(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        """Do up to a hundred operations on rows of one partition, all or none.

        Return the new etags of their rows; "" where the service tells none.
        """
        if len(operations) == 1:
            # The same, and cheaper on both sides.
            each = operations[0]
            answer = await self._call(f"writing {each.row}", lambda: self._sent(partition, each))
            return [str(answer.headers.get("ETag", ""))]
        kind, body = changeset(self._at, partition, operations)

        async def submit() -> list[str]:
            headers = {"Content-Type": kind, "MaxDataServiceVersion": "3.0;NetFx"}
            answer = await self._ask("POST", self._at.transactions, headers, body)
            return [each.etag for each in outcomes_of(answer, len(operations))]

        return await self._call(
            f"writing {operations[0].row} and {len(operations) - 1} more", submit
        )

    async def _written(self, partition: str, operation: Operation) -> str:
        """Do one operation; return the etag of what is written."""

        async def write() -> str:
            return etag_of(await self._sent(partition, operation))

        return await self._call(f"writing {operation.row}", write)

    async def _sent(self, partition: str, operation: Operation) -> AsyncHttpResponse:
        """Send one operation."""
        address = (
            self._at.table
            if operation.act is Act.INSERT
            else self._at.row(partition, operation.row)
        )
        headers, body = headers_of(operation), body_of(partition, operation)
        return await self._ask(METHODS[operation.act], address, headers, body or None)

    async def _ask(
        self, method: str, address: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> AsyncHttpResponse:
        """Send a request."""
        pipeline = self._clients.direct_to_tables
        return await ask(pipeline, method, address, {**_ALWAYS, **headers}, body)

    async def _call(self, doing: str, call: Callable[[], Awaitable[T]]) -> T:
        """Call the service, which may have to be told first that there is such a table."""
        try:
            return await made_on_demand(call, self._make)
        except AzureError as error:
            if _is_condition(error):
                raise RowChangedError(f"{doing}: changed by somebody else") from error
            raise port_error(f"{doing} in the table {self.name}", TABLE_ROLE, error) from error

    async def _make(self) -> None:
        """Make the table."""
        await self._clients.tables.create_table(self.name)

    @contextmanager
    def _readable(self, doing: str) -> Iterator[None]:
        """Turn what makes no sense in an answer into an error of the port."""
        try:
            yield
        except (AttributeError, ValueError, TypeError, LookupError) as error:
            msg = f"{doing} in the table {self.name} failed: the answer cannot be read ({error})"
            raise PortError(msg) from error


def _is_condition(error: AzureError) -> bool:
    """Whether it is no failure, but a condition that did not hold."""
    if not isinstance(error, HttpResponseError):
        return False
    code = error_code(error)
    gone = error.status_code == HTTPStatus.NOT_FOUND and code in {
        "ResourceNotFound",
        "EntityNotFound",
    }
    there = error.status_code == HTTPStatus.CONFLICT and code == "EntityAlreadyExists"
    return gone or there or error.status_code == HTTPStatus.PRECONDITION_FAILED
