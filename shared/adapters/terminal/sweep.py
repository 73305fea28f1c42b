"""`sweep`: look at everything once, and say what could be seen."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.adapters.terminal.alert_json import alert_json
from shared.adapters.terminal.alert_lines import write_alert
from shared.adapters.terminal.coverage import Coverage, CoverageBook, write_coverage
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.json_output import write_object
from shared.adapters.terminal.notes import note
from shared.adapters.terminal.page import Page
from shared.adapters.terminal.posture import posture_json, write_posture
from shared.adapters.terminal.progress import Headway
from shared.adapters.terminal.sinks import CollectingSink
from shared.adapters.terminal.use_cases import UseCases
from shared.domain.finding import SILENT_KINDS, Transition
from shared.domain.root_state import Posture
from shared.pipeline.look import LookReport
from shared.pipeline.work import WorkReport
from shared.ports import FindingStore, TransitionQuery

DONE = 0


async def sweep_estate(use: UseCases, output: Format, store: Path | None, *, deep: bool) -> int:
    """Sweep every subscription of the estate and print the outcome; return the exit status.

    Raises:
        PortError: the store or the estate failed.
    """
    sink, work = CollectingSink(), WorkReport()
    delivery = use.delivery([sink])
    with Headway("Looking at roots") as headway:
        sweeps = await use.sweeps.begin(deep=deep)
        headway.expect(sum(each.roots for each in sweeps))
        book = CoverageBook(sweeps)

        def on_look(look: LookReport) -> None:
            book.add(look)
            headway.advance()

        await use.worker.drain(work, on_look=on_look)
        await delivery.deliver()
    if work.set_aside:
        note(f"{work.set_aside} looks kept failing and were set aside; --verbose shows why")
    if not sweeps:
        note("the estate holds no account, workspace or registry: there was nothing to look at")
    alerts = await _with_recorded(delivery.findings, sink.alerts, work.transitions)
    posture = await delivery.findings.posture()
    if output is Format.JSON:
        write_object(sys.stdout, _members(book.subscriptions, alerts, posture))
    else:
        _write(Page.on(sys.stdout), book.subscriptions, alerts, posture, store)
    return DONE


async def _with_recorded(
    findings: FindingStore, told: Sequence[Transition], recorded: Sequence[str]
) -> list[Transition]:
    """Add what this run recorded quietly, as a baseline, to what was told; oldest first."""
    query = TransitionQuery(ids=frozenset(recorded), alerts_only=False)
    quiet = [each for each in await findings.transitions(query) if each.kind not in SILENT_KINDS]
    merged = {each.id: each for each in (*reversed(quiet), *told)}
    return sorted(merged.values(), key=lambda each: each.at)


def _members(
    subscriptions: Sequence[Coverage], alerts: Sequence[Transition], posture: Posture
) -> Iterator[tuple[str, object]]:
    """Go through the members of the result."""
    yield "subscriptions", iter([each.json() for each in subscriptions])
    yield "alerts", map(alert_json, alerts)
    yield "posture", posture_json(posture)


def _write(
    page: Page,
    subscriptions: Sequence[Coverage],
    alerts: Sequence[Transition],
    posture: Posture,
    store: Path | None,
) -> None:
    """Write the outcome for people."""
    for alert in alerts:
        write_alert(page, alert)
    for coverage in subscriptions:
        write_coverage(page, coverage)
    page.blank()
    write_posture(page, posture)
    page.blank()
    kept = (
        "--store FILE keeps what was found, so that the next sweep tells only what changed"
        if store is None
        else f"sweep again with --store {store} to be told only what changed"
    )
    explain = "`cli.py controls ID` explains a control; " if posture.fail else ""
    page.text(f"Next: {explain}{kept}.", "dim")
