"""How a sink stands while it is told: its state and what is parked, saved as they change."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import takewhile

from shared.domain.finding import Transition, TransitionKind
from shared.domain.sink_state import Rate, SinkState, is_ahead
from shared.pipeline.backoff import backoff
from shared.pipeline.told import Rules
from shared.ports import Clock, Outbox

log = logging.getLogger(__name__)

MOST_REFUSED = 5
"""So many different alerts refused in a row, with none taken, are the sink's own trouble."""
PARKED_AT_ONCE = 100
GIVEN_UP_AT_ONCE = 500
"""Alerts that a failed attempt gives up at most: the next one goes on before the lease is over."""


@dataclass(slots=True)
class Standing:
    """The state of the sink `name`; `parked` are the ids that were parked since it was loaded.

    Every method raises `ConflictError` when another process tells the sink by now, and `PortError`
    when the outbox fails.
    """

    name: str
    outbox: Outbox
    clock: Clock
    rules: Rules
    chance: random.Random = field(default_factory=random.Random)
    state: SinkState = field(default_factory=SinkState)
    parked: set[str] = field(default_factory=set)
    _window_before: datetime | None = None

    async def load(self) -> None:
        """Read what is remembered."""
        self.state = await self.outbox.sink_state(self.name)

    @property
    def refuses_everything(self) -> bool:
        """Whether it has refused so much that the alerts are not to blame."""
        return len(self.state.refused) >= MOST_REFUSED

    async def posting(self, now: datetime, rates: tuple[Rate, ...]) -> None:
        """Count a post before it is made: it may be the last thing that is done."""
        self._window_before = self.state.window_began_at
        await self._save(self.state.with_post(now, rates))

    async def taken(self, ids: Sequence[str]) -> None:
        """Remember what it was told."""
        await self.outbox.delivered(self.name, ids)
        if self.state.failures:
            log.info("%s takes alerts again", self.name)
        if self.state.failures or self.state.refused:
            await self._save(self.state.recovered())

    async def refused(self, alert: Transition, reason: str) -> bool:
        """Park an alert that it refused; False: it refuses everything, and all are put back."""
        refused = tuple(dict.fromkeys((*self.state.refused, alert.id)))
        if len(refused) >= MOST_REFUSED:
            await self.outbox.redeliver(self.name, refused)
            self.parked.difference_update(refused)
            self.state = replace(self.state, refused=refused)
            return False
        # First, so that after a crash in between it is known that it was.
        await self._save(replace(self.state, refused=refused))
        await self.park(alert, reason)
        return True

    async def failed(self, why: str, wait: timedelta | None) -> datetime:
        """Leave it alone for a while, and park what it has not taken for too long.

        `wait` is what it asked for. Return when it is tried again.
        """
        now, before = self.clock.now(), self.state
        since = before.failing_since
        failures = before.failures + 1
        due = now + backoff(failures, wait, self.chance)
        await self._save(
            replace(
                before,
                failures=failures,
                failing_since=now if since is None or is_ahead(since, now) else since,
                failed_at=now,
                next_attempt_at=due,
                last_error=why,
                window_began_at=self._window_before,
            )
        )
        await self._give_up(now, why)
        return due

    async def park(self, alert: Transition, reason: str) -> None:
        """Keep an alert for people, and go past it."""
        await self.outbox.park(self.name, alert, self.clock.now(), reason)
        self.parked.add(alert.id)
        log.warning("%s is parked for %s: %s", alert.id, self.name, reason)

    async def poked(self, at: datetime) -> None:
        """Remember that a poke is on its way that comes at this time."""
        await self._save(replace(self.state, poked_for=at))

    async def _give_up(self, now: datetime, why: str) -> None:
        """Park what it has not taken for so long that nobody waits for it any more."""
        longest, since = self.rules.give_up_after, self.state.failing_since
        if since is None or now - since < longest:
            return
        reason = f"not taken for {longest.total_seconds() / 86_400:g} days; the last time: {why}"
        for _ in range(GIVEN_UP_AT_ONCE // PARKED_AT_ONCE):
            alerts = await self.outbox.undelivered(self.name, PARKED_AT_ONCE)
            old = list(takewhile(lambda each: now - each.at >= longest, alerts))
            for each in old:
                if self._is_missed(each):
                    await self.park(each, reason)
                else:
                    await self.outbox.delivered(self.name, [each.id])
            if not alerts or len(old) < len(alerts):
                return

    def _is_missed(self, alert: Transition) -> bool:
        """Whether anybody misses an old alert: not one of others, nor the canary of another day."""
        is_canary = alert.kind is TransitionKind.CANARY
        return not is_canary and self.rules.concern(self.name, alert)

    async def _save(self, state: SinkState) -> None:
        self.state = await self.outbox.save_sink_state(self.name, state)
