"""Asking a Log Analytics workspace, and what can go wrong with it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from azure.core.exceptions import AzureError, HttpResponseError
from azure.monitor.query import LogsQueryPartialResult, LogsQueryResult, LogsTable
from azure.monitor.query.aio import LogsQueryClient

from shared.adapters.error_text import short
from shared.ports import PortError

SERVER_SECONDS: Final = 60
"""How long the workspace may work on one query."""

Result = LogsQueryResult | LogsQueryPartialResult

_BAD_REQUEST: Final = 400


class WorkspaceError(PortError):
    """The workspace could not be asked; `status` is that of its answer, if there was one."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class NoTableError(WorkspaceError):
    """Nothing was ever ingested into the table that the query is about."""


async def ask(client: LogsQueryClient, workspace: str, table: str, query: str) -> Result:
    """Ask a workspace, named by its workspace id, about a table; the query bounds the time itself.

    Raises:
        NoTableError: the workspace lacks the table.
        WorkspaceError: it could not be asked.
    """
    called = f"Log Analytics, workspace {workspace}"
    try:
        return await client.query_workspace(
            workspace, query, timespan=None, server_timeout=SERVER_SECONDS
        )
    except AzureError as error:
        if not isinstance(error, HttpResponseError):
            raise WorkspaceError(f"{called}: {short(error.message)}") from error
        status = error.status_code
        if _lacks(error, table):
            message = f"the workspace {workspace} has no table {table}"
            raise NoTableError(message, status) from error
        raise WorkspaceError(f"{called}: {short(error.message)}", status) from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # The client takes every answer for JSON of its own kind, also a proxy's empty 503.
        raise WorkspaceError(f"{called}: an unreadable answer ({short(str(error))})") from error


def records(result: Result) -> Iterator[Mapping[str, object]]:
    """Yield the rows of the answer's table, column by column.

    Raises:
        PortError: a whole answer without a table; a partial one can be empty.
    """
    tables: list[LogsTable] | None = (
        result.tables if isinstance(result, LogsQueryResult) else result.partial_data
    )
    if not tables:
        if isinstance(result, LogsQueryResult):
            raise PortError("Log Analytics answered without a table")
        return
    for row in tables[0].rows:
        yield dict(zip(tables[0].columns, row, strict=True))


def moment(value: object) -> datetime:
    """Return a time; the client hands on as text what it cannot read.

    Raises:
        PortError: it is no time.
    """
    if not isinstance(value, datetime):
        raise PortError(f"Log Analytics answered {value!r} for a time")
    return value.astimezone(UTC)


def _lacks(error: HttpResponseError, table: str) -> bool:
    """Whether the query failed because nothing was ever ingested into the table.

    Kusto's SEM0100 also says that a column is missing; it stands in one of two shapes of answers,
    in one of them as JSON within a text, so it is searched for in the whole.
    """
    if error.status_code != _BAD_REQUEST or error.response is None:
        return False
    answer = error.response.text()
    return "SEM0100" in answer and f"named '{table}'" in answer
