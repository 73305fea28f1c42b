"""How it stands with a store that commands of this machine fill: sweeps, and what was left over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health
from shared.pipeline.health_report import words_of
from shared.ports import Backlogs, FindingStore, QueueName, SweepLedger

OLD_AFTER: Final = timedelta(hours=24)
"""People sweep by hand, or a job does every night."""


@dataclass(frozen=True, slots=True)
class StoreSigns:
    """What a store tells; `sweep` is the command that goes on with its work."""

    findings: FindingStore
    ledger: SweepLedger
    queues: Backlogs
    sweep: str

    async def sweeps(self, now: datetime) -> Sequence[Diagnosis]:
        """Tell how old the last sweep of each subscription is, and whether it came to its end.

        Raises:
            PortError: the store cannot be read.
        """
        why = "What changed since is not judged."
        known = sorted(await self.findings.subscriptions())
        if not known:
            said = "Nothing was ever swept into this store."
            return [Diagnosis("sweeps", Health.WARN, said, why, "Sweep.", self.sweep)]
        found = []
        for each in known:
            told = next(iter(await self.ledger.coverage(each)), None)
            name = f"sweeps.{each}"
            if told is None:
                said, health = "It was never swept.", Health.WARN
            elif told.ended_at is None:
                begun = told.sweep.started_at
                said = f"The sweep of {begun:%Y-%m-%d %H:%M}Z did not come to its end."
                health = Health.WARN
            else:
                age = now - told.ended_at
                said = f"The last sweep ended {words_of(age)} ago."
                health = Health.WARN if age > OLD_AFTER else Health.OK
            is_ok = health is Health.OK
            further = (None, None, None) if is_ok else (why, "Sweep again.", self.sweep)
            found.append(Diagnosis(name, health, said, *further))
        return found

    async def pending(self) -> Sequence[Diagnosis]:
        """Tell what work waits.

        Raises:
            PortError: the store cannot be read.
        """
        waiting = {each: (await self.queues.backlog(each)).messages for each in QueueName}
        total = sum(waiting.values())
        if not total:
            return [Diagnosis("pending", Health.OK, "No work waits.")]
        told = ", ".join(f"{number} on `{name}`" for name, number in waiting.items() if number)
        why = "What it is about was not looked at since."
        remedy = "Go on with it."
        return [Diagnosis("pending", Health.WARN, f"Work waits: {told}.", why, remedy, self.sweep)]
