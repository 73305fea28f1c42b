"""What the pipeline needs of the world, as Protocols; adapters implement them, tests fake them.

One module an outside part; everything is imported from here.
"""

from shared.ports.clock import Clock
from shared.ports.errors import (
    BusyError,
    ConflictError,
    NoActivityTableError,
    PortError,
    RefusedError,
    StoreUnusableError,
)
from shared.ports.findings import AlertHistory, FindingStore, Retention, TransitionQuery
from shared.ports.inventory import Inventory, Listed, Pace, SnapshotStore
from shared.ports.listening import (
    ActivityLog,
    ActivityPage,
    ActivityPosition,
    ActivityRow,
    Bookmarks,
    ReceivedEvents,
)
from shared.ports.observer import Attribute, Measure, Observer, Span
from shared.ports.redrive import DeadLetters, DeadLetterStore, PoisonQueue
from shared.ports.sinks import DigestSink, Outbox, Sink
from shared.ports.sweeps import SweepLedger
from shared.ports.work import (
    WORK,
    Backlog,
    Backlogs,
    Kept,
    QueueName,
    SetAside,
    SetAsideStore,
    Taken,
    WorkQueue,
)

__all__ = [
    "WORK",
    "ActivityLog",
    "ActivityPage",
    "ActivityPosition",
    "ActivityRow",
    "AlertHistory",
    "Attribute",
    "Backlog",
    "Backlogs",
    "Bookmarks",
    "BusyError",
    "Clock",
    "ConflictError",
    "DeadLetterStore",
    "DeadLetters",
    "DigestSink",
    "FindingStore",
    "Inventory",
    "Kept",
    "Listed",
    "Measure",
    "NoActivityTableError",
    "Observer",
    "Outbox",
    "Pace",
    "PoisonQueue",
    "PortError",
    "QueueName",
    "ReceivedEvents",
    "RefusedError",
    "Retention",
    "SetAside",
    "SetAsideStore",
    "Sink",
    "SnapshotStore",
    "Span",
    "StoreUnusableError",
    "SweepLedger",
    "Taken",
    "TransitionQuery",
    "WorkQueue",
]
