"""State, findings, history and outbox of every root, in one table."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

from shared.adapters.azure.storage.commits import Commits
from shared.adapters.azure.storage.leases import Leases
from shared.adapters.azure.storage.outbox import Outbox
from shared.adapters.azure.storage.root_memory import RootMemory
from shared.adapters.azure.storage.root_rows import open_column
from shared.adapters.azure.storage.row_bodies import body_of
from shared.adapters.azure.storage.row_json import StoredRow
from shared.adapters.azure.storage.sink_rows import SinkRows
from shared.adapters.azure.storage.table_keys import (
    DEPENDENTS,
    FINDINGS,
    PARTITIONS,
    ROOTS,
    beyond,
    digest,
    key,
    moment_of,
)
from shared.adapters.azure.storage.tables import Table
from shared.adapters.azure.storage.transitions import Transitions
from shared.adapters.encoding.findings import decode_finding
from shared.domain.canary import CANARY, SUBSCRIPTION
from shared.domain.finding import Finding, FindingState, Transition
from shared.domain.root_state import Commit, Posture, RootState
from shared.domain.sink_state import Parked, SinkState
from shared.domain.verdict import Severity, Verdict
from shared.ports import Clock, TransitionQuery

_COUNTED = {
    "passed": Verdict.PASS,
    "unknown": Verdict.UNKNOWN,
    "not_applicable": Verdict.NOT_APPLICABLE,
}


class TableFindingStore:
    """`FindingStore` on Azure Table storage.

    Args:
        table: its table, `FINDINGS_TABLE`.
        clock: says when commits were recorded; leases go by the service's own.
        sinks: the names of all sinks. What all of them were told of leaves the outbox; without any
            nothing does.

    """

    def __init__(self, table: Table, clock: Clock, sinks: frozenset[str] = frozenset()) -> None:
        self._table = table
        self._memory = RootMemory(table)
        self._leases = Leases(table)
        self._commits = Commits(table, self._memory, self._leases, clock)
        self._outbox = Outbox(table, sinks)
        self._sinks = SinkRows(table, self._outbox)

    async def lease(self, root: str, worker: str, duration: timedelta) -> bool:
        """Take or prolong a lease."""
        return await self._leases.take(root, worker, duration)

    async def release(self, root: str, worker: str) -> None:
        """Give a lease back."""
        await self._leases.give_back(root, worker)

    async def state(self, root: str) -> RootState:
        """Return the state of a root."""
        row = await self._memory.row(root)
        return RootState() if row is None else row.state

    async def findings(self, root: str, *, of: int | None = None) -> dict[str, Finding]:
        """Return the findings of a root by key."""
        return await self._memory.findings(root, of)

    async def open_findings(self) -> AsyncIterator[tuple[str, Finding]]:
        """Go through the open findings, partition by partition."""
        where = f"state eq '{FindingState.OPEN}'"
        for partition in PARTITIONS:
            rows = self._table.rows(partition, key(FINDINGS, ""), beyond(FINDINGS), where=where)
            async for each in rows:
                yield str(each.columns["root"]), decode_finding(body_of(each.columns))

    async def commit(self, commit: Commit) -> None:
        """Write what a look changes, if nobody else committed the root since."""
        await self._commits.write(commit)

    async def subscriptions(self) -> frozenset[str]:
        """Return the subscriptions that are known."""
        rows = await self._roots(["subscription"])
        return frozenset(str(each.columns["subscription"]) for each in rows) - {SUBSCRIPTION}

    async def last_look(self) -> datetime | None:
        """Return when a commit was last recorded of any root."""
        rows = await self._roots(["root", "recorded"])
        times = [
            int(str(each.columns["recorded"]))
            for each in rows
            if each.columns["root"] != CANARY.key
        ]
        return moment_of(max(times)) if times else None

    async def roots(self, subscription: str) -> Sequence[str]:
        """Return the roots of a subscription that are not gone, without the subscription."""
        where = f"{_of(subscription)} and gone eq false"
        found = [str(each.columns["root"]) for each in await self._roots(["root"], where)]
        return [each for each in found if each != f"/subscriptions/{subscription}"]

    async def dependents(self, root: str) -> Sequence[str]:
        """Return the roots that were judged by reading this one too."""
        rows = await self._everywhere(DEPENDENTS, digest(root), where="holds eq true")
        return [str(each.columns["root"]) for each in rows]

    async def transitions(self, query: TransitionQuery) -> Sequence[Transition]:
        """Return transitions, newest first."""
        return await Transitions(self._table).chosen(query)

    async def open_by_severity(self, subscription: str) -> Counter[Severity]:
        """Count the open findings of a subscription."""
        rows = await self._roots([open_column(each) for each in Severity], _of(subscription))
        return +Counter({each: _total(rows, open_column(each)) for each in Severity})

    async def posture(self) -> Posture:
        """Fold the findings of every root into counts."""
        counted = [open_column(each) for each in Severity]
        rows = await self._roots([*counted, *_COUNTED])
        verdicts = Counter({each: _total(rows, name) for name, each in _COUNTED.items()})
        return Posture.of(sum(_total(rows, each) for each in counted), verdicts)

    async def undelivered(self, sink: str, limit: int) -> Sequence[Transition]:
        """Return what a sink was not told of, oldest first."""
        return await self._outbox.pending(sink, limit)

    async def delivered(self, sink: str, ids: Sequence[str]) -> None:
        """Remember what a sink was told, and that it was told of everything older of the roots."""
        await self._outbox.told(sink, ids)

    async def park(self, sink: str, alert: Transition, at: datetime, reason: str) -> None:
        """Keep an alert for people, and go past it."""
        await self._sinks.park(sink, alert, at, reason)

    async def parked(self, limit: int) -> Sequence[Parked]:
        """Return what is parked, the last parked first."""
        return await self._sinks.parked(limit)

    async def redeliver(self, sink: str, ids: Sequence[str]) -> int:
        """Put parked alerts back."""
        return await self._sinks.redeliver(sink, ids)

    async def sink_state(self, sink: str) -> SinkState:
        """Return what is remembered of a sink."""
        return await self._sinks.state(sink)

    async def save_sink_state(self, sink: str, state: SinkState) -> SinkState:
        """Save it in place of its version."""
        return await self._sinks.save(sink, state)

    async def _roots(self, select: Sequence[str], where: str = "") -> list[StoredRow]:
        """Read columns of the rows of roots."""
        return await self._everywhere(ROOTS, where=where, select=select)

    async def _everywhere(
        self, *within: str, where: str = "", select: Sequence[str] = ()
    ) -> list[StoredRow]:
        """Read the rows whose keys begin with these parts, of every partition at once."""

        async def read(partition: str) -> list[StoredRow]:
            rows = self._table.rows(
                partition, key(*within, ""), beyond(*within), where=where, select=select
            )
            return [each async for each in rows]

        return [each for part in await asyncio.gather(*map(read, PARTITIONS)) for each in part]


def _of(subscription: str) -> str:
    """Return the condition that a row is of a subscription."""
    escaped = subscription.replace("'", "''")
    return f"subscription eq '{escaped}'"


def _total(rows: Sequence[StoredRow], column: str) -> int:
    return sum(int(str(each.columns[column])) for each in rows)
