"""The observer that tells OpenTelemetry."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry.context import Context
from opentelemetry.metrics import Counter, Histogram, Meter
from opentelemetry.trace import INVALID_SPAN, Status, StatusCode, Tracer, get_current_span
from opentelemetry.trace import Span as OpenTelemetrySpan
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.ports import Attribute, Measure, Span

SECONDS = frozenset({Measure.QUEUE_AGE, Measure.ALERT_LATENCY})
"""Measured in seconds; all else is counted."""

_PROPAGATOR = TraceContextTextMapPropagator()


class _Noting:
    """A span of OpenTelemetry as a span of ours."""

    def __init__(self, span: OpenTelemetrySpan) -> None:
        self._span = span

    def note(self, **attributes: Attribute) -> None:
        """Say more of it."""
        self._span.set_attributes(attributes)


class OpenTelemetryObserver:
    """Tells a tracer and a meter; `parent` is the `traceparent` of the invocation under way."""

    def __init__(self, tracer: Tracer, meter: Meter, parent: ContextVar[str]) -> None:
        self._tracer = tracer
        self._parent = parent
        self._counters: dict[Measure, Counter] = {}
        self._histograms: dict[Measure, Histogram] = {}
        for each in Measure:
            if each in SECONDS:
                self._histograms[each] = meter.create_histogram(each.value, unit="s")
            else:
                self._counters[each] = meter.create_counter(each.value)

    @contextmanager
    def span(self, name: str, /, **attributes: Attribute) -> Iterator[Span]:
        """Watch a piece of work; an exception that leaves it is told by its type alone."""
        # Not recorded by OpenTelemetry: the texts of errors hold what must not leave the process.
        with self._tracer.start_as_current_span(
            name,
            self._context(),
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield _Noting(span)
            except BaseException as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def count(self, measure: Measure, amount: int = 1, /, **attributes: Attribute) -> None:
        """Count something that has happened."""
        self._counters[measure].add(amount, attributes)

    def record(self, measure: Measure, value: float, /, **attributes: Attribute) -> None:
        """Tell a measured value."""
        self._histograms[measure].record(value, attributes)

    def _context(self) -> Context | None:
        """Return the host's context for the first span of an invocation; None: the current one."""
        parent = self._parent.get()
        if not parent or get_current_span() is not INVALID_SPAN:
            return None
        return _PROPAGATOR.extract({"traceparent": parent})
