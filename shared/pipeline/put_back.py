"""Messages that the Functions host delivers: an outage puts them back instead of using them up.

The host shows a message that failed again after a fixed time, and puts it away for good after a few
times. That is right for a message that crashes the code; but an outage fails every message, and
lasts longer. So where a port fails, the message goes to the end of its queue, to come back later
each time, and counts as done for the host.

The host hands over several messages at once, in a storm all of one root. They take turns: the later
ones then find their work done, where otherwise each would find the root taken and come back.
"""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from weakref import WeakValueDictionary

from shared.pipeline.look import LookReport
from shared.pipeline.messages import MalformedMessageError, decode
from shared.pipeline.work import Worker
from shared.ports import PortError, QueueName, WorkQueue

SHORTEST = timedelta(seconds=2)
LONGEST = timedelta(minutes=5)
_DOUBLINGS = 8
TURN = timedelta(seconds=2)
"""How long a message waits for its turn: it keeps others from being handed over."""


@dataclass(frozen=True, slots=True)
class PutBack:
    """A message that goes on waiting; `root` is None where it cannot be read."""

    root: str | None
    put_backs: int
    delay: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The use case with its ports; `turns` are of the roots that are looked at just now."""

    worker: Worker
    queue: WorkQueue
    turns: MutableMapping[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def handle(self, name: QueueName, text: str) -> LookReport | PutBack | None:
        """Look as a message of a queue asks, now or later; None: it is no look message.

        Raises:
            PortError: the queue fails too; the message must be delivered again.
        """
        try:
            async with self._turn(text):
                return await self.worker.handle(name, text)
        except PortError as error:
            later, again = _put_back(text, str(error))
            # Before the host takes it off the queue: killed in between, it is there twice.
            await self.queue.put(name, [again], delay=later.delay)
            return later

    @asynccontextmanager
    async def _turn(self, text: str) -> AsyncIterator[None]:
        """Wait until no other message of the root is at work here, for a while."""
        try:
            root = decode(text).root.lower()
        except MalformedMessageError:
            yield
            return
        turn = self.turns.setdefault(root, asyncio.Lock())
        try:
            async with asyncio.timeout(TURN.total_seconds()):
                await turn.acquire()
        except TimeoutError:
            # The lease of the root keeps two from looking at it.
            yield
            return
        try:
            yield
        finally:
            turn.release()


def _put_back(text: str, reason: str) -> tuple[PutBack, str]:
    """Return what is told of a message that is put back, and its new text."""
    try:
        message = decode(text)
    except MalformedMessageError:
        # It could not even be set aside; how often is not known.
        return PutBack(None, 1, LONGEST, reason), text
    times = message.put_backs + 1
    delay = min(SHORTEST * 2 ** min(times - 1, _DOUBLINGS), LONGEST)
    again = replace(message, put_backs=times)
    return PutBack(message.root, times, delay, reason), again.encode()
