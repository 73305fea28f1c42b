"""Drive again what crashed the code, since a newer code may not crash, nor the same an hour later.

A look that an event asked for comes back three times, each time later, and is then set aside. A
sweep's look does not come back: the sweep goes on without its root, and the next one looks again.
A poke does not come back either: it says nothing that the next one does not, and the redrive pokes
for all that waits.
"""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shared.pipeline.messages import LookMessage, MalformedMessageError, decode
from shared.pipeline.work import MOST_DELIVERIES, GiveUp
from shared.ports import (
    WORK,
    Clock,
    PoisonQueue,
    PortError,
    QueueName,
    SetAside,
    SetAsideStore,
    Taken,
    WorkQueue,
)

log = logging.getLogger(__name__)

MESSAGES_OF_A_RUN: Final = 500
LONGEST_RUN: Final = timedelta(seconds=60)
"""After which no further message is taken."""
WAITS: Final = (timedelta(minutes=1), timedelta(hours=1), timedelta(hours=12))


@dataclass(slots=True)
class DrovePoison:
    """What became of poison: `redriven` wait for their next look, the others are set aside.

    `struck_off` were a sweep's, and `given_up` had come back often enough or could not be read.
    `pokes` are deleted.
    """

    redriven: int = 0
    struck_off: int = 0
    given_up: int = 0
    pokes: int = 0


@dataclass(frozen=True, slots=True)
class PoisonRun:
    """The use case with its ports; `give_up` is told of the messages of sweeps."""

    poison: PoisonQueue
    queue: WorkQueue
    aside: SetAsideStore
    clock: Clock
    give_up: GiveUp

    async def run(self) -> DrovePoison:
        """Work off the poison of every queue; killed in between, a message may come back twice.

        Raises:
            PortError: a port failed; what is left comes again.
        """
        report = DrovePoison()
        until = self.clock.now() + LONGEST_RUN
        for name in WORK:
            async for taken in self._taken(name, until):
                if await self._drove(taken, report):
                    await self.poison.done(name, taken)
        async for taken in self._taken(QueueName.ALERTS, until):
            await self.poison.done(QueueName.ALERTS, taken)
            report.pokes += 1
        if report.pokes:
            log.warning("%d pokes, whose deliveries failed time and again, go", report.pokes)
        return report

    async def _taken(self, name: QueueName, until: datetime) -> AsyncIterator[Taken]:
        """Take the poison of one queue, for as long as there is time."""
        for _ in range(MESSAGES_OF_A_RUN):
            if self.clock.now() >= until:
                return
            taken = await self.poison.take(name)
            if taken is None:
                return
            yield taken

    async def _drove(self, taken: Taken, report: DrovePoison) -> bool:
        """Drive one message; False: it crashes even this, and comes again in a later run."""
        try:
            await self._drive(taken, report)
        except PortError:
            raise
        except Exception as error:
            log.exception("poison crashes its redrive")
            if taken.deliveries < MOST_DELIVERIES:
                return False
            await self._keep(taken.text, f"crashes its redrive: {error!r}")
            report.given_up += 1
        return True

    async def _drive(self, taken: Taken, report: DrovePoison) -> None:
        try:
            message = decode(taken.text)
        except MalformedMessageError as error:
            await self._keep(taken.text, f"not a look message: {error}")
            report.given_up += 1
            return
        crashed = f"crashed {MOST_DELIVERIES} times in a row; the log has its tracebacks"
        if message.sweep is not None:
            await self.give_up(message)
            await self._keep(taken.text, f"{crashed}; the next sweep looks again")
            report.struck_off += 1
        elif message.redrives >= len(WAITS):
            await self._keep(taken.text, f"{crashed}, again after {message.redrives} redrives")
            report.given_up += 1
        else:
            await redrive(self.queue, message)
            report.redriven += 1

    async def _keep(self, text: str, reason: str) -> None:
        await self.aside.keep([SetAside(self.clock.now(), reason, text, len(text))])


async def redrive(queue: WorkQueue, message: LookMessage) -> None:
    """Put a message that crashed the code back on its queue, to wait longer each time.

    Raises:
        PortError: it may not be there.
    """
    delay = WAITS[min(message.redrives, len(WAITS) - 1)]
    again = replace(message, redrives=message.redrives + 1, put_backs=0)
    await queue.put(QueueName.LOOKS, [again.encode()], delay=delay)
