"""What the workspace knows of the monitor: whether Activity Logs arrive, and its health records."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from azure.monitor.query.aio import LogsQueryClient

from shared.adapters.azure.checks.activity_log_export import WHY as EXPORT_WHY
from shared.adapters.azure.checks.activity_log_export import export_command
from shared.adapters.azure.logs.asking import NoTableError, ask, moment, records
from shared.adapters.azure.logs.query_text import query_text
from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health
from shared.pipeline.activity_export import missing_exports
from shared.ports import ActivityLog

ROWS: Final = "activity_log_rows"
RECORD: Final = "health_record"
RECORD_WHY: Final = "It is written every five minutes: without it the monitor does not run."
TABLE: Final = "ComplianceHealth_CL"
LATE_AFTER: Final = timedelta(minutes=20)
"""Three in a row did not arrive, and Log Analytics took its time. As `no_health_record.kql`."""
LOOKED_BACK: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ActivityLogRows:
    """Whether rows of each watched subscription arrive in the workspace, by its workspace id."""

    activity: ActivityLog
    workspace: str

    async def ask(self, subscriptions: Collection[str], now: datetime) -> Sequence[Diagnosis]:
        """Tell of which none does.

        Raises:
            PortError: the workspace cannot be asked.
        """
        missing = await missing_exports(self.activity, subscriptions, now)
        if not missing:
            said = f"Rows of all {len(subscriptions)} watched subscriptions arrive."
            return [Diagnosis(ROWS, Health.OK, said)]
        return [
            Diagnosis(
                f"{ROWS}.{each}",
                Health.FAULT,
                why,
                EXPORT_WHY,
                "Export it to the workspace that the monitor reads.",
                export_command(each, self.workspace),
            )
            for each, why in missing.items()
        ]


@dataclass(frozen=True, slots=True)
class LastRecord:
    """When the monitor last said how it is; `restart` is the command that starts it anew."""

    client: LogsQueryClient
    workspace: str
    restart: str

    async def ask(self, now: datetime) -> Sequence[Diagnosis]:
        """Tell it.

        Raises:
            PortError: the workspace cannot be asked.
        """
        query = query_text("last_health_record", since=now - LOOKED_BACK)
        try:
            rows = list(records(await ask(self.client, self.workspace, TABLE, query)))
        except NoTableError:
            rows = []
        if not rows:
            return [self._found(Health.FAULT, f"None in {LOOKED_BACK.days} days.")]
        age = now - moment(rows[0]["RecordedAt"])
        minutes = int(age.total_seconds() // 60)
        said = f"The last is {minutes} min old, and says {rows[0]['Health']}."
        if age <= LATE_AFTER:
            return [Diagnosis(RECORD, Health.OK, said)]
        return [self._found(Health.FAULT, said)]

    def _found(self, health: Health, said: str) -> Diagnosis:
        remedy = "See in the log of `redrive` why it fails, or start the app anew."
        return Diagnosis(RECORD, health, said, RECORD_WHY, remedy, self.restart)
