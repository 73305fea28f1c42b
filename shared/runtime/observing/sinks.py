"""The sinks, watched: what they took and what not, and how long after the change that was."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from shared.domain.finding import Transition
from shared.domain.sink_state import Rate
from shared.ports import Clock, DigestSink, Measure, Observer, RefusedError, Sink
from shared.telemetry import log_told


@dataclass(frozen=True, slots=True)
class ObservedSink:
    """A sink; what it was told of is logged by id, so that an alert can be followed to the end."""

    inner: Sink
    observer: Observer
    clock: Clock

    @property
    def name(self) -> str:
        """As that of the sink."""
        return self.inner.name

    @property
    def batch(self) -> int:
        """As that of the sink."""
        return self.inner.batch

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Tell the sink.

        Raises:
            RefusedError: as the sink.
            PortError: as the sink.
        """
        with self._watched(alerts, digest=False):
            await self.inner.send(alerts)

    @contextmanager
    def _watched(self, alerts: Sequence[Transition], *, digest: bool) -> Iterator[None]:
        """Tell the observer how it ends."""
        outcome = "failed"
        try:
            with self.observer.span("send", sink=self.name, alerts=len(alerts), digest=digest):
                yield
            outcome = "told"
        except RefusedError:
            outcome = "refused"
            raise
        finally:
            self.observer.count(
                Measure.DELIVERIES, len(alerts), sink=self.name, outcome=outcome, digest=digest
            )
        log_told(self.name, alerts)
        now = self.clock.now()
        for each in alerts:
            if each.detected_after is not None and each.attribution is not None:
                seconds = (now - each.attribution.occurred_at).total_seconds()
                told_of = {"sink": self.name, "kind": each.kind.value}
                self.observer.record(Measure.ALERT_LATENCY, max(seconds, 0.0), **told_of)


@dataclass(frozen=True, slots=True)
class ObservedDigestSink(ObservedSink):
    """A sink that people read."""

    digests: DigestSink

    @property
    def rates(self) -> tuple[Rate, ...]:
        """As those of the sink."""
        return self.digests.rates

    async def send_digest(self, alerts: Sequence[Transition], window: timedelta) -> None:
        """Tell the sink of all alerts of a window at once.

        Raises:
            RefusedError: as the sink.
            PortError: as the sink.
        """
        with self._watched(alerts, digest=True):
            await self.digests.send_digest(alerts, window)


def observed_sink(inner: Sink, observer: Observer, clock: Clock) -> Sink:
    """Return the sink, watched."""
    if isinstance(inner, DigestSink):
        return ObservedDigestSink(inner, observer, clock, inner)
    return ObservedSink(inner, observer, clock)
