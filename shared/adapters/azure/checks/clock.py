"""Whether this machine's clock agrees with ARM's, as an answer of Resource Graph tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from shared.adapters.azure.arm.api_versions import STABLE
from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.arm.problems import ArmError
from shared.adapters.azure.arm.resource_graph import PATH, PERMISSION
from shared.adapters.azure.checks.asking import untold
from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health
from shared.ports import Clock

NAME: Final = "clock.arm"
WHY: Final = "Azure refuses requests signed for another time, and ages are counted wrong."
OFF: Final = timedelta(seconds=30)
WRONG: Final = timedelta(minutes=5)
COMMAND: Final = "sudo timedatectl set-ntp true"


@dataclass(frozen=True, slots=True)
class ArmClock:
    """Compares clocks by the `Date` of an answer, which is in whole seconds."""

    arm: ArmClient
    clock: Clock

    async def ask(self, subscription: str) -> Sequence[Diagnosis]:
        """Tell how far the clocks are apart."""
        body = {
            "subscriptions": [subscription],
            "query": "resources | where type in~ ('Microsoft.CognitiveServices/accounts')"
            " | project id, name, type | order by id asc",
            "options": {"$top": 1, "resultFormat": "objectArray"},
        }
        version = STABLE["Microsoft.ResourceGraph"][0]
        try:
            _, headers = await self.arm.post(PATH, version, body, permission=PERMISSION)
        except ArmError as error:
            return [untold(NAME, error, subscription, WHY)]
        read_at = self.clock.now()
        try:
            told_at = parsedate_to_datetime(headers.get("Date", ""))
        except ValueError:
            said = "ARM does not say what time it is."
            return [Diagnosis(NAME, Health.WARN, said, WHY, "Compare it by hand.", "date --utc")]
        off = round((read_at - told_at).total_seconds())
        apart = abs(read_at - told_at)
        health = Health.FAULT if apart > WRONG else Health.WARN if apart > OFF else Health.OK
        said = f"This machine's clock is {abs(off)} s {'ahead of' if off >= 0 else 'behind'} ARM's."
        if health is Health.OK:
            return [Diagnosis(NAME, health, said)]
        return [Diagnosis(NAME, health, said, WHY, "Set the clock by a time server.", COMMAND)]
