"""What was asked of the local Azure, so that tests can count it."""

from collections import Counter
from typing import NamedTuple


class Logged(NamedTuple):
    """One request; `status` is 0 where the connection was reset in place of an answer."""

    method: str
    path: str
    api_version: str
    status: int
    audience: str
    connection: int
    """Number of the connection that it came on, counted from 1."""
    began: float
    """Seconds, by the clock of the event loop."""


class RequestLog:
    """Every request since the start or the last `clear`, in the order of the answers."""

    def __init__(self) -> None:
        self.requests: list[Logged] = []

    def clear(self) -> None:
        """Forget all."""
        self.requests.clear()

    def matching(self, part: str = "", status: int | None = None) -> list[Logged]:
        """Return the requests whose path holds a text (any case), with a status."""
        wanted = part.lower()
        return [
            each
            for each in self.requests
            if wanted in each.path.lower() and status in {None, each.status}
        ]

    @property
    def reads(self) -> list[Logged]:
        """The reads of ARM: all that came with a token, but for queries."""
        return [each for each in self.requests if each.method == "GET" and each.audience]

    @property
    def connections(self) -> int:
        """How many connections the requests with a token came on."""
        return len({each.connection for each in self.requests if each.audience})

    def counts(self) -> dict[str, object]:
        """Return the totals."""
        statuses = Counter(str(each.status) for each in self.requests)
        return {
            "requests": len(self.requests),
            "reads": len(self.reads),
            "queries": len([each for each in self.requests if each.method == "POST"]),
            "connections": self.connections,
            "statuses": dict(statuses),
        }
