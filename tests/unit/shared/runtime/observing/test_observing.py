"""The parts of the app while somebody watches."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from shared.domain.finding import Attribution, Transition
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import RootState
from shared.domain.snapshot import Problem
from shared.domain.topology import Source
from shared.domain.verdict import Cause, Verdict
from shared.pipeline.messages import ChangeNote, LookMessage, Trigger
from shared.pipeline.sayable import correlation, of_message
from shared.ports import (
    Attribute,
    ConflictError,
    DigestSink,
    Measure,
    PortError,
    QueueName,
    RefusedError,
    Sink,
)
from shared.runtime.assembly import assemble
from shared.runtime.instance import instance_for
from shared.runtime.observing.ports import observed_findings
from shared.runtime.observing.silent import SilentObserver
from shared.runtime.observing.sinks import observed_sink
from shared.runtime.observing.wrapping import observed_ports, observed_runtime
from shared.settings import LocalBackend, Settings
from tests.arm import account
from tests.fakes import BEGINNING, FakeClock, MemoryChannel, MemorySink
from tests.records import commit, transition
from tests.worlds import CATALOGUE, world, write_event

ACCOUNT = account()
WATCHED = frozenset({ACCOUNT.id.subscription})
GUID = "c0000000-0000-4000-8000-000000000001"


@dataclass
class Remembered:
    """A span that has ended."""

    name: str
    said: dict[str, Attribute] = field(default_factory=dict)

    def note(self, **attributes: Attribute) -> None:
        """Remember more."""
        self.said |= attributes


@dataclass
class Remembering:
    """Remembers all that it is told."""

    spans: list[Remembered] = field(default_factory=list)
    numbers: list[tuple[Measure, float, dict[str, Attribute]]] = field(default_factory=list)

    @contextmanager
    def span(self, name: str, /, **attributes: Attribute) -> Iterator[Remembered]:
        """Remember a span, also one that an exception leaves."""
        span = Remembered(name, attributes)
        try:
            yield span
        finally:
            self.spans.append(span)

    def count(self, measure: Measure, amount: int = 1, /, **attributes: Attribute) -> None:
        """Remember a count."""
        self.numbers.append((measure, amount, attributes))

    def record(self, measure: Measure, value: float, /, **attributes: Attribute) -> None:
        """Remember a value."""
        self.numbers.append((measure, value, attributes))

    def of(self, measure: Measure) -> list[tuple[float, dict[str, Attribute]]]:
        """Return what was told of one measure."""
        return [(value, said) for each, value, said in self.numbers if each is measure]


@pytest.fixture
def seen() -> Remembering:
    """The observer."""
    return Remembering()


async def test_intake_and_looks_ask_once_which_subscriptions_there_are(
    seen: Remembering, tmp_path: Path
) -> None:
    """Where none are set; and to ask is watched, before and after the rest of the app is made."""
    (tmp_path / "none.json").write_text("[]", encoding="utf-8")
    backend = LocalBackend(kind="local", estate=tmp_path, store=tmp_path / "compliance.db")
    instance = instance_for(Settings(backend=backend), observer=seen)
    await instance.intake.receive([write_event(ACCOUNT.id)])
    asked = [each.name for each in seen.spans].count("subscriptions")

    app = instance.complete(CATALOGUE)
    known = await app.intake.watch.recently()
    await app.close()

    assert asked > 0
    assert [each.name for each in seen.spans].count("subscriptions") == asked
    assert known == await instance.intake.watch.recently()


async def test_an_event_can_be_followed_through_its_look(seen: Remembering) -> None:
    """Taking it in, the look, what is read and the commit: with one correlation id and one root."""
    told = world()
    told.inventory.put(ACCOUNT)
    ports = observed_ports(told.ports, seen)
    runtime = observed_runtime(assemble(ports, CATALOGUE, WATCHED), seen, None)
    event = write_event(ACCOUNT.id, correlationId=GUID)

    (message,) = (await runtime.intake.receive([event])).messages
    told.clock.advance(timedelta(seconds=3))
    report = await runtime.worker.handle(QueueName.LOOKS, message.encode())

    assert report is not None
    spans = {each.name: each.said for each in seen.spans}
    assert spans.keys() >= {"receive", "read", "commit", "look"}
    assert spans["receive"]["correlation_id"] == spans["look"]["correlation_id"] == GUID
    root = ACCOUNT.id.root.key
    assert {spans[each]["root"] for each in ("receive", "read", "commit", "look")} == {root}
    assert spans["look"]["status"] == "looked"
    assert spans["look"]["alerts"] == len([each for each in report.transitions if each.alerts])
    assert seen.of(Measure.EVENTS) == [(1, {"outcome": "change"})]
    ((age, queue),) = seen.of(Measure.QUEUE_AGE)
    assert (int(age), queue) == (3, {"queue": "looks"})
    assert seen.of(Measure.LOOKS) == [(1, {"status": "looked", "trigger": "change"})]


async def test_what_a_look_could_not_read_is_counted(seen: Remembering) -> None:
    """By its cause; the words of the problem stay here."""
    told = world()
    told.inventory.put(ACCOUNT)
    problem = Problem(Cause.UNREADABLE, "mara@contoso.example may not", "x/read")
    told.inventory.problems[ACCOUNT.id.root.key, Source.DEPLOYMENTS] = problem
    ports = observed_ports(told.ports, seen)
    runtime = observed_runtime(assemble(ports, CATALOGUE, WATCHED), seen, None)
    message = LookMessage(ACCOUNT.id.text, BEGINNING, Trigger.SECOND_LOOK)

    await runtime.worker.handle(QueueName.LOOKS, message.encode())

    assert seen.of(Measure.UNREAD) == [(1, {"cause": "unreadable"})]
    (read,) = [each.said for each in seen.spans if each.name == "read"]
    assert (read["unread"], read["forbidden"], read["put_off"]) == (1, 1, 0)
    assert "mara" not in repr(seen)


async def test_unknown_verdicts_are_counted_with_the_commit(seen: Remembering) -> None:
    """Those of a commit that was written; all else that a store can do is the store's."""
    told = world()
    store = observed_findings(told.ports.findings, seen)
    state = RootState(verdicts={Verdict.UNKNOWN: 3, Verdict.PASS: 5}, sequence=1)
    await store.commit(commit(transition(1), state=state))
    with pytest.raises(ConflictError):
        await store.commit(commit(transition(1), state=state))

    assert seen.of(Measure.UNKNOWNS) == [(3, {})]
    assert [each.name for each in seen.spans] == ["commit", "commit"]
    assert (await store.state(transition(1).root)).version == 1


async def test_ignored_and_malformed_events_are_counted_apart(seen: Remembering) -> None:
    """Each event once, by what became of it."""
    told = world()
    runtime = observed_runtime(assemble(told.ports, CATALOGUE, WATCHED), seen, None)
    other = ResourceId.parse(ACCOUNT.id.root.text.replace("CognitiveServices", "Compute"))

    await runtime.intake.receive([7, write_event(other), "x"])

    assert sum(number for number, _ in seen.of(Measure.EVENTS)) == 3
    assert (2, {"outcome": "malformed"}) in seen.of(Measure.EVENTS)


def alert(sequence: int = 1, correlation_id: str | None = GUID) -> Transition:
    """Return an alert of a change that was made at the beginning."""
    by = Attribution("mara@contoso.example", BEGINNING, correlation_id, exact=True)
    return transition(sequence, attribution=by)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(None, "told"), (RefusedError("no"), "refused"), (PortError("down"), "failed")],
)
async def test_deliveries_are_counted_by_sink_and_outcome(
    seen: Remembering, error: PortError | None, outcome: str
) -> None:
    """A sink that takes them, one that never will, and one that is down."""
    clock = FakeClock()

    class Answering(MemorySink):
        async def send(self, alerts: object) -> None:
            _ = alerts
            if error is not None:
                raise error

    sink = observed_sink(Answering("teams"), seen, clock)
    with nullcontext() if error is None else pytest.raises(type(error)):
        await sink.send([alert(1), alert(2)])

    told = {"sink": "teams", "outcome": outcome, "digest": False}
    assert seen.of(Measure.DELIVERIES) == [(2, told)]
    assert len(seen.of(Measure.ALERT_LATENCY)) == (2 if error is None else 0)


async def test_latency_is_from_the_change_to_the_sink(
    seen: Remembering, caplog: pytest.LogCaptureFixture
) -> None:
    """And only where the change is known; the log names the alerts and their changes."""
    clock = FakeClock()
    sink = observed_sink(MemorySink("webhook"), seen, clock)
    clock.advance(timedelta(seconds=8))
    with caplog.at_level(logging.INFO):
        await sink.send([alert(1), transition(2), alert(3, "mara@contoso.example")])

    values = [(int(value), said) for value, said in seen.of(Measure.ALERT_LATENCY)]
    assert values == [(8, {"sink": "webhook", "kind": "opened"})] * 2
    line = json.loads(caplog.records[0].getMessage())
    assert list(line["alerts"].values()) == [GUID, None, None]
    assert "mara" not in repr(seen) + caplog.text


async def test_a_sink_that_people_read_stays_one(seen: Remembering) -> None:
    """Its rates are its own, a digest is counted, and another sink does not become one."""
    clock = FakeClock()
    channel = MemoryChannel(clock)
    watched: Sink = observed_sink(channel, seen, clock)

    assert isinstance(watched, DigestSink)
    await watched.send_digest([alert(1), alert(2)], timedelta(seconds=60))
    assert watched.rates == channel.rates
    assert watched.name == channel.name
    assert [each.sequence for each in channel.told] == [1, 2]
    assert seen.of(Measure.DELIVERIES)[0][1]["digest"] is True
    assert not isinstance(observed_sink(MemorySink(), seen, clock), DigestSink)


@pytest.mark.parametrize(
    "text",
    ["mara@contoso.example", "https://hook.example/secret", f"{GUID} x", f"{GUID}\n", "", None],
)
def test_a_correlation_id_that_is_no_guid_is_not_said(text: str | None) -> None:
    """Whoever forges an event could write anything there."""
    note = ChangeNote(
        ACCOUNT.id.text, deletes=False, occurred_at=BEGINNING, actor="m", correlation_id=text
    )
    message = LookMessage(ACCOUNT.id.text, BEGINNING, Trigger.CHANGE, note)

    assert correlation(text) is None
    assert "correlation_id" not in of_message(message)
    assert correlation(GUID.upper()) == GUID.upper()


def test_nobody_has_to_watch() -> None:
    """The observer of those that nobody watches takes everything and does nothing."""
    nobody = SilentObserver()
    with nobody.span("look", root="/r") as span:
        span.note(status="looked")
    nobody.count(Measure.LOOKS)
    nobody.record(Measure.QUEUE_AGE, 1.0)
