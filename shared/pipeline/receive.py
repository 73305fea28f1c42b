"""Take in what Azure tells.

Every input becomes a look, an ignored count, or something set aside with its reason.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from shared.domain.change import Origin, Outcome, ResourceChange
from shared.domain.resource_id import ResourceId
from shared.domain.topology import CHILD_TYPES, DEEP_SOURCES, ResourceType, Source
from shared.events.operations import root_of, source_named
from shared.events.outcome import Ignored, Malformed
from shared.events.translate import translate
from shared.pipeline.messages import ChangeNote, LookMessage, Trigger
from shared.pipeline.watch import Watch
from shared.ports import Clock, QueueName, ReceivedEvents, SetAside, SetAsideStore, WorkQueue

KEPT_TEXT = 10_000
"""Characters kept of an input that is set aside.

Enough to see what it was, too little to fill a disk.
"""

FROM_EVENTS = frozenset({Origin.SUBSCRIPTION_EVENT, Origin.RESOURCE_NOTIFICATION})
"""Changes of which an event told when it came; a dead letter is one that did not arrive."""


@dataclass(slots=True)
class Receipt:
    """What became of a batch of inputs: received = changes + ignored + malformed.

    `messages` are the looks that the changes ask for. `ignored` counts by reason. `malformed` pairs
    the position in the batch with the reason. `told` are the correlation ids of the events, by
    subscription.
    """

    received: int = 0
    messages: list[LookMessage] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    malformed: list[tuple[int, str]] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    told: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True, slots=True)
class Intake:
    """The use case with its ports; `received` remembers which operations events told of."""

    queue: WorkQueue
    aside: SetAsideStore
    clock: Clock
    watch: Watch
    received: ReceivedEvents | None = None

    async def receive(self, payloads: Iterable[object]) -> Receipt:
        """Sort inputs and set aside what is malformed; the caller queues the messages.

        Raises:
            PortError: what is malformed, or that events came, could not be stored; nothing was
            queued.
        """
        receipt = await self.sort(payloads)
        if receipt.set_aside:
            await self.aside.keep(receipt.set_aside)
        await self.remember(receipt)
        return receipt

    async def remember(self, receipt: Receipt) -> None:
        """Remember of which operations these events told.

        Raises:
            PortError: it may not be remembered.
        """
        if self.received is not None:
            for subscription, ids in receipt.told.items():
                await self.received.record(subscription, ids, self.clock.now())

    async def sort(self, payloads: Iterable[object]) -> Receipt:
        """Say what becomes of inputs; nothing is stored.

        A payload is one parsed event, or `Malformed` where not even parsing went well. Nothing
        about one payload stops the others.

        Raises:
            PortError: it is not known which subscriptions are watched.
        """
        receipt = Receipt()
        now = self.clock.now()
        for at, payload in enumerate(payloads):
            receipt.received += 1
            outcome = payload if isinstance(payload, Malformed) else translate(payload)
            if isinstance(outcome, ResourceChange):
                if await self.watch.watches(outcome.resource_id.subscription, now):
                    receipt.messages.append(_ask(outcome, now))
                    if outcome.correlation_id and outcome.origin in FROM_EVENTS:
                        told = receipt.told[outcome.resource_id.subscription]
                        told.add(outcome.correlation_id)
                    continue
                unwatched = outcome.resource_id.subscription
                outcome = Malformed(f"subscription {unwatched} is not watched")
            if isinstance(outcome, Ignored):
                receipt.ignored[outcome.reason] += 1
            else:
                receipt.malformed.append((at, outcome.reason))
                receipt.set_aside.append(_kept(payload, outcome.reason, now))
        return receipt

    async def accept(self, payloads: Iterable[object]) -> Receipt:
        """Receive and queue in one step.

        Raises:
            PortError: storing or queueing failed; the inputs must come again.
        """
        receipt = await self.receive(payloads)
        if receipt.messages:
            await self.queue.put(
                QueueName.LOOKS, [message.encode() for message in receipt.messages]
            )
        return receipt


def _ask(change: ResourceChange, now: datetime) -> LookMessage:
    """Ask for a look at the root of a change."""
    note = ChangeNote(
        resource_id=change.resource_id.text,
        deletes=change.proves_deletion,
        occurred_at=change.occurred_at,
        actor=str(change.actor) if change.actor is not None else None,
        correlation_id=change.correlation_id,
        failed=change.outcome in {Outcome.FAILED, Outcome.CANCELED},
    )
    root = root_of(change)
    return LookMessage(root.text, now, Trigger.CHANGE, note, _to_read(root, change))


def _to_read(root: ResourceId, change: ResourceChange) -> tuple[Source, ...]:
    """Return the deep sources that a change makes stale.

    The one it names; with what is deleted those of all that was below it.
    """
    deep = DEEP_SOURCES.get(root.type.lower(), ())
    if change.proves_deletion and change.resource_id == root:
        return deep
    named = {source_named(change)}
    if change.proves_deletion:
        # Another of the same name may follow, which has none of it.
        kind = change.resource_id.type.lower()
        named |= {source for each, source in CHILD_TYPES.items() if each.startswith(f"{kind}/")}
        if kind == ResourceType.ONLINE_ENDPOINT.lower():
            named.add(Source.DIAGNOSTIC_SETTINGS)
    return tuple(source for source in deep if source in named)


def _kept(payload: object, reason: str, now: datetime) -> SetAside:
    """Return what is kept of an input that could not be used."""
    if isinstance(payload, Malformed):
        text = payload.excerpt
    else:
        try:
            text = orjson.dumps(payload).decode()
        except TypeError:
            text = _described(payload)
    return SetAside(now, reason, text[:KEPT_TEXT], len(text))


def _described(payload: object) -> str:
    """Show what is no JSON, or deeper than the encoder goes."""
    try:
        return repr(payload)
    except RecursionError:
        return f"{type(payload).__name__}, nested too deeply to be shown"
