"""`replay`: recorded events through the whole pipeline, batch by batch."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from shared.adapters.terminal.alert_json import alert_json
from shared.adapters.terminal.event_files import events_in
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.json_output import write_object
from shared.adapters.terminal.notes import LeftOut, note, tell_unusable
from shared.adapters.terminal.page import Page
from shared.adapters.terminal.posture import posture_json
from shared.adapters.terminal.progress import Headway
from shared.adapters.terminal.replay_table import write_replay
from shared.adapters.terminal.sinks import CollectingSink, ConsoleSink
from shared.adapters.terminal.use_cases import UseCases
from shared.domain.root_state import Posture
from shared.pipeline.look import LookStatus
from shared.pipeline.work import WorkReport

BATCH = 1000
DONE, UNUSABLE = 0, 2


@dataclass(slots=True)
class Replayed:
    """What a run did: received = changes + ignored + malformed; `malformed` pairs position and reason."""

    received: int = 0
    changes: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    malformed: list[tuple[int, str]] = field(default_factory=list)
    work: WorkReport = field(default_factory=WorkReport)
    posture: Posture = field(default_factory=Posture)

    @property
    def looks(self) -> int:
        """Looks that read."""
        return self.work.looks[LookStatus.LOOKED]


async def replay(use: UseCases, names: Sequence[str], output: Format, store: Path | None) -> int:
    """Replay the events of files and print the run; return the exit status.

    Raises:
        PortError: the store or the estate failed.
    """
    unusable: list[LeftOut] = []
    page = Page.on(sys.stdout)
    with Headway("Events replayed") as headway:
        sink = CollectingSink() if output is Format.JSON else ConsoleSink(page, before=headway.hide)
        replayed = await _run(use, events_in(names, unusable), sink, headway)
    tell_unusable(unusable)
    if replayed.work.set_aside:
        note(
            f"{replayed.work.set_aside} looks kept failing and were set aside; --verbose shows why"
        )
    if output is Format.JSON:
        write_object(sys.stdout, _members(replayed, sink))
    else:
        write_replay(page, replayed, sink.alerts, store)
    return UNUSABLE if unusable else DONE


async def _run(
    use: UseCases, events: Iterable[object], sink: CollectingSink, headway: Headway
) -> Replayed:
    """Work off the events: accept a batch, look, deliver; then the next."""
    replayed, delivery, events = Replayed(), use.delivery([sink]), iter(events)
    while True:
        batch = list(islice(events, BATCH))
        receipt = await use.intake.accept(batch)
        replayed.malformed += [(replayed.received + at, why) for at, why in receipt.malformed]
        replayed.received += receipt.received
        replayed.changes += len(receipt.messages)
        replayed.ignored += receipt.ignored
        await use.worker.drain(replayed.work)
        await delivery.deliver()
        headway.advance(receipt.received)
        if len(batch) < BATCH:
            break
    replayed.posture = await delivery.findings.posture()
    return replayed


def _members(replayed: Replayed, sink: CollectingSink) -> Iterator[tuple[str, object]]:
    """Go through the members of the result."""
    yield "received", replayed.received
    yield "changes", replayed.changes
    yield "ignored", replayed.ignored.total()
    yield (
        "malformed",
        iter([{"index": index, "reason": reason} for index, reason in replayed.malformed]),
    )
    yield "looks", replayed.looks
    yield "alerts", map(alert_json, sink.alerts)
    yield "posture", posture_json(replayed.posture)
