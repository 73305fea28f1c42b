"""The Activity Log as it is exported to a Log Analytics workspace: the table AzureActivity."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from azure.monitor.query import LogsQueryPartialResult, LogsQueryResult
from azure.monitor.query.aio import LogsQueryClient

from shared.adapters.azure.logs.asking import NoTableError, Result, ask, moment, records
from shared.adapters.azure.logs.query_text import query_text
from shared.ports import (
    ActivityPage,
    ActivityPosition,
    ActivityRow,
    NoActivityTableError,
    PortError,
)

_PLACE: Final = frozenset({"IngestedAt", "RowId"})


@dataclass(frozen=True, slots=True)
class WorkspaceActivityLog:
    """`ActivityLog` on a workspace, named by its workspace id (a GUID)."""

    client: LogsQueryClient
    workspace: str

    async def rows(
        self,
        subscriptions: Collection[str],
        after: ActivityPosition,
        until: datetime,
        *,
        limit: int,
    ) -> ActivityPage:
        """Return a page of rows in the order in which they were ingested.

        Raises:
            NoActivityTableError: the workspace has no AzureActivity table.
            PortError: the workspace could not be asked.
        """
        result = await self._ask(
            query_text(
                "activity_rows",
                subscriptions=subscriptions,
                since=after.ingested_at,
                row_id=after.row_id,
                until=until,
                page=limit,
            )
        )
        rows = [_row(each) for each in records(result)]
        complete = isinstance(result, LogsQueryResult)
        return ActivityPage(rows, complete=complete, more=not complete or len(rows) >= limit)

    async def newest(
        self, subscriptions: Collection[str], since: datetime
    ) -> Mapping[str, datetime]:
        """Return when the newest row of each subscription was ingested.

        Raises:
            NoActivityTableError: the workspace has no AzureActivity table.
            PortError: the workspace could not be asked, or did not answer for all.
        """
        query = query_text("newest_by_subscription", subscriptions=subscriptions, since=since)
        result = await self._ask(query)
        if isinstance(result, LogsQueryPartialResult):
            raise PortError(f"Log Analytics answered in part: {result.partial_error}")
        return {
            str(each["Subscription"]): moment(each["NewestIngestedAt"]) for each in records(result)
        }

    async def _ask(self, query: str) -> Result:
        try:
            return await ask(self.client, self.workspace, "AzureActivity", query)
        except NoTableError as error:
            raise NoActivityTableError(str(error)) from error


def _row(record: Mapping[str, object]) -> ActivityRow:
    """Return a row; its body is what the export would have written, times as text."""
    place = ActivityPosition(moment(record["IngestedAt"]), str(record["RowId"]))
    body = {
        column: value.isoformat() if isinstance(value, datetime) else value
        for column, value in record.items()
        if column not in _PLACE and value is not None
    }
    return ActivityRow(place.row_id, place, body)
