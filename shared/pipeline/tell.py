"""One turn of telling one sink, by whoever holds its lease.

What is refused is sent in halves until the bad alert is found; that is parked with its reason, and
the others go on. When several different ones are refused in a row and nothing is taken, the sink is
to blame and not they: they are put back, and it is left alone for a while as if it were down.

A post may take almost as long as the lease. So between two posts the lease is prolonged, whatever
became of the first: nobody else tells the sink meanwhile.
"""

import asyncio
import contextlib
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.finding import Transition
from shared.pipeline.pokes import Pokes
from shared.pipeline.standing import MOST_REFUSED, Standing
from shared.pipeline.storm import LARGEST_DIGEST, collecting_until, digests_of, posts_of
from shared.pipeline.told import Told
from shared.ports import BusyError, ConflictError, DigestSink, PortError, RefusedError, Sink

log = logging.getLogger(__name__)

LONGEST_SEND = timedelta(seconds=25)
"""So long a sink may take for what it is sent at once; its lease is longer."""
BRIEF = timedelta(seconds=2)
"""A wait for the rates that a turn sleeps through; for a longer one it ends."""
LONGEST_REASON = 400
"""Characters."""
TAKEN = "another process is telling it"
NO_TIME = "there was no time for more"


class _StopError(Exception):
    """The turn ends, to go on at a time."""

    def __init__(self, at: datetime, why: str, *, failed: bool = False) -> None:
        super().__init__(why)
        self.at = at
        self.why = why
        self.failed = failed


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn and what it needs; `hold` prolongs the lease, False when another has it.

    It begins nothing after `until`. `pokes` are for what is due later.
    """

    sink: Sink
    standing: Standing
    until: datetime
    hold: Callable[[], Awaitable[bool]]
    pokes: Pokes | None = None

    async def run(self) -> Told:
        """Tell the sink as much as it takes now.

        Raises:
            PortError: the outbox or the queue failed; what was not remembered is told again.
        """
        result = Told(self.sink.name, parked=self.standing.parked)
        try:
            await self.standing.load()
            while await self._tell_some(result):
                pass
        except _StopError as stop:
            result.next_at, result.why, result.failed = stop.at, stop.why, stop.failed
            with contextlib.suppress(ConflictError):
                # Whoever was quicker has asked.
                await self._ask_again(stop.at)
        except ConflictError:
            result.next_at, result.why = self._now() + BRIEF, TAKEN
        return result

    async def _tell_some(self, result: Told) -> bool:
        """Tell the oldest of what waits; False when that was all."""
        now, state = self._now(), self.standing.state
        waits = state.waits_until(now)
        if waits is not None and self.standing.rules.backs_off:
            raise _StopError(waits, state.last_error or "it failed")
        if now >= self.until:
            raise _StopError(now, NO_TIME)
        size = self._size()
        alerts = await self.standing.outbox.undelivered(self.sink.name, size)
        rules, name = self.standing.rules, self.sink.name
        ours = [each for each in alerts if rules.concern(name, each)]
        if ours and self.standing.refuses_everything:
            await self._probe(ours, result)
            return True
        before = result.told + len(result.parked)
        for part in self._posts(ours):
            self._stop_in_time(result)
            await self._tell(part, result)
        if result.told + len(result.parked) - before < len(ours):
            return True
        if len(ours) < len(alerts):
            await self.standing.outbox.delivered(self.sink.name, _ids(alerts))
        return len(alerts) == size

    def _size(self) -> int:
        """Return how many to send at once: fewer after failures, which may have been too many."""
        if isinstance(self.sink, DigestSink):
            return LARGEST_DIGEST
        return max(1, self.sink.batch >> min(self.standing.state.failures, 30))

    def _posts(self, alerts: Sequence[Transition]) -> Sequence[Sequence[Transition]]:
        """Return what to tell now, a part a post."""
        if not alerts or not isinstance(self.sink, DigestSink):
            return [alerts] if alerts else []
        if self.standing.rules.flush:
            return list(digests_of(alerts))
        now, window = self._now(), self.standing.rules.window
        ends = collecting_until(alerts, self.standing.state, now, window)
        if ends is not None:
            raise _StopError(ends, "they are collected for a digest")
        return posts_of(alerts, self.standing.state, now, window)

    async def _tell(self, alerts: Sequence[Transition], result: Told) -> None:
        """Tell of alerts; what is refused is told in halves, or parked."""
        reason = await self._post(alerts)
        if reason is None:
            await self._taken(alerts, result)
        elif len(alerts) > 1:
            half = len(alerts) // 2
            await self._hold()
            await self._tell(alerts[:half], result)
            self._stop_in_time(result)
            await self._tell(alerts[half:], result)
        elif await self.standing.refused(alerts[0], reason):
            await self._hold()
        else:
            await self._failed(MOST_REFUSED, f"it refuses everything: {reason}")

    async def _probe(self, alerts: Sequence[Transition], result: Told) -> None:
        """Find out whether a sink that has refused everything takes any of a few alerts."""
        refused: list[tuple[Transition, str]] = []
        for alert in alerts[:MOST_REFUSED]:
            if refused:
                await self._hold()
            reason = await self._post([alert])
            if reason is None:
                # It works again, so these it really does not take.
                for each, why in refused:
                    await self.standing.park(each, why)
                await self._taken([alert], result)
                return
            refused.append((alert, reason))
        await self._failed(len(refused), f"it refuses everything: {refused[-1][1]}")

    async def _post(self, alerts: Sequence[Transition]) -> str | None:
        """Send alerts; return why they were refused, or None."""
        await self._make_room()
        seconds = LONGEST_SEND.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                if len(alerts) > 1 and isinstance(self.sink, DigestSink):
                    await self.sink.send_digest(alerts, self.standing.rules.window)
                else:
                    await self.sink.send(alerts)
        except RefusedError as error:
            return _brief(error)
        except TimeoutError:
            await self._failed(len(alerts), f"it took longer than {seconds:g} s")
        except PortError as error:
            wait = error.retry_after if isinstance(error, BusyError) else None
            await self._failed(len(alerts), _brief(error), wait)
        except OSError as error:
            # A full disk, say: the alerts are not to blame. Its text may show an address.
            await self._failed(len(alerts), error.strerror or type(error).__name__)
        except Exception as error:  # noqa: BLE001 - it is logged, all but its text
            # What crashes on one alert must not hold up the others. Where it crashed is logged, and
            # not its text, which may show an address.
            where = "".join(traceback.format_tb(error.__traceback__))
            kind = type(error).__name__
            log.error(  # noqa: TRY400 - see above
                "%s crashed on %d alerts: %s\n%s", self.sink.name, len(alerts), kind, where
            )
            return f"it crashed ({type(error).__name__}); the log has the traceback"
        return None

    async def _make_room(self) -> None:
        """Wait until the rates have room for a post, and count it."""
        if not isinstance(self.sink, DigestSink):
            return
        rates = self.sink.rates
        while (room := self.standing.state.room_at(now := self._now(), rates)) > now:
            if room - now > BRIEF or room >= self.until:
                raise _StopError(room, "it was told as often as it may be")
            await self.standing.clock.sleep(room - now)
        await self.standing.posting(now, rates)

    async def _taken(self, alerts: Sequence[Transition], result: Told) -> None:
        """Remember what was told."""
        await self.standing.taken(_ids(alerts))
        result.told += len(alerts)
        await self._hold()

    async def _failed(self, number: int, why: str, wait: timedelta | None = None) -> None:
        """Leave the sink alone for a while.

        Raises:
            _StopError: always.
        """
        log.warning("%s was not told of %d alerts: %s", self.sink.name, number, why)
        raise _StopError(await self.standing.failed(why, wait), why, failed=True)

    def _stop_in_time(self, result: Told) -> None:
        """Leave the rest of what was to be told for the next turn.

        Not before this one has got something done: each turn begins with all of it again.

        Raises:
            _StopError: the time is over.
        """
        now = self._now()
        if now >= self.until and (result.told or result.parked):
            raise _StopError(now, NO_TIME)

    async def _hold(self) -> None:
        """Keep the lease.

        Raises:
            _StopError: another has it.
        """
        if not await self.hold():
            raise _StopError(self._now() + BRIEF, TAKEN)

    async def _ask_again(self, at: datetime) -> None:
        """Ask for a delivery at a time, unless one is on its way that comes until then."""
        now, asked = self._now(), self.standing.state.poked_for
        if self.pokes is None or (asked is not None and now < asked <= at):
            return
        await self.pokes.later(at - now)
        await self.standing.poked(at)

    def _now(self) -> datetime:
        return self.standing.clock.now()


def _ids(alerts: Sequence[Transition]) -> list[str]:
    return [each.id for each in alerts]


def _brief(error: Exception) -> str:
    """Return the message of an error on one line; those of sinks show no secrets."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}…"
