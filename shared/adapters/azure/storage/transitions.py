"""The history, newest first: a bounded number of range reads, merged."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.adapters.azure.storage.history_rows import decode_page
from shared.adapters.azure.storage.in_order import in_order
from shared.adapters.azure.storage.table_keys import (
    FINDINGS,
    PAGES,
    PARTITIONS,
    backward,
    beyond,
    digest,
    key,
    microseconds,
    partition_of,
)
from shared.adapters.azure.storage.tables import Table
from shared.domain.canary import CANARY
from shared.domain.finding import Transition, finding_key
from shared.ports import TransitionQuery

TOGETHER = 500
"""Transitions whose findings are looked up at once."""
PAGE = 250
"""Rows of one answer of a partition; as many of each partition are in memory at a time."""
FEWEST = 20
"""Rows to ask a partition for, however few are wanted in all."""


@dataclass(frozen=True, slots=True)
class Transitions:
    """Answers queries."""

    table: Table

    async def chosen(self, query: TransitionQuery) -> Sequence[Transition]:
        """Return transitions, newest first; no more is read than it takes.

        Raises:
            PortError: storage failed.
        """
        limit = query.limit
        if limit == 0 or query.ids == frozenset():
            return []
        found: list[Transition] = []
        states = _States(self.table)
        async for part in self._parts(query):
            found += part if query.state is None else await states.only(part, query.state)
            if limit is not None and len(found) >= limit:
                return found[:limit]
        return found

    async def _parts(self, query: TransitionQuery) -> AsyncIterator[list[Transition]]:
        """Go through what is chosen by all but the state of the finding, in parts."""
        part: list[Transition] = []
        most = TOGETHER if query.limit is None else min(query.limit, TOGETHER)
        missing = set(query.ids or ())
        async for each in self._newest_first(query):
            missing.discard(each.id)
            if _is_chosen(each, query):
                part.append(each)
            if len(part) >= most:
                yield part
                part = []
            if query.ids is not None and not missing:
                break
        yield part

    async def _newest_first(self, query: TransitionQuery) -> AsyncIterator[Transition]:
        """Go through the history since the time that is asked for."""
        oldest = (
            beyond(PAGES)
            if query.since is None
            else beyond(PAGES, backward(microseconds(query.since)))
        )
        wide = query.limit is not None and query.state is None and not _is_narrow(query)
        page = max(FEWEST, min(query.limit or PAGE, PAGE)) if wide else PAGE
        streams = [
            (each, self.table.rows(each, key(PAGES, ""), oldest, page=page)) for each in PARTITIONS
        ]
        async for _, stored in in_order(streams):
            for transition in reversed(decode_page(stored).transitions):
                yield transition


@dataclass(frozen=True, slots=True)
class _States:
    """The state that findings are in now, looked up once for each root."""

    table: Table
    _known: dict[str, Mapping[str, str]] = field(default_factory=dict)

    async def only(self, part: Sequence[Transition], state: str) -> list[Transition]:
        """Return those of transitions whose finding is in a state now."""
        unknown = sorted({each.root for each in part} - self._known.keys())
        for start in range(0, len(unknown), len(PARTITIONS)):
            roots = unknown[start : start + len(PARTITIONS)]
            read = await asyncio.gather(*map(self._states, roots))
            self._known.update(zip(roots, read, strict=True))
        return [each for each in part if self._state(each) == state]

    def _state(self, each: Transition) -> str | None:
        if each.control is None:
            return None
        name = digest(finding_key(each.control, each.resource_id))
        return self._known[each.root].get(name)

    async def _states(self, root: str) -> Mapping[str, str]:
        """Read the states of the findings of a root, by the digests of their keys."""
        within = (FINDINGS, digest(root))
        rows = self.table.rows(
            partition_of(root), key(*within, ""), beyond(*within), select=["state"]
        )
        return {each.key.rpartition("-")[2]: str(each.columns.get("state")) async for each in rows}


def _is_narrow(query: TransitionQuery) -> bool:
    """Whether much of the history may have to be read for the few that are chosen."""
    return bool(query.severities or query.controls or query.resource or query.ids is not None)


def _is_chosen(each: Transition, query: TransitionQuery) -> bool:
    """Whether a query asks for a transition, leaving aside its finding's state."""
    return (
        (each.alerts or not query.alerts_only)
        and (query.canaries or each.root != CANARY.key)
        and (query.since is None or each.at >= query.since)
        and (not query.severities or each.severity in query.severities)
        and (not query.controls or each.control in query.controls)
        and (query.ids is None or each.id in query.ids)
        and (not query.resource or query.resource.lower() in each.resource_id.lower())
    )
