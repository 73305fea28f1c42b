"""Send the canary, record it where a look would record a change, and see it arrive.

Nothing here tries again: what becomes of it is what would become of a real change. One that is lost
is missed, and the next is another one.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, TypeAdapter, ValidationError

from shared.domain.canary import CANARY, EVERY, TOLD_TO, Arrival
from shared.domain.finding import Attribution, Transition, TransitionKind
from shared.domain.root_state import Commit, RootState
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Severity
from shared.pipeline.messages import LookMessage, Trigger
from shared.pipeline.reconcile import transition_id
from shared.ports import Bookmarks, Clock, PortError, QueueName, Sink, WorkQueue

log = logging.getLogger(__name__)

SENT: Final = "canary_sent"
"""Bookmark: when the last one set out."""
ARRIVED: Final = "canary_arrived"
"""Bookmark: the last one that arrived."""
SLACK: Final = timedelta(minutes=2)
"""The timer that sends it comes every five minutes, a little early or late."""

_TIME: Final = TypeAdapter(AwareDatetime)
_ARRIVAL: Final = TypeAdapter(Arrival)


@dataclass(frozen=True, slots=True)
class CanaryFlights:
    """The use case of sending, with its ports."""

    queue: WorkQueue
    bookmarks: Bookmarks
    clock: Clock

    async def send(self) -> int:
        """Put one on the queue of looks where that is due; return how many.

        Raises:
            PortError: the queue or the bookmark failed; nothing or one was sent.
        """
        now = self.clock.now()
        last = await last_sent(self.bookmarks)
        if last is not None and timedelta() <= now - last < EVERY - SLACK:
            return 0
        message = LookMessage(CANARY.text, now, Trigger.CANARY)
        await self.queue.put(QueueName.LOOKS, [message.encode()])
        await self.bookmarks.save(SENT, _TIME.dump_json(now).decode())
        return 1


async def last_sent(bookmarks: Bookmarks) -> datetime | None:
    """Return when the last canary was sent; None: none ever was.

    Raises:
        PortError: the bookmark could not be read.
    """
    text = await bookmarks.load(SENT)
    try:
        return None if text is None else _TIME.validate_json(text)
    except ValidationError:
        log.exception("the bookmark %s cannot be read; a canary is sent", SENT)
        return None


def canary_commit(state: RootState, sent_at: datetime, now: datetime) -> Commit | None:
    """Return what records a canary; None: it, or one that was sent later, is recorded already."""
    last = state.read_at.get(Source.ACCOUNT)
    if last is not None and sent_at <= last:
        return None
    sequence = state.sequence + 1
    seconds = max((now - sent_at).total_seconds(), 0.0)
    told = Transition(
        id=transition_id(CANARY.key, sequence),
        root=CANARY.key,
        sequence=sequence,
        kind=TransitionKind.CANARY,
        reason=None,
        control=None,
        resource_id=CANARY.text,
        resource_type=ResourceType.ACCOUNT,
        severity=Severity.INFO,
        at=now,
        message=f"Canary: recorded {seconds:.1f} s after it was sent.",
        evidence=(),
        remediation="",
        tables={},
        alerts=True,
        attribution=Attribution(None, sent_at, None, exact=True),
        only_to=TOLD_TO,
    )
    after = RootState(state.version, sequence, read_at={Source.ACCOUNT: sent_at})
    return Commit(CANARY.key, after, transitions=(told,))


@dataclass(frozen=True, slots=True)
class CanarySeen:
    """A sink, with a memory of the last canary that it took."""

    sink: Sink
    bookmarks: Bookmarks
    clock: Clock

    @property
    def name(self) -> str:
        """As that of the sink."""
        return self.sink.name

    @property
    def batch(self) -> int:
        """As that of the sink."""
        return self.sink.batch

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Tell the sink, and remember the last canary among what it was told.

        Raises:
            RefusedError: as the sink.
            PortError: as the sink.
        """
        await self.sink.send(alerts)
        canaries = [
            Arrival(by.occurred_at, each.at, self.clock.now())
            for each in alerts
            if each.kind is TransitionKind.CANARY and (by := each.attribution) is not None
        ]
        if not canaries:
            return
        last = max(canaries, key=lambda each: each.sent_at)
        try:
            await self.bookmarks.save(ARRIVED, _ARRIVAL.dump_json(last).decode())
        except PortError as error:
            # The alerts are told. That a canary seems lost is the better of two mistakes.
            log.warning("that a canary arrived is not remembered: %s", error)


async def last_arrival(bookmarks: Bookmarks) -> Arrival | None:
    """Return the last canary that arrived; None: none ever did.

    Raises:
        PortError: the bookmark could not be read.
    """
    text = await bookmarks.load(ARRIVED)
    try:
        return None if text is None else _ARRIVAL.validate_json(text)
    except ValidationError:
        log.exception("the bookmark %s cannot be read", ARRIVED)
        return None
