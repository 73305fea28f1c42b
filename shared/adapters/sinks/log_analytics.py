"""The sink `log_analytics`, and rows of other tables, through the Logs Ingestion API."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from shared.adapters.sinks.azure_calls import AzureCalls
from shared.adapters.sinks.log_columns import LogTable
from shared.adapters.sinks.log_tables import ALERTS
from shared.adapters.sinks.portions import portions
from shared.domain.finding import Transition

if TYPE_CHECKING:
    from azure.monitor.ingestion.aio import LogsIngestionClient

T = TypeVar("T")

BATCH = 500
AUDIENCES = {
    "public": "https://monitor.azure.com",
    "usgov": "https://monitor.azure.us",
    "china": "https://monitor.azure.cn",
}
"""By cloud, as the setting `cloud` names it.

Source of the first two: README of azure-monitor-ingestion; of the third: `$audienceMappings` in the
test resources of the Azure SDKs.
"""


@dataclass(frozen=True, slots=True)
class Collection:
    """Where rows are sent: the endpoint and the immutable id of a data collection rule."""

    endpoint: str
    rule_id: str
    audience: str = AUDIENCES["public"]


class LogIngestion:
    """Writes rows into the tables of `log_tables`; one client for all of them."""

    def __init__(self, collection: Collection, calls: AzureCalls) -> None:
        self._collection = collection
        self._calls = calls
        self._client: LogsIngestionClient | None = None

    async def write(self, table: LogTable[T], subjects: Sequence[T]) -> None:
        """Write a row for each; they are taken when this returns, and visible minutes later.

        After a failure some may have been taken: Log Analytics knows no repeats.

        Raises:
            BusyError: write them again later.
            RefusedError: at least one of them will never be taken.
        """
        rows = (table.row(each, self._calls.clock.now()) for each in subjects)
        # The client cuts portions too, but counts them short of the commas between their rows.
        for portion in portions(rows, lambda row: len(json.dumps(row)) + 2):
            async with self._calls.calling("Log Analytics"):
                await self._opened().upload(
                    self._collection.rule_id, table.stream, cast("list[Any]", portion)
                )

    def _opened(self) -> "LogsIngestionClient":
        """Return the client, made at the first use: its library costs 80 ms of a start."""
        if self._client is None:
            from azure.monitor.ingestion.aio import (  # noqa: PLC0415 - see above
                LogsIngestionClient,
            )

            self._client = LogsIngestionClient(
                self._collection.endpoint,
                credential_scopes=[f"{self._collection.audience}/.default"],
                **self._calls.client_options(),
            )
        return self._client

    async def close(self) -> None:
        """Close the connections, if there are any; the next use opens others."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()


class LogAnalytics:
    """Tells of alerts by rows of `ComplianceAlerts_CL`; `batch` is how many it takes at once."""

    name = "log_analytics"
    batch = BATCH

    def __init__(self, ingestion: LogIngestion) -> None:
        self.ingestion = ingestion

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Write the alerts, oldest first.

        Raises:
            BusyError: send them again later.
            RefusedError: at least one of them will never be taken.
        """
        await self.ingestion.write(ALERTS, alerts)
