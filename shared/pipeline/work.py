"""Work off the queues: take, look, done; what fails is put back, or in the end set aside."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from shared.pipeline.look import LookReport, LookStatus
from shared.pipeline.messages import LookMessage, MalformedMessageError, decode
from shared.ports import Clock, PortError, QueueName, SetAside, SetAsideStore, Taken, WorkQueue

log = logging.getLogger(__name__)

MOST_DELIVERIES = 5
"""After so many a message that crashes the code is set aside, as the Functions host does."""
FIRST_RETRY = timedelta(seconds=2)
LONGEST_WAIT = timedelta(seconds=45)
"""A queue whose next message is due later than this has no work for now.

Longer than a message is in a dead worker's hands, shorter than a second look is put off.
"""


@dataclass(slots=True)
class WorkReport:
    """What was worked off: looks by how they ended, sources read, ids of transitions recorded."""

    looks: Counter[LookStatus] = field(default_factory=Counter)
    sources_read: int = 0
    transitions: list[str] = field(default_factory=list)
    set_aside: int = 0

    def add(self, report: LookReport) -> None:
        """Count one look."""
        self.looks[report.status] += 1
        self.sources_read += report.sources_read
        self.transitions += [each.id for each in report.transitions]


Look = Callable[[LookMessage], Awaitable[LookReport]]
GiveUp = Callable[[LookMessage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Worker:
    """Works off the queues; `look` looks for a message of `looks`, `sweep_look` of `sweeps`.

    `give_up` is told of a message of `sweeps` that is set aside: no look will follow it.
    """

    queue: WorkQueue
    aside: SetAsideStore
    clock: Clock
    look: Look
    sweep_look: Look
    give_up: GiveUp | None = None

    async def handle(self, name: QueueName, text: str) -> LookReport | None:
        """Look as a message of a queue asks; None: it is no look message, and is set aside.

        Raises:
            PortError: the world failed; the message must be delivered again.
        """
        try:
            message = decode(text)
        except MalformedMessageError as error:
            await self._keep(text, f"not a look message: {error}")
            return None
        return await (self.look if name is QueueName.LOOKS else self.sweep_look)(message)

    async def drain(
        self, report: WorkReport, *, on_look: Callable[[LookReport], None] | None = None
    ) -> None:
        """Work until neither queue has anything due; looks asked for by events go before sweeps.

        Messages in other hands are waited for, because their worker may have died; second looks are
        not.
        """
        while True:
            for name in (QueueName.LOOKS, QueueName.SWEEPS):
                taken = await self.queue.take(name)
                if taken is not None:
                    looked = await self._work_off(name, taken, report)
                    if looked is not None and on_look is not None:
                        on_look(looked)
                    break
            else:
                if not await self._wait():
                    return

    async def _wait(self) -> bool:
        """Wait for the next message that is due soon; False when there is none."""
        due = [at for name in QueueName if (at := await self.queue.next_due(name)) is not None]
        wait = min(due) - self.clock.now() if due else None
        if wait is None or wait >= LONGEST_WAIT:
            return False
        await self.clock.sleep(max(wait, timedelta(milliseconds=5)))
        return True

    async def _work_off(
        self, name: QueueName, taken: Taken, report: WorkReport
    ) -> LookReport | None:
        """Handle a message that was taken; whatever it does, the next one gets its turn."""
        try:
            looked = await self.handle(name, taken.text)
        except PortError as error:
            log.warning("put back: %s", error)
            await self.queue.put_back(
                name, taken, delay=FIRST_RETRY * 2 ** min(taken.deliveries - 1, 5)
            )
            return None
        except Exception as error:
            log.exception("a look crashed")
            if taken.deliveries < MOST_DELIVERIES:
                await self.queue.put_back(name, taken, delay=FIRST_RETRY)
                return None
            await self._keep(taken.text, f"crashed {taken.deliveries} times, last: {error!r}")
            if name is QueueName.SWEEPS and self.give_up is not None:
                await self.give_up(decode(taken.text))
            looked = None
        if looked is None:
            report.set_aside += 1
        else:
            report.add(looked)
        await self.queue.done(name, taken)
        return looked

    async def _keep(self, text: str, reason: str) -> None:
        """Set a message aside."""
        await self.aside.keep([SetAside(self.clock.now(), reason, text, len(text))])
