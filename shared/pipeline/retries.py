"""When to look again at what could not be read, because trying again helps.

A look never sleeps: what it could read is judged at once, and the rest is handed back with a delay
that grows with the outage. After an hour the root is a blind spot, and only sweeps go on trying.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.domain.root_state import Unreadable
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.pipeline.blind_spots import LONGEST
from shared.pipeline.messages import LookMessage, Trigger

SHORTEST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=5)
"""Unless Azure says how long (Retry-After), which holds as long as a queue can hide a message."""
LONGEST_DELAY = timedelta(days=7)
PATIENCE = timedelta(hours=1)
"""So long after its beginning a sweep waits for a root; then it goes on without."""


def to_try_again(unreadable: Mapping[Source, Unreadable], now: datetime) -> tuple[Source, ...]:
    """Return the sources that are worth another try."""
    if not unreadable:
        return ()
    return tuple(
        source
        for source, state in sorted(unreadable.items())
        if state.passing and now - state.since < LONGEST
    )


def wait(
    unreadable: Mapping[Source, Unreadable], readings: Mapping[Source, SourceReading], now: datetime
) -> timedelta | None:
    """Return how long to wait before everything is worth another try; None: nothing is."""
    waits = [
        _wait(readings.get(each), now - unreadable[each].since)
        for each in to_try_again(unreadable, now)
    ]
    return max(waits, default=None)


def retry_due(
    message: LookMessage, due: datetime | None, delay: timedelta | None, now: datetime
) -> datetime | None:
    """Return when the root is tried again because of an event; `due`: when it was to be so far.

    One retry that is due serves every look until then, unless it is for something that has to wait
    longer. A look of a sweep leaves it to the sweep to try again, as long as that waits.
    """
    if delay is None:
        return None
    if due is not None and now < due <= now + delay and message.trigger is not Trigger.RETRY:
        return due
    return due if sweep_waits(message, delay, now) else now + delay


def sweep_waits(message: LookMessage, delay: timedelta, now: datetime) -> bool:
    """Whether a message is a sweep's that is patient enough to come again after this delay."""
    return message.trigger is Trigger.SWEEP and now + delay < message.accepted_at + PATIENCE


def still_to_read(
    message: LookMessage, unreadable: Mapping[Source, Unreadable], now: datetime
) -> bool:
    """Whether a sweep still waits for something of a root that others have looked at."""
    return bool(to_try_again(unreadable, now)) and sweep_waits(message, timedelta(0), now)


def _wait(reading: SourceReading | None, age: timedelta) -> timedelta:
    """Return how long to wait for one source that has been unreadable for so long."""
    problem = None if reading is None else reading.problem
    told = None if problem is None else problem.retry_after
    own = min(max(age, SHORTEST_WAIT), LONGEST_WAIT)
    return max(min(told or timedelta(0), LONGEST_DELAY), own)
