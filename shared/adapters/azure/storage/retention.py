"""Forgetting what is old, partition by partition."""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from shared.adapters.azure.storage.history_rows import Page, decode_page
from shared.adapters.azure.storage.outbox import Outbox
from shared.adapters.azure.storage.root_rows import decode_root_row, row_key
from shared.adapters.azure.storage.table_keys import (
    FINDINGS,
    PAGES,
    PARTITIONS,
    backward,
    beyond,
    digest,
    forward,
    key,
    microseconds,
)
from shared.adapters.azure.storage.tables import MOST_OPERATIONS, RowChangedError, Table
from shared.adapters.azure.storage.write_ahead import remove_left_over
from shared.domain.finding import FindingState, finding_key


@dataclass(frozen=True, slots=True)
class TableRetention:
    """`Retention` on the table of the findings; `sinks` as for the store."""

    table: Table
    sinks: frozenset[str] = frozenset()

    async def purge(self, before: datetime, limit: int) -> int:
        """Remove what is older; rows that a crash left over go as well."""
        removed = 0
        for partition in PARTITIONS:
            if removed >= limit:
                break
            await remove_left_over(self.table, partition, before=before)
            removed += await self._findings(partition, before, limit - removed)
            if removed < limit:
                removed += await self._history(partition, before, limit - removed)
        return removed

    async def _findings(self, partition: str, before: datetime, limit: int) -> int:
        """Remove findings that were resolved before a time and not opened again."""
        where = (
            f"state eq '{FindingState.RESOLVED}' and resolved lt '{forward(microseconds(before))}'"
        )
        rows = self.table.rows(
            partition, key(FINDINGS, ""), beyond(FINDINGS), where=where, page=min(limit, 1000)
        )
        removed = 0
        async for each in rows:
            try:
                await self.table.delete(partition, each.key, each.etag)
            except RowChangedError:
                # It has been opened again just now.
                continue
            removed += 1
            if removed >= limit:
                break
        return removed

    async def _history(self, partition: str, before: datetime, limit: int) -> int:
        """Remove pages of the history from before a time."""
        entries: dict[str, list[str]] = defaultdict(list)
        pending: set[str] = set()
        # What was put back has an entry beside that of its page.
        async for entry, is_pending in Outbox(self.table, self.sinks).unfinished(partition):
            entries[str(entry.columns["page"])].append(entry.key)
            if is_pending:
                pending.add(str(entry.columns["page"]))
        is_open: dict[str, frozenset[str]] = {}
        removed = 0
        gone: list[str] = []
        async for page in self._pages(partition, before):
            if page.key in pending:
                continue
            if page.root not in is_open:
                is_open[page.root] = await self._open(partition, page.root)
            if not is_open[page.root].isdisjoint(_findings_of(page)):
                continue
            # The page itself last: as long as it is there, the others are found again.
            gone += [*entries[page.key], page.index_key, page.key]
            removed += len(page.transitions)
            if removed >= limit:
                break
        for start in range(0, len(gone), MOST_OPERATIONS):
            await self.table.remove(partition, gone[start : start + MOST_OPERATIONS])
        return removed

    async def _pages(self, partition: str, before: datetime) -> AsyncIterator[Page]:
        """Go through the pages of the history from before a time."""
        first = beyond(PAGES, backward(microseconds(before)))
        async for stored in self.table.rows(partition, first, beyond(PAGES), page=100):
            yield decode_page(stored)

    async def _open(self, partition: str, root: str) -> frozenset[str]:
        """Return the digests of the open findings of a root."""
        stored = await self.table.read(partition, row_key(root))
        return frozenset() if stored is None else frozenset(decode_root_row(stored).open)


def _findings_of(page: Page) -> set[str]:
    """Return the digests of the findings that a page tells of."""
    return {
        digest(finding_key(each.control, each.resource_id))
        for each in page.transitions
        if each.control is not None
    }
