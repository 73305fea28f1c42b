"""What Event Grid could not deliver, and what crashed too often on its way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.ports.work import QueueName, Taken


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """A batch of events that were not delivered; `size` in bytes, `tries` that failed so far."""

    name: str
    size: int
    tries: int = 0


class DeadLetterStore(Protocol):
    """Where Event Grid leaves what it could not deliver."""

    async def waiting(self, limit: int) -> Sequence[DeadLetters]:
        """Return batches that are neither removed nor given up.

        Raises:
            PortError: they cannot be had.
        """

    async def read(self, name: str) -> bytes | None:
        """Return the content of a batch, None where it is gone.

        Raises:
            PortError: it cannot be had.
        """

    async def remove(self, name: str) -> None:
        """Remove a batch; one that is gone already is.

        Raises:
            PortError: it may still be there.
        """

    async def failed(self, name: str, tries: int, reason: str, *, given_up: bool) -> None:
        """Remember beside a batch how often it was tried, and why it failed.

        One that is given up stays where it is, for people.

        Raises:
            PortError: it may not be remembered.
        """


class PoisonQueue(Protocol):
    """Messages that crashed the code so often that the host has put them away."""

    async def take(self, queue: QueueName) -> Taken | None:
        """Take a message that was on this queue, or None.

        Raises:
            PortError: there is no telling.
        """

    async def done(self, queue: QueueName, taken: Taken) -> None:
        """Delete a message that was taken; one that is taken by another by now stays.

        Raises:
            PortError: it may come again.
        """
