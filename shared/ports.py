"""What the pipeline needs of the world, as Protocols; adapters implement them, tests fake them.

Errors that cross a port:

    PortError                  the outside world failed; the work is put back and tried again
    ├── ConflictError          a commit's condition did not hold: somebody else committed first
    └── StoreUnusableError     what is remembered cannot be read or written at all (no such file,
    no database)
"""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from shared.domain.finding import Finding, FindingState, Transition
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Commit, Posture, RootState
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.domain.verdict import Severity


class PortError(Exception):
    """The outside world failed; the message is for people."""


class ConflictError(PortError):
    """The root was committed by somebody else since its state was loaded: look again."""


class StoreUnusableError(PortError):
    """The store cannot be opened; the message says what to do."""


class Clock(Protocol):
    """The time, and waiting."""

    def now(self) -> datetime:
        """Return the time now (UTC, aware)."""

    async def sleep(self, duration: timedelta) -> None:
        """Wait."""


class Inventory(Protocol):
    """The estate as it is now."""

    @property
    def second_look_after(self) -> timedelta | None:
        """How long after a write the inventory may still answer with the state before it.

        None: never.
        """

    async def read(
        self, root: ResourceId, sources: Collection[Source], *, after: datetime
    ) -> Mapping[Source, SourceReading]:
        """Read these sources of a root; each reading begins after `after` (UTC).

        A failed read is a reading with a problem, never an exception; a root that is not there is a
        root reading without items.
        """

    def roots(self, subscription: str) -> AsyncIterator[ResourceId]:
        """List the roots of a subscription."""

    async def subscriptions(self, *, after: datetime) -> frozenset[str]:
        """Return the subscriptions (lower case) that hold a root, as they are after `after`."""


class SnapshotStore(Protocol):
    """The last snapshot of every root."""

    async def load(
        self, root: ResourceId, sources: Collection[Source]
    ) -> Mapping[Source, SourceReading]:
        """Return the stored readings of these sources; those never stored are left out."""

    async def save(self, root: ResourceId, readings: Collection[SourceReading]) -> None:
        """Store readings; one that began before the stored reading of its source is left out."""


class QueueName(StrEnum):
    """The queues of the work."""

    LOOKS = "looks"
    SWEEPS = "sweeps"


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
        """Add messages, all or none; they become visible after `delay`."""

    async def take(self, queue: QueueName) -> Taken | None:
        """Take a visible message, or None."""

    async def done(self, queue: QueueName, taken: Taken) -> None:
        """Delete a message that was taken; one that is taken by another by now stays."""

    async def put_back(self, queue: QueueName, taken: Taken, *, delay: timedelta) -> None:
        """Make a message that was taken visible again after `delay`."""

    async def next_due(self, queue: QueueName) -> datetime | None:
        """Return when the next message is or becomes visible (taken ones when their time is over).

        None: empty.
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


class SetAsideStore(Protocol):
    """Where inputs go that nothing can be done with now."""

    async def keep(self, items: Sequence[SetAside]) -> None:
        """Keep inputs with their reasons; the same input twice is kept twice."""

    async def kept(self, limit: int) -> Sequence[SetAside]:
        """Return the newest."""


@dataclass(frozen=True, slots=True)
class TransitionQuery:
    """Which transitions; an empty collection or None asks for any, but no `ids` for none.

    `since` compares with `at`, the time itself included.
    """

    since: datetime | None = None
    severities: frozenset[Severity] = frozenset()
    controls: frozenset[str] = frozenset()
    resource: str | None = None
    """Part of a resource id, any case."""
    state: FindingState | None = None
    """State that the finding is in now."""
    ids: frozenset[str] | None = None
    alerts_only: bool = True
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep of one subscription; `baseline` when it is the first."""

    id: str
    subscription: str
    deep: bool
    baseline: bool
    started_at: datetime
    roots: int


class FindingStore(Protocol):
    """What is remembered of every root: state, findings, history and outbox."""

    async def lease(self, root: str, worker: str, duration: timedelta) -> bool:
        """Take or prolong the lease of a root (its key) for a worker.

        False while another holds it.
        """

    async def release(self, root: str, worker: str) -> None:
        """Give a lease back; one that is another's by now stays."""

    async def state(self, root: str) -> RootState:
        """Return the committed state of a root; version 0 for one never seen."""

    async def findings(self, root: str) -> dict[str, Finding]:
        """Return the findings of a root, open and resolved, by their key."""

    async def commit(self, commit: Commit) -> None:
        """Write everything or nothing.

        Raises:
            ConflictError: the stored version is not `commit.state.version`.
        """

    async def subscriptions(self) -> frozenset[str]:
        """Return the subscriptions (lower case) of which a root is known."""

    async def roots(self, subscription: str) -> Sequence[str]:
        """Return the ids of the known roots of a subscription that are not gone."""

    async def dependents(self, root: str) -> Sequence[str]:
        """Return the roots that were judged by reading this one too."""

    async def transitions(self, query: TransitionQuery) -> Sequence[Transition]:
        """Return transitions, newest first."""

    async def open_by_severity(self, subscription: str) -> Counter[Severity]:
        """Count the open findings of a subscription."""

    async def posture(self) -> Posture:
        """Fold the findings of every root into counts."""

    async def undelivered(self, sink: str, limit: int) -> Sequence[Transition]:
        """Return alerting transitions that this sink has not been told of, oldest first."""

    async def delivered(self, sink: str, ids: Sequence[str]) -> None:
        """Remember that a sink has been told of these and of everything older."""


class SweepLedger(Protocol):
    """How far the sweeps have come."""

    async def begin(self, sweep: Sweep, roots: Sequence[str]) -> None:
        """Record a sweep and the roots (keys) that it has to look at; without any it is over."""

    async def swept(self, sweep_id: str, root: str) -> Sweep | None:
        """Record that a sweep has looked at a root.

        Return the sweep when none is left, each time it is asked.
        """

    async def is_baselined(self, subscription: str, *, deep: bool) -> bool:
        """Whether a sweep of this subscription has been completed; `deep`: a deep one."""


class Sink(Protocol):
    """Where alerts go."""

    @property
    def name(self) -> str:
        """Stable name; the outbox remembers by it what was told."""

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Tell of these alerts, oldest first; return only when they are told.

        Raises:
            PortError: they could not be told; they are sent again later.
        """
