"""Whether every ARM action that reads a source is allowed on a watched subscription.

What a caller may do is listed by "Permissions - List For Subscription" (Azure REST API reference):
one item for each role assignment that reaches there. Deny assignments are not in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.arm.problems import ArmError
from shared.adapters.azure.arm.role import ACTIONS
from shared.adapters.azure.checks.asking import Question, listed, untold
from shared.domain.diagnosis import Diagnosis
from shared.domain.grants import Grant, not_granted
from shared.domain.health import Health

NAME: Final = "permissions"
WHY: Final = "What cannot be read cannot be judged: its controls are unknown, and blind spots."
PERMISSION: Final = "Microsoft.Authorization/permissions/read"
_VERSION: Final = "2022-04-01"


@dataclass(frozen=True, slots=True)
class Permissions:
    """Compares what whoever is signed in may do with what the monitor asks for.

    `assignee` is the client id of the monitor's identity, or what stands for it in a command.
    """

    arm: ArmClient
    assignee: str

    async def ask(self, subscription: str) -> Sequence[Diagnosis]:
        """Tell which actions are missing, one finding for each."""
        name = f"{NAME}.{subscription}"
        path = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/permissions"
        try:
            items = await listed(self.arm, Question(path, _VERSION, PERMISSION))
        except ArmError as error:
            return [untold(name, error, subscription, WHY)]
        missing = not_granted(ACTIONS, [Grant.of(each) for each in items])
        if not missing:
            said = f"All {len(ACTIONS)} actions are allowed."
            return [Diagnosis(name, Health.OK, said)]
        role = (
            f"az role assignment create --role Reader --assignee {self.assignee}"
            f" --scope /subscriptions/{subscription}"
        )
        remedy = (
            "Deploy again, which assigns the monitor's own role (`azd provision`), or give Reader."
        )
        return [
            Diagnosis(name, Health.FAULT, f"{each} is not allowed.", WHY, remedy, role)
            for each in missing
        ]
