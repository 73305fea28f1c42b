"""`alerts`: what alerted, newest first."""

import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.adapters.terminal.alert_json import alert_json
from shared.adapters.terminal.alert_lines import write_alert
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.json_output import write_array
from shared.adapters.terminal.notes import note
from shared.adapters.terminal.page import Page
from shared.domain.finding import SILENT_KINDS, FindingState, TransitionKind
from shared.domain.verdict import Severity
from shared.ports import FindingStore, TransitionQuery

DONE = 0


@dataclass(frozen=True, slots=True)
class Filters:
    """Which alerts are asked for; empty or None: any."""

    since: datetime | None
    severities: frozenset[Severity]
    controls: frozenset[str]
    resource: str | None
    state: FindingState | None

    def query(self) -> TransitionQuery:
        """Return the query; to a state of findings what a baseline found quietly belongs too."""
        return TransitionQuery(
            since=self.since,
            severities=self.severities,
            controls=self.controls,
            resource=self.resource,
            state=self.state,
            alerts_only=self.state is None,
        )


async def show_alerts(findings: FindingStore, filters: Filters, output: Format, store: Path) -> int:
    """Print the alerts that are asked for; return the exit status.

    Raises:
        PortError: the store failed.
    """
    found = await findings.transitions(filters.query())
    shown = [each for each in found if each.kind not in SILENT_KINDS]
    if output is Format.JSON:
        write_array(sys.stdout, map(alert_json, shown))
        sys.stdout.write("\n")
        return DONE
    page = Page.on(sys.stdout)
    for alert in shown:
        write_alert(page, alert)
    page.text(f"{len(shown)} alert{'' if len(shown) == 1 else 's'} in {store}.", "bold")
    if not shown and filters.since is not None:
        note("--since all looks further back")
    if any(each.kind is TransitionKind.BASELINE for each in shown):
        page.text("A first sweep alerts once; --state open lists the findings behind it.", "dim")
    return DONE
