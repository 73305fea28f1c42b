"""Errors that cross a port.

PortError                  the outside world failed; the work is put back and tried again
├── ConflictError          a commit's condition did not hold: somebody else committed first
├── StoreUnusableError     what is remembered cannot be read or written at all (no such file,
│                          no database)
├── NoActivityTableError   the workspace has no Activity Log
├── BusyError              a sink takes nothing for now
└── RefusedError           a sink will never take what it was sent
"""

from datetime import timedelta


class PortError(Exception):
    """The outside world failed; the message is for people."""


class ConflictError(PortError):
    """The root was committed by somebody else since its state was loaded: look again."""


class StoreUnusableError(PortError):
    """The store cannot be opened; the message says what to do."""


class BusyError(PortError):
    """A sink takes nothing for now; `retry_after` is how long, where it said so."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RefusedError(PortError):
    """A sink will never take what it was sent; others may well be taken."""


class NoActivityTableError(PortError):
    """The workspace has no Activity Log: nothing was ever exported to it."""
