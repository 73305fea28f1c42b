"""Work off the queues: take, look, done; what fails is put back, or in the end set aside."""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from shared.pipeline.look import LookReport, LookStatus
from shared.pipeline.messages import LookMessage, MalformedMessageError, decode
from shared.ports import (
    WORK,
    Clock,
    PortError,
    QueueName,
    SetAside,
    SetAsideStore,
    Taken,
    WorkQueue,
)

log = logging.getLogger(__name__)

MOST_DELIVERIES = 5
"""After so many a message that crashes the code is set aside, as the Functions host does.

Those that an outage has ended are not counted: the message is good.
"""
FIRST_RETRY = timedelta(seconds=2)
LONGEST_WAIT = timedelta(seconds=45)
"""A queue whose next message is due later than this has no work for now.

Longer than a message is in a dead worker's hands, shorter than a second look is put off.
"""
POLL = timedelta(milliseconds=200)
"""How long looks under way are waited for before the queues are asked again."""


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


OnLook = Callable[[LookReport], None]
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
    crashes: Counter[str] = field(default_factory=Counter)
    """How often a message (its text) has crashed the code here, until it does not."""

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
        self, report: WorkReport, *, on_look: OnLook | None = None, concurrency: int = 1
    ) -> None:
        """Work until neither queue has anything due; looks asked for by events go before sweeps.

        Up to `concurrency` looks are under way at once, in one event loop, which calls `on_look`
        too. Messages in other hands are waited for, because their worker may have died; second
        looks are not.

        Raises:
            PortError: a queue failed; what is under way is cancelled, and its messages come again.
        """
        if concurrency > 1:
            await self._drain_together(report, on_look, concurrency)
            return
        while True:
            taken = await self._take()
            if taken is not None:
                await self._work_off(*taken, report, on_look)
            elif not await self._wait():
                return

    async def _drain_together(
        self, report: WorkReport, on_look: OnLook | None, concurrency: int
    ) -> None:
        """Drain with several looks under way at once: whichever ends makes room for the next."""
        under_way: set[asyncio.Task[None]] = set()
        ended = asyncio.Event()

        def end(task: asyncio.Task[None]) -> None:
            under_way.discard(task)
            ended.set()

        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    taken = await self._take() if len(under_way) < concurrency else None
                    if taken is not None:
                        task = group.create_task(self._work_off(*taken, report, on_look))
                        under_way.add(task)
                        task.add_done_callback(end)
                    elif under_way:
                        # What is under way can ask for more; so can others, who tell nobody.
                        ended.clear()
                        with contextlib.suppress(TimeoutError):
                            async with asyncio.timeout(POLL.total_seconds()):
                                await ended.wait()
                    elif not await self._wait():
                        return
        except BaseExceptionGroup as errors:
            # As when one look is under way: the first failure is the caller's.
            raise errors.exceptions[0] from None

    async def _take(self) -> tuple[QueueName, Taken] | None:
        """Take the next message, one of events if there is any."""
        for name in WORK:
            taken = await self.queue.take(name)
            if taken is not None:
                return name, taken
        return None

    async def _wait(self) -> bool:
        """Wait for the next message that is due soon; False when there is none."""
        due = [at for name in WORK if (at := await self.queue.next_due(name)) is not None]
        wait = min(due) - self.clock.now() if due else None
        if wait is None or wait >= LONGEST_WAIT:
            return False
        await self.clock.sleep(max(wait, timedelta(milliseconds=5)))
        return True

    async def _work_off(
        self, name: QueueName, taken: Taken, report: WorkReport, on_look: OnLook | None
    ) -> None:
        """Handle a message that was taken; whatever it does, the next one gets its turn."""
        try:
            looked = await self.handle(name, taken.text)
        except PortError as error:
            log.warning("put back: %s", error)
            delay = FIRST_RETRY * 2 ** min(taken.deliveries - 1, 5)
            await self.queue.put_back(name, taken, delay=delay)
            return
        except Exception as error:
            log.exception("a look crashed")
            self.crashes[taken.text] += 1
            if self.crashes[taken.text] < MOST_DELIVERIES:
                await self.queue.put_back(name, taken, delay=FIRST_RETRY)
                return
            crashes = self.crashes[taken.text]
            await self._keep(taken.text, f"crashed {crashes} times, last: {error!r}")
            if name is QueueName.SWEEPS and self.give_up is not None:
                await self.give_up(decode(taken.text))
            looked = None
        if looked is None:
            report.set_aside += 1
        else:
            report.add(looked)
        self.crashes.pop(taken.text, None)
        await self.queue.done(name, taken)
        if looked is not None and on_look is not None:
            on_look(looked)

    async def _keep(self, text: str, reason: str) -> None:
        """Set a message aside."""
        await self.aside.keep([SetAside(self.clock.now(), reason, text, len(text))])
