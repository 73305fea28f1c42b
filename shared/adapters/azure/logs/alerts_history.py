"""The alerts that the sink `log_analytics` wrote, asked back from the workspace."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from azure.monitor.query import LogsQueryPartialResult
from azure.monitor.query.aio import LogsQueryClient

from shared.adapters.azure.logs.alert_rows import Row, is_cut, transition_of
from shared.adapters.azure.logs.asking import (
    NoTableError,
    Result,
    WorkspaceError,
    ask,
    records,
)
from shared.adapters.azure.logs.query_text import query_text
from shared.domain.finding import Transition
from shared.ports import PortError, TransitionQuery

TABLE: Final = "ComplianceAlerts_CL"

_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ADVICE: Final = {
    403: "whoever asks needs the role Log Analytics Reader on the workspace, or Log Analytics Data"
    " Reader",
    404: "the workspace id is meant, a GUID: `az monitor log-analytics workspace show --query"
    " customerId`",
}


@dataclass(frozen=True, slots=True)
class WorkspaceHistory:
    """`AlertHistory` on a workspace, named by its workspace id (a GUID).

    `tell` is told what people should know of an answer that is not the whole one.
    """

    client: LogsQueryClient
    workspace: str
    tell: Callable[[str], None]

    async def transitions(self, query: TransitionQuery) -> Sequence[Transition]:
        """Return alerts, newest first; what did not alert is not in the workspace.

        Raises:
            PortError: the workspace could not be asked, or has no table of alerts yet.
        """
        result = await self._ask(
            query_text(
                "alerts",
                since=query.since or _EARLIEST,
                severities=query.severities,
                controls=query.controls,
                resource=query.resource or "",
                state=query.state or "",
            )
        )
        if isinstance(result, LogsQueryPartialResult):
            why = getattr(result.partial_error, "message", None) or "no reason is given"
            self.tell(f"Log Analytics answered in part, alerts are missing: {why}")
        found = self._read(list(records(result)))
        if query.since is not None:
            # The query is asked in whole milliseconds.
            found = [each for each in found if each.at >= query.since]
        if query.ids is not None:
            found = [each for each in found if each.id in query.ids]
        return found[: query.limit]

    async def _ask(self, query: str) -> Result:
        try:
            return await ask(self.client, self.workspace, TABLE, query)
        except NoTableError as error:
            raise PortError(
                f"{error}: nothing was written yet (a new table takes up to 15 minutes), or the"
                " monitor writes to another workspace"
            ) from error
        except WorkspaceError as error:
            advice = _ADVICE.get(error.status or 0)
            raise PortError(f"{error}; {advice}" if advice else str(error)) from error

    def _read(self, rows: Sequence[Row]) -> list[Transition]:
        """Read the rows; say of how many it could not be done, or not wholly."""
        found: list[Transition] = []
        strange: list[str] = []
        cut = 0
        for row in rows:
            try:
                found.append(transition_of(row))
                cut += is_cut(row)
            except (PortError, TypeError, ValueError) as error:
                strange.append(str(error).splitlines()[0])
        if strange:
            self.tell(
                f"{len(strange)} alerts are left out: this version cannot read them ({strange[0]})"
            )
        if cut:
            self.tell(f"the evidence of {cut} alerts was cut when it was written: over 64 KB")
        return found
