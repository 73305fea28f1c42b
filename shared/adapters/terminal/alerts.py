"""`alerts`: what alerted, newest first."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.adapters.formats.alert_object import alert_json
from shared.adapters.terminal.alert_formats import write_ocsf, write_sarif
from shared.adapters.terminal.alert_lines import write_alert
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.json_output import write_array
from shared.adapters.terminal.notes import note
from shared.adapters.terminal.page import Page
from shared.domain.control import Control
from shared.domain.finding import SILENT_KINDS, FindingState, TransitionKind
from shared.domain.verdict import Severity
from shared.ports import AlertHistory, TransitionQuery

DONE = 0


@dataclass(frozen=True, slots=True)
class Filters:
    """Which alerts are asked for; empty or None: any."""

    since: datetime | None
    severities: frozenset[Severity]
    controls: frozenset[str]
    resource: str | None
    state: FindingState | None
    history: bool = False
    """Also what did not alert."""

    def query(self) -> TransitionQuery:
        """Return the query; to a state of findings what a baseline found quietly belongs too."""
        return TransitionQuery(
            since=self.since,
            severities=self.severities,
            controls=self.controls,
            resource=self.resource,
            state=self.state,
            alerts_only=self.state is None and not self.history,
        )


async def show_alerts(
    findings: AlertHistory,
    filters: Filters,
    output: Format,
    store: Path | str,
    controls: Mapping[str, Control],
) -> int:
    """Print the alerts that are asked for; return the exit status.

    `controls` are those that an alert can be of, by id; `store` says where the alerts are.

    Raises:
        PortError: the store failed.
    """
    found = await findings.transitions(filters.query())
    shown = [each for each in found if filters.history or each.kind not in SILENT_KINDS]
    if output is Format.JSON:
        write_array(sys.stdout, map(alert_json, shown))
        sys.stdout.write("\n")
        return DONE
    if output is Format.SARIF:
        write_sarif(sys.stdout, shown, controls)
        return DONE
    if output is Format.OCSF:
        write_ocsf(sys.stdout, shown, controls)
        return DONE
    page = Page.on(sys.stdout)
    for alert in shown:
        write_alert(page, alert)
    what = "transition" if filters.history else "alert"
    page.text(f"{len(shown)} {what}{'' if len(shown) == 1 else 's'} in {store}.", "bold")
    if not shown and filters.since is not None:
        note("--since all looks further back")
    if any(each.kind is TransitionKind.BASELINE for each in shown):
        page.text("A first sweep alerts once; --state open lists the findings behind it.", "dim")
    return DONE
