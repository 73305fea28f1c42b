"""What listening to the Activity Log needs of the world: the log, and what is remembered of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ActivityPosition:
    """A place in the Activity Log, whose rows stand in the order in which they were ingested.

    `ingested_at` is UTC in whole milliseconds; rows of the same millisecond stand by their ids.
    """

    ingested_at: datetime
    row_id: str = ""


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """A row of the Activity Log: its id, its place, and its columns as JSON."""

    id: str
    position: ActivityPosition
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Some rows in order.

    `complete`: all that were asked for; otherwise any of them may be missing, also between others.
    `more`: there may be rows after these.
    """

    rows: Sequence[ActivityRow]
    complete: bool
    more: bool


class ActivityLog(Protocol):
    """What Azure's Activity Log says of our resources: every row, minutes to hours late."""

    async def rows(
        self,
        subscriptions: Collection[str],
        after: ActivityPosition,
        until: datetime,
        *,
        limit: int,
    ) -> ActivityPage:
        """Return the first `limit` rows that were ingested after a position and not after `until`.

        Raises:
            NoActivityTableError: there is no Activity Log to read.
            PortError: it could not be asked.
        """

    async def newest(
        self, subscriptions: Collection[str], since: datetime
    ) -> Mapping[str, datetime]:
        """Return when the newest row of each subscription (lower case) was ingested, of any kind.

        Those without a row since then are left out.

        Raises:
            NoActivityTableError: there is no Activity Log to read.
            PortError: it could not be asked.
        """


class Bookmarks(Protocol):
    """How far something was read, as a text of up to a megabyte under a name."""

    async def load(self, name: str) -> str | None:
        """Return the text that was saved last, or None."""

    async def save(self, name: str, text: str) -> None:
        """Replace the text."""


class ReceivedEvents(Protocol):
    """Which operations in Azure an event has told of, by their correlation ids."""

    async def record(self, subscription: str, ids: Collection[str], at: datetime) -> None:
        """Remember that events of these ids have come."""

    async def unseen(self, subscription: str, ids: Collection[str]) -> frozenset[str]:
        """Return those of these ids (any case) of which no event has come."""

    async def last(self, subscription: str) -> datetime | None:
        """Return when an event was last recorded; None: of none anything is remembered."""

    async def forget(self, subscription: str, before: datetime) -> None:
        """Forget what came an hour or more before this time, and nothing that came after it."""
