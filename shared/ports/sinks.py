"""Where alerts go, and what is remembered of what they were told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from shared.domain.finding import Transition
    from shared.domain.sink_state import Parked, Rate, SinkState


class Sink(Protocol):
    """Where alerts go."""

    @property
    def name(self) -> str:
        """Stable name; the outbox remembers by it what was told."""

    @property
    def batch(self) -> int:
        """How many alerts it takes at once."""

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Tell of these alerts, oldest first; return only when they are told.

        Raises:
            RefusedError: at least one of them will never be taken.
            PortError: they could not be told; they are sent again later.
        """


@runtime_checkable
class DigestSink(Sink, Protocol):
    """A sink that people read: in a storm it gets one digest for many alerts."""

    @property
    def rates(self) -> tuple[Rate, ...]:
        """How often it may be told anything."""

    async def send_digest(self, alerts: Sequence[Transition], window: timedelta) -> None:
        """Tell of all alerts of a window at once.

        Raises:
            RefusedError: at least one of them will never be taken.
            PortError: they could not be told; they are sent again later.
        """


class Outbox(Protocol):
    """What the sinks have been told of, and what of each is remembered."""

    async def undelivered(self, sink: str, limit: int) -> Sequence[Transition]:
        """Return alerting transitions that this sink has not been told of, oldest first."""

    async def delivered(self, sink: str, ids: Sequence[str]) -> None:
        """Remember that a sink has been told of these, and of what is older of their roots."""

    async def park(self, sink: str, alert: Transition, at: datetime, reason: str) -> None:
        """Keep an undelivered alert for people; for the sink it and what is older count as told."""

    async def parked(self, limit: int) -> Sequence[Parked]:
        """Return what is parked, of whichever sink, the last parked first."""

    async def redeliver(self, sink: str, ids: Sequence[str]) -> int:
        """Put alerts that are parked back to where they stood; return how many were."""

    async def sink_state(self, sink: str) -> SinkState:
        """Return what is remembered of a sink; version 0 for one never saved."""

    async def save_sink_state(self, sink: str, state: SinkState) -> SinkState:
        """Save it in place of the version that it was made of; return it with its new version.

        Raises:
            ConflictError: the stored version is not `state.version`.
        """
