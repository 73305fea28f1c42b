"""`replay`: recorded events through the whole pipeline, batch by batch."""

import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from shared.adapters.terminal.event_files import events_in
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.json_output import write_object
from shared.adapters.terminal.notes import LeftOut, note, tell_unusable
from shared.adapters.terminal.page import Page
from shared.adapters.terminal.progress import Headway
from shared.adapters.terminal.replayed import Replayed, write_replayed
from shared.adapters.terminal.sinks import ConsoleSink, ReaderGoneError
from shared.adapters.terminal.telling import SinksOfARun, Telling
from shared.adapters.terminal.use_cases import CONSOLE, UseCases
from shared.pipeline.deliver import Delivery
from shared.pipeline.told import Rules

BATCH = 1000
DONE, UNUSABLE = 0, 2


async def replay_events(
    use: UseCases, names: Sequence[str], output: Format, store: Path | None, telling: Telling
) -> int:
    """Replay the events of files, tell the sinks and print the run; return the exit status.

    Raises:
        PortError: the store or the estate failed.
    """
    unusable: list[LeftOut] = []
    page = Page.on(sys.stdout) if output is Format.TABLE else None
    with Headway("Replaying events") as headway:
        console = None if page is None else ConsoleSink(page, headway.hide)
        delivery = use.delivery([] if console is None else [console], Rules(backs_off=False))
        async with telling.closing:
            sinks = telling.begin(use)
            try:
                run = await _run(use, events_in(names, unusable), (delivery, sinks), headway)
            except ReaderGoneError as error:
                raise BrokenPipeError from error
            if sinks.delivery.sinks:
                headway.hide()
                await sinks.finish(store)
        run.alerts += [] if console is None else console.alerts
    tell_unusable(unusable)
    if run.work.set_aside:
        note(f"{run.work.set_aside} looks kept failing and were set aside; --verbose shows why")
    if page is None:
        async with delivery.pending(CONSOLE) as alerts:
            run.alerts += alerts
            write_object(sys.stdout, run.members())
            sys.stdout.flush()
    else:
        write_replayed(page, run, store)
    return UNUSABLE if unusable else DONE


async def _run(
    use: UseCases,
    events: Iterable[object],
    told: tuple[Delivery, SinksOfARun],
    headway: Headway,
) -> Replayed:
    """Work the events off: accept a batch, look, tell what alerts; then the next."""
    run, events = Replayed(), iter(events)
    delivery, sinks = told
    batch: list[object] | None = None
    while batch is None or len(batch) == BATCH:
        batch = list(islice(events, BATCH))
        receipt = await use.intake.accept(batch)
        run.malformed += [(run.received + at, why) for at, why in receipt.malformed]
        run.received += receipt.received
        run.changes += len(receipt.messages)
        run.ignored += receipt.ignored
        headway.advance(receipt.received)
        await use.worker.drain(run.work, on_look=lambda _: headway.advance(0))
        await delivery.deliver()
        await sinks.deliver()
    run.posture = await delivery.findings.posture()
    return run
