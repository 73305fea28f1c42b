"""Whether the Activity Log of a watched subscription is exported to a workspace.

Source: "Diagnostic settings in Azure Monitor", Microsoft Learn; `Microsoft.Insights/
diagnosticSettings` of a subscription. That the rows arrive in the right one is asked there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.arm.problems import ArmError
from shared.adapters.azure.checks.asking import Question, listed, part, parts, text, untold
from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health

NAME: Final = "activity_log_export"
WHY: Final = "The Activity Log tells of changes that no event told of, and who made them."
SETTINGS: Final = "Microsoft.Insights/diagnosticSettings"
_VERSION: Final = "2021-05-01-preview"
_CATEGORY: Final = "administrative"


@dataclass(frozen=True, slots=True)
class ActivityLogExport:
    """Looks for an export of the category Administrative; `workspace` is where it is read."""

    arm: ArmClient
    workspace: str

    async def ask(self, subscription: str) -> Sequence[Diagnosis]:
        """Tell whether there is one."""
        name = f"{NAME}.{subscription}"
        path = f"/subscriptions/{subscription}/providers/{SETTINGS}"
        try:
            settings = await listed(self.arm, Question(path, _VERSION, f"{SETTINGS}/read"))
        except ArmError as error:
            return [untold(name, error, subscription, WHY)]
        good = [text(each, "name") for each in settings if _exports(each)]
        if good:
            return [Diagnosis(name, Health.OK, f"It is exported by {', '.join(sorted(good))}.")]
        found = "none of its diagnostic settings" if settings else "no diagnostic setting of it"
        said = f"It is not exported: {found} sends the category Administrative to a workspace."
        return [
            Diagnosis(
                name,
                Health.FAULT,
                said,
                WHY,
                "Export it to the workspace that the monitor reads.",
                export_command(subscription, self.workspace),
            )
        ]


def export_command(subscription: str, workspace: str) -> str:
    """Return the command that exports the Activity Log to a workspace, by its workspace id."""
    found = (
        '"$(az monitor log-analytics workspace list'
        f' --query "[?customerId==\'{workspace}\'].id" --output tsv)"'
    )
    return (
        "az monitor diagnostic-settings subscription create --name ai-compliance-monitor"
        f" --location global --subscription {subscription} --workspace {found}"
        ' --logs \'[{"category": "Administrative", "enabled": true}]\''
    )


def _exports(setting: Mapping[str, object]) -> bool:
    properties = part(setting, "properties")
    sends = any(
        text(each, "category").lower() == _CATEGORY and each.get("enabled") is True
        for each in parts(properties, "logs")
    )
    return sends and bool(text(properties, "workspaceId"))
