"""ARM's quota of reads, kept on our side: waiting here costs less than being refused there.

ARM counts reads per subscription (or tenant) and principal in a token bucket of 250 that refills
with 25/s: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.adapters.azure.arm.bucket import NEVER, Bucket
from shared.ports import Clock, Pace

BURST = 250
"""Reads that ARM allows at once."""
PER_SECOND = 25
"""Reads that ARM allows in the long run."""
PATIENCE = {Pace.EVENT: timedelta(seconds=2), Pace.SWEEP: timedelta(seconds=60)}
"""How long a read waits by default before its work is handed back."""
MOST_LINES = 2_000
"""Subscriptions whose quota is kept; a kilobyte each. The one not read for longest is forgotten."""
_RESERVE = 0.1
_FIRST_SILENT = timedelta(seconds=3)
_LONGEST_SILENT = timedelta(minutes=1)


class QuotaExhaustedError(Exception):
    """The wait for a read would be too long: `wait`. `throttled_until` is set if ARM said so."""

    def __init__(self, wait: timedelta, throttled_until: datetime | None) -> None:
        super().__init__(f"the next read is free in {wait.total_seconds():.1f} s")
        self.wait = wait
        self.throttled_until = throttled_until


_Waiting = OrderedDict["asyncio.Future[None]", datetime]


@dataclass(slots=True)
class _Line:
    """Those who wait for one bucket, each with the time at which its patience ends."""

    bucket: Bucket
    reserve: float
    events: _Waiting = field(default_factory=OrderedDict)
    sweeps: _Waiting = field(default_factory=OrderedDict)
    silent_throttles: int = 0
    server: asyncio.Task[None] | None = None

    def pass_by(self, now: datetime, pace: Pace) -> bool:
        """Take a token at once, if nobody is to be overtaken by it."""
        self.bucket.refill(now)
        if self.events or (pace is Pace.SWEEP and self.sweeps):
            return False
        return self.bucket.take(now, self.reserve if pace is Pace.SWEEP else 0)

    def wait(self, now: datetime, pace: Pace, ahead: int) -> timedelta:
        """Return how long somebody waits before whom `ahead` others of its pace wait."""
        if pace is Pace.SWEEP:
            return self.bucket.wait(now, 1 + len(self.events) + ahead + self.reserve)
        return self.bucket.wait(now, 1 + ahead)

    def serve(self, now: datetime) -> None:
        """Hand out the tokens there are, to events first."""
        self.bucket.refill(now)
        for waiting, reserve in ((self.events, 0.0), (self.sweeps, self.reserve)):
            while waiting and self.bucket.take(now, reserve):
                who, _ = waiting.popitem(last=False)
                if who.done():
                    self.bucket.give_back()
                else:
                    who.set_result(None)
            if waiting:
                return

    def send_away(self, now: datetime) -> None:
        """Refuse those at the front who would wait beyond their patience."""
        for waiting, pace in ((self.events, Pace.EVENT), (self.sweeps, Pace.SWEEP)):
            while waiting:
                who, until = next(iter(waiting.items()))
                wait = self.wait(now, pace, 0)
                if now + wait <= until:
                    break
                del waiting[who]
                if not who.done():
                    who.set_exception(self.refusal(now, wait))

    def refusal(self, now: datetime, wait: timedelta) -> QuotaExhaustedError:
        """Say how long it would have been."""
        closed = self.bucket.closed_until
        return QuotaExhaustedError(wait, closed if closed > now else None)


class Quota:
    """Reads that this instance may do, per subscription or tenant (`key`).

    `instances` is among how many of us ARM's quota is shared. Events come before sweeps: a sweep
    leaves a tenth of the bucket to them, and waits as long as an event does. `told` is called when
    ARM refuses a read.
    """

    def __init__(  # noqa: PLR0913 - all but the clock have a usual value
        self,
        clock: Clock,
        *,
        instances: int = 1,
        patience: Mapping[Pace, timedelta] = PATIENCE,
        burst: float = BURST,
        per_second: float = PER_SECOND,
        told: Callable[[], None] | None = None,
    ) -> None:
        self._clock = clock
        self._instances = instances
        self._patience = patience
        # Two at least: one for the reserve, so that a sweep can move at all.
        self._burst = burst
        self._capacity = max(burst / instances, 2.0)
        self._per_second = per_second / instances
        self._lines: OrderedDict[str, _Line] = OrderedDict()
        self._told = told

    def take_now(self, key: str, pace: Pace) -> bool:
        """Take a read if there is one now and nobody is overtaken by it; return whether it was."""
        now = self._clock.now()
        return self._line(key, now).pass_by(now, pace)

    async def acquire(self, key: str, pace: Pace, *, waited: timedelta = timedelta(0)) -> None:
        """Wait for a read; `waited` is what this call waited before, and counts as patience spent.

        Raises:
            QuotaExhaustedError: that would take too long.
        """
        now = self._clock.now()
        line = self._line(key, now)
        if line.pass_by(now, pace):
            return
        waiting = line.sweeps if pace is Pace.SWEEP else line.events
        until = now + max(self._patience[pace] - waited, timedelta(0))
        wait = line.wait(now, pace, len(waiting))
        if now + wait > until:
            raise line.refusal(now, wait)
        who: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting[who] = until
        if line.server is None or line.server.done():
            line.server = asyncio.create_task(self._serve(line))
        try:
            await who
        except asyncio.CancelledError:
            waiting.pop(who, None)
            if who.done() and not who.cancelled() and who.exception() is None:
                line.bucket.give_back()
            raise

    def throttled(self, key: str, until: datetime | None) -> None:
        """Learn that ARM refused a read for now (429), until a time if it said so.

        Where it did not, a few seconds, and each time longer.
        """
        if self._told is not None:
            self._told()
        now = self._clock.now()
        line = self._line(key, now)
        if until is None or until <= now:
            if line.bucket.closed_until > now:
                return  # one of many that were under way when the first was refused
            wait = min(_FIRST_SILENT * 2 ** min(line.silent_throttles, 10), _LONGEST_SILENT)
            line.silent_throttles += 1
            until = now + wait
        line.bucket.refill(now)
        line.bucket.close(until)

    def answered(self, key: str, remaining: int | None) -> None:
        """Learn that ARM answered, and how many reads it says are left to all instances.

        Answers overtake each other, so one never raises what we think is left; unless ARM says that
        there is more than a bucket holds: then it counts by another, larger limit.
        """
        now = self._clock.now()
        line = self._line(key, now)
        line.silent_throttles = 0
        if remaining is None:
            return
        line.bucket.refill(now)
        if remaining / self._instances > self._burst:
            line.bucket.fill()
            line.serve(now)
        else:
            line.bucket.lower(remaining / self._instances)

    def _line(self, key: str, now: datetime) -> _Line:
        """Return the line of a key; a new bucket is full."""
        line = self._lines.get(key)
        if line is None:
            self._make_room()
            full = Bucket(self._capacity, self._per_second, self._capacity, now, NEVER)
            line = self._lines[key] = _Line(full, self._capacity * _RESERVE)
        self._lines.move_to_end(key)
        return line

    def _make_room(self) -> None:
        """Forget the line not used for longest, if there are enough; nobody waits in it.

        Its bucket has long filled up again; a throttle that is forgotten costs one more refusal.
        """
        if len(self._lines) >= MOST_LINES:
            idle = (key for key, line in self._lines.items() if not (line.events or line.sweeps))
            key = next(idle, None)
            if key is not None:
                del self._lines[key]

    async def _serve(self, line: _Line) -> None:
        """Hand out tokens as they come in, until nobody waits: one task wakes, not all."""
        try:
            while True:
                now = self._clock.now()
                line.serve(now)
                line.send_away(now)
                if not line.events and not line.sweeps:
                    return
                await self._clock.sleep(line.bucket.next_token(now))
        finally:
            # Only if it was ended from outside, with the loop: nobody may wait for ever.
            for who in [*line.events, *line.sweeps]:
                who.cancel()
