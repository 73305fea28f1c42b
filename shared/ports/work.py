"""Work that waits, and what no work can be made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class QueueName(StrEnum):
    """The queues of the work."""

    LOOKS = "looks"
    SWEEPS = "sweeps"
    ALERTS = "alerts"
    """Pokes: a sink is to be told of something."""


WORK = (QueueName.LOOKS, QueueName.SWEEPS)
"""The queues of looks; those of events go before those of sweeps."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message in somebody's hands.

    Invisible to others until it is done, put back, or its time is over.
    """

    text: str
    receipt: str
    deliveries: int
    """How often it was taken, this time included."""


class WorkQueue(Protocol):
    """Work that must not be lost: at least once, in no promised order."""

    async def put(self, queue: QueueName, texts: Sequence[str], *, delay: timedelta = ...) -> None:
        """Add messages; they become visible after `delay` (7 days at most).

        Raises:
            PortError: some may have been added: put all of them again.
        """

    async def take(self, queue: QueueName) -> Taken | None:
        """Take a visible message, or None."""

    async def done(self, queue: QueueName, taken: Taken) -> None:
        """Delete a message that was taken; one that is taken by another by now stays."""

    async def put_back(self, queue: QueueName, taken: Taken, *, delay: timedelta) -> None:
        """Make a message that was taken visible again after `delay`."""

    async def next_due(self, queue: QueueName) -> datetime | None:
        """Return when the next message is or becomes visible (taken ones when their time is over).

        None: empty. A queue that cannot know when says when to ask again.
        """


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits on a queue; messages in somebody's hands and delayed ones are counted too.

    `oldest_at` (UTC) is since when the message waits that is next; None: none is visible.
    `told_at` is what time the queue's own clock says it is; None: it has none.
    """

    messages: int
    oldest_at: datetime | None = None
    told_at: datetime | None = None


class Backlogs(Protocol):
    """How much waits on queues."""

    async def backlog(self, queue: QueueName) -> Backlog:
        """Return what waits on a queue.

        Raises:
            PortError: there is no telling.
        """


@dataclass(frozen=True, slots=True)
class SetAside:
    """An input that could not be used, kept with its reason.

    `text` may be cut; `length` is the whole's.
    """

    at: datetime
    reason: str
    text: str
    length: int


@dataclass(frozen=True, slots=True)
class Kept:
    """An input that is kept, and the name that it is kept under."""

    name: str
    item: SetAside


class SetAsideStore(Protocol):
    """Where inputs go that nothing can be done with now."""

    async def keep(self, items: Sequence[SetAside]) -> None:
        """Keep inputs with their reasons; the same input twice is kept twice."""

    async def kept(self, limit: int) -> Sequence[SetAside]:
        """Return the newest."""

    async def page(self, after: str, limit: int) -> tuple[Sequence[Kept], str]:
        """Return some of what is kept, the newest first, and the place after it.

        "" is the place before the newest; returned, it says that nothing follows. What is kept or
        removed meanwhile moves nothing else.
        """

    async def remove(self, name: str) -> None:
        """Keep an input no longer; one that is gone already is."""
