"""What is watched, as OpenTelemetry gets it."""

from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import StatusCode

from shared.adapters.insights.late import LateObserver
from shared.adapters.insights.telling import OpenTelemetryObserver
from shared.ports import Measure, Observer

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-00"
"""As the host writes it: nothing is to be recorded."""


@dataclass
class Told:
    """An observer, and what it has told."""

    observer: LateObserver
    spans: InMemorySpanExporter
    metrics: InMemoryMetricReader

    def points(self) -> dict[str, list[object]]:
        """Return the attributes of every point, by metric."""
        data = self.metrics.get_metrics_data()
        assert data is not None
        return {
            metric.name: [dict(point.attributes or {}) for point in metric.data.data_points]
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


@pytest.fixture
def told() -> Iterator[Told]:
    """An observer that tells memory, already begun."""
    spans, metrics = InMemorySpanExporter(), InMemoryMetricReader()
    traces, meters = TracerProvider(sampler=ALWAYS_ON), MeterProvider([metrics])
    traces.add_span_processor(SimpleSpanProcessor(spans))

    def made(parent: ContextVar[str]) -> Observer:
        return OpenTelemetryObserver(traces.get_tracer("t"), meters.get_meter("t"), parent)

    observer = LateObserver(made)
    with observer.invocation(None):
        pass
    observer.wait()
    yield Told(observer, spans, metrics)
    traces.shutdown()
    meters.shutdown()


def test_spans_belong_to_the_hosts_invocation_and_to_each_other(told: Told) -> None:
    """The first is below the host's own, whatever that says of recording; others are below it."""
    with told.observer.invocation(PARENT), told.observer.span("look", root="/r") as look:
        look.note(status="looked")
        with told.observer.span("commit"):
            pass

    commit, looked = told.spans.get_finished_spans()
    assert looked.name == "look"
    assert dict(looked.attributes or {}) == {"root": "/r", "status": "looked"}
    assert looked.parent is not None
    assert (f"{looked.parent.trace_id:x}".zfill(32), f"{looked.parent.span_id:x}") == (TRACE, SPAN)
    assert commit.parent is not None
    assert commit.parent.span_id == looked.context.span_id


@pytest.mark.parametrize("parent", [None, "", "nonsense"])
def test_a_span_without_a_parent_is_the_first_of_its_trace(told: Told, parent: str | None) -> None:
    """A host that names no trace, or a broken one, takes nothing away."""
    with told.observer.invocation(parent), told.observer.span("look"):
        pass

    (span,) = told.spans.get_finished_spans()
    assert span.parent is None


def test_an_error_is_told_by_its_type(told: Told) -> None:
    """Its text and its traceback may hold an address or what somebody wrote into an event."""
    with pytest.raises(ValueError, match="secret"), told.observer.span("send"):
        raise ValueError("https://hook.example/secret")

    (span,) = told.spans.get_finished_spans()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "ValueError")
    assert span.events == ()


def test_every_measure_can_be_told(told: Told) -> None:
    """Counts and seconds, each with its attributes."""
    for each in Measure:
        if each in {Measure.QUEUE_AGE, Measure.ALERT_LATENCY}:
            told.observer.record(each, 1.5, sink="teams")
        else:
            told.observer.count(each, 2, sink="teams")

    assert told.points() == {each.value: [{"sink": "teams"}] for each in Measure}


def test_nothing_is_told_before_the_first_invocation_is_over() -> None:
    """The work goes on unwatched, and nobody waits for the libraries."""
    opened = []

    def never(parent: ContextVar[str]) -> Observer:
        opened.append(parent)
        raise AssertionError

    observer = LateObserver(never)
    with observer.span("look") as span:
        span.note(status="looked")
        observer.count(Measure.LOOKS)
        observer.record(Measure.QUEUE_AGE, 1.0)

    assert opened == []


def test_an_exporter_that_cannot_be_opened_stops_no_work(caplog: pytest.LogCaptureFixture) -> None:
    """It is told once, without the text of the error, and everything goes on unwatched."""
    opened = []

    def broken(parent: ContextVar[str]) -> Observer:
        opened.append(parent)
        raise ValueError("InstrumentationKey=secret")

    observer = LateObserver(broken)
    for _ in range(3):
        with observer.invocation(PARENT), observer.span("look"):
            observer.count(Measure.LOOKS)
        observer.wait()

    assert len(opened) == 1
    assert [each.levelname for each in caplog.records] == ["WARNING"]
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_without_application_insights_nothing_is_begun() -> None:
    """No thread, no library."""
    observer = LateObserver(None)
    with observer.invocation(PARENT), observer.span("look"):
        observer.count(Measure.LOOKS)

    observer.wait()
