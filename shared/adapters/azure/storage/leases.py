"""Leases by the service's own clock.

A lease is a row that says who holds it and for how long; since when, the service itself writes
beside it. Whether it is over is told by comparing that with the time of the service's answer, so
the clocks of the workers play no part and need no margin. The answer's time comes in whole seconds,
rounded down: a lease can last up to a second longer than it says, never shorter.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta

from shared.adapters.azure.storage.operations import Act, Operation
from shared.adapters.azure.storage.row_json import StoredRow
from shared.adapters.azure.storage.table_keys import LEASES, digest, key, partition_of
from shared.adapters.azure.storage.tables import RowChangedError, Table

MOST_HELD = 1000
"""Leases whose rows are remembered as they were written; of others they are read."""


@dataclass(frozen=True, slots=True)
class Leases:
    """Takes, prolongs and gives back leases."""

    table: Table
    _held: OrderedDict[tuple[str, str], str] = field(default_factory=OrderedDict)
    """(name, worker) → etag of the row as this process wrote it."""

    async def take(self, name: str, worker: str, duration: timedelta) -> bool:
        """Take or prolong a lease; False while another holds it.

        Raises:
            PortError: storage failed.
        """
        partition, row = partition_of(name), key(LEASES, digest(name))
        columns = {"name": name, "worker": worker, "seconds": duration.total_seconds()}
        etag = self._held.pop((name, worker), None)
        try:
            if etag is None:
                etag = await self.table.insert(partition, row, columns)
            else:
                etag = await self.table.replace(partition, row, columns, etag)
        except RowChangedError:
            stored = await self.table.read(partition, row, timed=True)
            try:
                if stored is None:
                    etag = await self.table.insert(partition, row, columns)
                elif stored.columns["worker"] == worker or _is_over(stored):
                    etag = await self.table.replace(partition, row, columns, stored.etag)
                else:
                    return False
            except RowChangedError:
                # Somebody was quicker by one call.
                return False
        self._held[name, worker] = etag
        if len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return True

    def ending(self, name: str, worker: str) -> Operation | None:
        """Return the operation that gives a lease back, for a transaction with other rows.

        It fails where the lease is another's by now. None: this process does not know its row.
        """
        etag = self._held.pop((name, worker), None)
        return None if etag is None else Operation(Act.DELETE, key(LEASES, digest(name)), etag=etag)

    async def give_back(self, name: str, worker: str) -> None:
        """Give a lease back; one that is another's by now stays.

        Raises:
            PortError: storage failed.
        """
        partition, row = partition_of(name), key(LEASES, digest(name))
        etag = self._held.pop((name, worker), None)
        if etag is None:
            stored = await self.table.read(partition, row)
            if stored is None or stored.columns["worker"] != worker:
                return
            etag = stored.etag
        try:
            await self.table.delete(partition, row, etag)
        except RowChangedError:
            return


def _is_over(stored: StoredRow) -> bool:
    """Whether the time of a lease has passed, by the service's clock."""
    seconds = float(str(stored.columns["seconds"]))
    return stored.read_at is not None and stored.read_at - stored.written_at >= timedelta(
        seconds=seconds
    )
