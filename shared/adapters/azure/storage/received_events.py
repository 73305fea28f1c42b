"""Which events have come: a row each, in a partition a subscription, those of the last hour first.

Those that are asked for came in the last hours, so asking seldom reads further; what is forgotten
stands together at the end.
"""

from collections.abc import Collection
from datetime import UTC, datetime

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.names import RECEIVED_TABLE
from shared.adapters.azure.storage.operations import Act, Operation
from shared.adapters.azure.storage.table_keys import backward, beyond, digest, key
from shared.adapters.azure.storage.tables import MOST_OPERATIONS, Table

_EVENTS = "e"


class TableReceivedEvents:
    """`ReceivedEvents` on a table."""

    def __init__(self, clients: StorageClients) -> None:
        self._table = Table(clients, RECEIVED_TABLE)

    async def record(self, subscription: str, ids: Collection[str], at: datetime) -> None:
        """Remember ids.

        Raises:
            PortError: some may not have been remembered: record all of them again.
        """
        rows = sorted({key(_EVENTS, _hour(at), digest(each.lower())) for each in ids})
        for begin in range(0, len(rows), MOST_OPERATIONS):
            some = rows[begin : begin + MOST_OPERATIONS]
            puts = [Operation(Act.PUT, each) for each in some]
            await self._table.apply(subscription.lower(), puts)

    async def unseen(self, subscription: str, ids: Collection[str]) -> frozenset[str]:
        """Return those of these ids of which no event has come.

        Raises:
            PortError: the table could not be read.
        """
        left = {digest(each.lower()): each for each in ids}
        if not left:
            return frozenset()
        async for row in self._table.rows(
            subscription.lower(), _EVENTS, beyond(_EVENTS), select=["PartitionKey"]
        ):
            left.pop(row.key.rpartition("-")[2], None)
            if not left:
                break
        return frozenset(left.values())

    async def last(self, subscription: str) -> datetime | None:
        """Return when a row of the last hour with any was last written, by the service's clock.

        Raises:
            PortError: the table could not be read.
        """
        hour, last = "", None
        async for row in self._table.rows(
            subscription.lower(), _EVENTS, beyond(_EVENTS), select=["Timestamp"]
        ):
            found = row.key.rpartition("-")[0]
            if hour and found != hour:
                break
            hour, last = found, max(last or row.written_at, row.written_at)
        return last

    async def forget(self, subscription: str, before: datetime) -> None:
        """Forget the hours before that of this time.

        Raises:
            PortError: some may not have been forgotten.
        """
        partition = subscription.lower()
        first = beyond(_EVENTS, _hour(before))
        old: list[str] = []
        async for row in self._table.rows(
            partition, first, beyond(_EVENTS), select=["PartitionKey"]
        ):
            old.append(row.key)
            if len(old) == MOST_OPERATIONS:
                await self._table.remove(partition, old)
                old = []
        if old:
            await self._table.remove(partition, old)


def _hour(at: datetime) -> str:
    """Return the hour of a time, later ones first."""
    return backward(int(at.astimezone(UTC).timestamp()) // 3600)
