"""What people decide about findings, and reminders, on a SQLite file."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.system_clock import SystemClock
from shared.pipeline.lifecycle import Lifecycle
from shared.pipeline.remind import Reminders
from shared.ports import FindingStore
from shared.runtime.following_up import lifecycle, reminders
from shared.settings import read_follow_up_settings


@contextmanager
def local_decisions(store: Path) -> Iterator[Lifecycle]:
    """Open the decisions of people on what a SQLite file remembers.

    Raises:
        StoreUnusableError: there is no such file, or it cannot be used.
        SettingsError: a setting is wrong.
    """
    settings = read_follow_up_settings()
    with _memory(store) as findings:
        yield lifecycle(findings, SystemClock(), settings)


@contextmanager
def local_reminders(store: Path) -> Iterator[Reminders]:
    """Open the reminders of what a SQLite file remembers.

    Raises:
        StoreUnusableError: there is no such file, or it cannot be used.
        SettingsError: a setting is wrong.
    """
    settings = read_follow_up_settings()
    with _memory(store) as findings:
        yield reminders(findings, SystemClock(), settings)


@contextmanager
def _memory(store: Path) -> Iterator[FindingStore]:
    """Open a store that is there already, to write to it."""
    # To open a file for writing would make one, and claim one that is not ours.
    Database(store, create=False).close()
    with closing(Database(store)) as database:
        yield SqliteFindingStore(database, SystemClock())
