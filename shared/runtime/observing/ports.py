"""The ports behind a look, watched: what is read of the estate, and what is committed."""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Commit
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.domain.verdict import Verdict
from shared.ports import FindingStore, Inventory, Listed, Measure, Observer, Pace

if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, slots=True)
class ObservedInventory:
    """An inventory; a read of several sources is one span."""

    inner: Inventory
    observer: Observer

    @property
    def second_look_after(self) -> timedelta | None:
        """As that of the inventory."""
        return self.inner.second_look_after

    async def read(
        self,
        root: ResourceId,
        sources: Collection[Source],
        *,
        after: datetime,
        pace: Pace = Pace.EVENT,
    ) -> Mapping[Source, SourceReading]:
        """Read these sources of a root."""
        wanted = ",".join(sorted(each.value for each in sources))
        with self.observer.span("read", root=root.key, sources=wanted, pace=pace.value) as span:
            readings = await self.inner.read(root, sources, after=after, pace=pace)
            problems = [each.problem for each in readings.values() if each.problem is not None]
            span.note(
                unread=len(problems),
                put_off=sum(each.retry_after is not None for each in problems),
                forbidden=sum(each.permission is not None for each in problems),
            )
        return readings

    def roots(self, subscription: str) -> AsyncIterator[Listed]:
        """List the roots of a subscription.

        Raises:
            PortError: as the inventory.
        """
        return self.inner.roots(subscription)

    async def subscriptions(self, *, after: datetime) -> frozenset[str]:
        """Return the subscriptions that hold a root.

        Raises:
            PortError: as the inventory.
        """
        with self.observer.span("subscriptions") as span:
            found = await self.inner.subscriptions(after=after)
            span.note(subscriptions=len(found))
        return found


class _ObservedFindings:
    """A store that is watched while it commits; all else it leaves to the store."""

    def __init__(self, inner: FindingStore, observer: Observer) -> None:
        self._inner = inner
        self._observer = observer

    def __getattr__(self, name: str) -> "Any":  # noqa: ANN401 - whatever the store has by that name
        return getattr(self._inner, name)

    async def commit(self, commit: Commit) -> None:
        """Write everything or nothing.

        Raises:
            ConflictError: as the store.
        """
        told = {"findings": len(commit.findings), "transitions": len(commit.transitions)}
        with self._observer.span("commit", root=commit.root, **told):
            await self._inner.commit(commit)
        unknown = commit.state.verdicts.get(Verdict.UNKNOWN, 0)
        if unknown:
            self._observer.count(Measure.UNKNOWNS, unknown)


def observed_findings(inner: FindingStore, observer: Observer) -> FindingStore:
    """Return the store, watched while it commits."""
    return cast("FindingStore", _ObservedFindings(inner, observer))
