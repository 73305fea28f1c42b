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
from shared.adapters.terminal.use_cases import CONSOLE, UseCases
from shared.domain.finding import SILENT_KINDS, Transition
from shared.domain.root_state import Posture
from shared.pipeline.look import LookReport
from shared.pipeline.work import WorkReport
from shared.ports import FindingStore, TransitionQuery

DONE = 0
DEEP_READS = "what is read once a day (perimeters, managed networks, connections, …)"


async def sweep_estate(use: UseCases, output: Format, store: Path | None, *, deep: bool) -> int:
    """Sweep every subscription of the estate and print the outcome; return the exit status.

    Raises:
        PortError: the store or the estate failed.
    """
    delivery, work = use.delivery([]), WorkReport()
    with Headway("Looking at roots") as headway:
        sweeps = await use.sweeps.begin(deep=deep)
        headway.expect(sum(each.roots for each in sweeps))
        book = CoverageBook(sweeps)

        def on_look(look: LookReport) -> None:
            book.add(look)
            headway.advance()

        await use.worker.drain(work, on_look=on_look)
    if work.set_aside:
        note(f"{work.set_aside} looks kept failing and were set aside; --verbose shows why")
    if not sweeps:
        note("the estate holds no account, workspace or registry: there was nothing to look at")
    posture = await delivery.findings.posture()
    async with delivery.pending(CONSOLE) as told:
        alerts = await _with_recorded(delivery.findings, told, work.transitions)
        if output is Format.JSON:
            write_object(sys.stdout, _members(book.subscriptions, alerts, posture))
        else:
            page = Page.on(sys.stdout)
            _write(page, book.subscriptions, alerts, posture)
            _write_hints(page, posture, store, deep=deep)
        sys.stdout.flush()
    return DONE


async def _with_recorded(
    findings: FindingStore, told: Sequence[Transition], recorded: Sequence[str]
) -> list[Transition]:
    """Add what this run recorded quietly, as a baseline, to what is told; oldest first.

    What alerts and was told by another process meanwhile is not told again.
    """
    query = TransitionQuery(ids=frozenset(recorded), alerts_only=False)
    quiet = [
        each
        for each in await findings.transitions(query)
        if not each.alerts and each.kind not in SILENT_KINDS
    ]
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
) -> None:
    """Write the outcome for people."""
    for alert in alerts:
        write_alert(page, alert)
    for coverage in subscriptions:
        write_coverage(page, coverage)
    page.blank()
    write_posture(page, posture)
    page.blank()


def _write_hints(page: Page, posture: Posture, store: Path | None, *, deep: bool) -> None:
    """Write what to try next."""
    if not deep:
        page.text(f"--deep also reads {DEEP_READS}.", "dim")
    kept = (
        "--store FILE keeps what was found, so that the next sweep tells only what changed"
        if store is None
        else f"sweep again with --store {store} to be told only what changed"
    )
    explain = "`cli.py controls ID` explains a control; " if posture.fail else ""
    page.text(f"Next: {explain}{kept}.", "dim")
