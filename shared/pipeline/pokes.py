"""Pokes: tiny messages on the queue `alerts` that say that a sink has something to be told of.

State first, then telling: a poke follows the commit, and one that is lost is made up for by the
redrive. What to tell stands in the outbox, so any poke serves every alert before it.
"""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from shared.ports import Clock, PortError, QueueName, WorkQueue

log = logging.getLogger(__name__)

POKE = '{"deliver": true}'
EVERY = timedelta(seconds=1)
"""However many commits there are, a process pokes no more often."""
LONGEST_DELAY = timedelta(hours=1)
"""What is due later is poked for by the redrive, or by this one once more."""


@dataclass(slots=True)
class Pokes:
    """Pokes those who deliver."""

    queue: WorkQueue
    clock: Clock
    _poked_at: datetime = field(default=datetime.min.replace(tzinfo=UTC))
    _next_at: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    async def poke(self) -> None:
        """Ask for a delivery soon; a failure is logged, for the redrive asks again."""
        now = self.clock.now()
        if now < self._next_at <= now + EVERY:
            # One is on its way that comes after this commit. (Later than that none is on its way:
            # the clock was set back.)
            return
        delay = EVERY if now - self._poked_at < EVERY else timedelta(0)
        try:
            await self.later(delay)
        except PortError as error:
            log.warning("nobody was told that there are alerts: %s", error)
            return
        self._poked_at, self._next_at = now, now + delay

    async def later(self, delay: timedelta) -> None:
        """Ask for a delivery after a time.

        Raises:
            PortError: nobody may have been asked.
        """
        wait = min(max(delay, timedelta(0)), LONGEST_DELAY)
        await self.queue.put(QueueName.ALERTS, [POKE], delay=wait)
