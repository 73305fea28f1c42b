"""`sweep`: look at everything once, and say what could be seen."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.adapters.formats.alert_object import alert_json
from shared.adapters.terminal.alert_lines import write_alert
from shared.adapters.terminal.coverage import coverage_json, write_coverage
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.json_output import write_object
from shared.adapters.terminal.notes import note
from shared.adapters.terminal.page import Page
from shared.adapters.terminal.posture import posture_json, write_posture
from shared.adapters.terminal.progress import Headway
from shared.adapters.terminal.use_cases import CONSOLE, UseCases
from shared.adapters.terminal.waiting import Waiting, Waits, waiting_for
from shared.domain.finding import SILENT_KINDS, Transition
from shared.domain.root_state import Posture
from shared.domain.sweep import Sweep, SweepCoverage
from shared.pipeline.look import LookReport, LookStatus
from shared.pipeline.work import WorkReport
from shared.ports import FindingStore, QueueName, TransitionQuery

DONE = 0
DEEP_READS = "what is read once a day (perimeters, managed networks, connections, …)"


async def sweep_estate(  # noqa: PLR0913 - the options of the command
    use: UseCases,
    output: Format,
    store: Path | None,
    *,
    deep: bool,
    subscriptions: frozenset[str] | None = None,
    concurrency: int = 1,
) -> int:
    """Sweep subscriptions (default: all of the estate) and print the outcome; return the status.

    `concurrency` looks are under way at once.

    Raises:
        PortError: the store or the estate failed.
    """
    delivery, work = use.delivery([]), WorkReport()
    waits: dict[str, Waiting] = {}
    began_at = use.worker.clock.now()
    with Headway("Looking at roots") as headway:
        sweeps = await use.sweeps.begin(deep=deep, subscriptions=subscriptions)
        # The subscription itself is looked at too.
        headway.expect(sum(each.roots + 1 for each in sweeps if each.roots))

        def on_look(look: LookReport) -> None:
            if look.retry_at is not None:
                waits[look.root.key] = waiting_for(look.retry_at, look.problems)
            elif look.status is not LookStatus.BUSY:
                waits.pop(look.root.key, None)
                headway.advance()

        await use.worker.drain(work, on_look=on_look, concurrency=concurrency)
    found = [await use.sweeps.coverage(each) for each in sweeps]
    coverages = [each for each in found if each is not None]
    if work.set_aside:
        note(f"{work.set_aside} looks kept failing and were set aside; --verbose shows why")
    if not sweeps:
        note("the estate holds no account, workspace or registry: there was nothing to look at")
    posture = await delivery.findings.posture()
    async with delivery.pending(CONSOLE) as told:
        gone_on = [each for each in sweeps if each.baseline and each.started_at < began_at]
        alerts = await _with_recorded(delivery.findings, told, work.transitions, gone_on)
        if output is Format.JSON:
            write_object(sys.stdout, _members(coverages, alerts, posture))
        else:
            page = Page.on(sys.stdout)
            due = await use.worker.queue.next_due(QueueName.SWEEPS)
            _write(page, coverages, alerts, store, Waits(waits, due))
            _write_end(page, posture, store, deep=deep)
        sys.stdout.flush()
    return DONE


async def _with_recorded(
    findings: FindingStore,
    told: Sequence[Transition],
    recorded: Sequence[str],
    gone_on: Sequence[Sweep],
) -> list[Transition]:
    """Add what this run recorded quietly, as a baseline, to what is told; oldest first.

    So too what an earlier run did of a baseline that this one has `gone_on` with: it may have been
    killed before it printed. What alerts and was told by another process is not told again.
    """
    queries = [
        TransitionQuery(ids=frozenset(recorded), alerts_only=False),
        *(
            TransitionQuery(
                since=each.started_at,
                resource=f"/subscriptions/{each.subscription}",
                alerts_only=False,
            )
            for each in gone_on
        ),
    ]
    quiet = [
        each
        for query in queries
        for each in await findings.transitions(query)
        if not each.alerts and each.kind not in SILENT_KINDS
    ]
    merged = {each.id: each for each in (*reversed(quiet), *told)}
    return sorted(merged.values(), key=lambda each: each.at)


def _members(
    subscriptions: Sequence[SweepCoverage], alerts: Sequence[Transition], posture: Posture
) -> Iterator[tuple[str, object]]:
    """Go through the members of the result."""
    yield "subscriptions", map(coverage_json, subscriptions)
    yield "alerts", map(alert_json, alerts)
    yield "posture", posture_json(posture)


def _write(
    page: Page,
    subscriptions: Sequence[SweepCoverage],
    alerts: Sequence[Transition],
    store: Path | None,
    waits: Waits,
) -> None:
    """Write for people what was found, and what was seen."""
    for alert in alerts:
        write_alert(page, alert)
    for coverage in subscriptions:
        waiting = waits.of(coverage.sweep.subscription)
        write_coverage(page, coverage, None if store is None else str(store), waiting)


def _write_end(page: Page, posture: Posture, store: Path | None, *, deep: bool) -> None:
    """Write how many findings there are by now, and what to try next."""
    page.blank()
    write_posture(page, posture)
    page.blank()
    if not deep:
        page.text(f"--deep also reads {DEEP_READS}.", "dim")
    kept = (
        "--store FILE keeps what was found, so that the next sweep tells only what changed"
        if store is None
        else f"sweep again with --store {store} to be told only what changed"
    )
    explain = "`cli.py controls ID` explains a control; " if posture.fail else ""
    page.text(f"Next: {explain}{kept}.", "dim")
