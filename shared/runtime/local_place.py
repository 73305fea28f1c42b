"""Where the function app stands on this machine: a folder as the estate, and a SQLite file.

What takes in an event needs no more than this, and starts with it.
"""

from dataclasses import dataclass
from typing import Self

from shared.adapters.local.database import Database
from shared.adapters.local.estate import EstateFolder
from shared.adapters.system_clock import SystemClock
from shared.settings import LocalBackend


@dataclass(frozen=True, slots=True)
class LocalPlace:
    """A folder of ARM JSON, the file for what is remembered, and the clock of the machine."""

    estate: EstateFolder
    database: Database
    clock: SystemClock

    @classmethod
    def open(cls, backend: LocalBackend) -> Self:
        """Open both.

        Raises:
            PortError: the folder is missing, or the file cannot be used.
        """
        clock = SystemClock()
        return cls(EstateFolder(backend.estate, clock), Database(backend.store), clock)
