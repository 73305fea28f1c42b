"""The estate as it is now, and as it was seen last."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping
    from datetime import datetime, timedelta

    from shared.domain.resource_id import ResourceId
    from shared.domain.snapshot import SourceReading
    from shared.domain.topology import Source


class Pace(StrEnum):
    """Who is waiting for a reading: what quota there is goes to events first."""

    EVENT = "event"
    SWEEP = "sweep"


@dataclass(frozen=True, slots=True)
class Listed:
    """A root that a list shows, and its own body where the list shows that too."""

    root: ResourceId
    reading: SourceReading | None = None


class Inventory(Protocol):
    """The estate as it is now."""

    @property
    def second_look_after(self) -> timedelta | None:
        """How long after a write the inventory may still answer with the state before it.

        None: never.
        """

    async def read(
        self,
        root: ResourceId,
        sources: Collection[Source],
        *,
        after: datetime,
        pace: Pace = Pace.EVENT,
    ) -> Mapping[Source, SourceReading]:
        """Read these sources of a root; each reading begins after `after` (UTC).

        A failed read is a reading with a problem, never an exception; a root that is not there is a
        root reading without items.
        """

    def roots(self, subscription: str) -> AsyncIterator[Listed]:
        """List the roots of a subscription, some of them perhaps twice.

        Raises:
            PortError: a part could not be listed; whatever could was listed before.
        """

    async def subscriptions(self, *, after: datetime) -> frozenset[str]:
        """Return the subscriptions (lower case) that hold a root, as they are after `after`.

        Raises:
            PortError: they could not be listed.
        """


class SnapshotStore(Protocol):
    """The last snapshot of every root."""

    async def load(
        self, root: ResourceId, sources: Collection[Source], *, recent: bool = False
    ) -> Mapping[Source, SourceReading]:
        """Return the stored readings of these sources; those never stored are left out.

        `recent`: what this process stored or loaded last will do, though another may have stored
        younger ones since.
        """

    async def save(self, root: ResourceId, readings: Collection[SourceReading]) -> None:
        """Store readings; one that began before the stored reading of its source is left out."""
