"""What the monitor itself was refused lately, as its last sweeps tell."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health
from shared.ports import SweepLedger

NAME: Final = "refused"
WHY: Final = "What cannot be read cannot be judged: its controls are unknown, and blind spots."


@dataclass(frozen=True, slots=True)
class Refusals:
    """Reads the coverage of the last sweeps; `assignee` is the monitor in a command."""

    ledger: SweepLedger
    assignee: str

    async def ask(self, subscription: str) -> Sequence[Diagnosis]:
        """Tell which actions were missing, one finding for each.

        Raises:
            PortError: the ledger cannot be asked.
        """
        name = f"{NAME}.{subscription}"
        resources: defaultdict[str, set[str]] = defaultdict(set)
        told = await self.ledger.coverage(subscription)
        for resource, permission in (pair for each in told for pair in each.denied):
            resources[permission].add(resource)
        if not resources:
            said = "The last sweeps were refused nothing." if told else "Nothing was swept yet."
            return [Diagnosis(name, Health.OK, said)]
        command = (
            f"az role assignment create --role Reader --assignee {self.assignee}"
            f" --scope /subscriptions/{subscription}"
        )
        return [
            Diagnosis(
                name,
                Health.FAULT,
                f"The last sweeps were refused {permission} on {len(found)} resources, such as"
                f" {min(found)}.",
                WHY,
                "Deploy again, which assigns the monitor's role, or see which deny assignment or"
                " lock forbids it.",
                command,
            )
            for permission, found in sorted(resources.items())
        ]
