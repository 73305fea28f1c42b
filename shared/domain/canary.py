"""The canary: a made-up change of a resource that is nowhere, to see whether it would be told of.

It takes the way of a real change, from the queue of looks to the table of alerts, and belongs to
nothing else: no posture, no sweep, no list of alerts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.domain.resource_id import ResourceId

SUBSCRIPTION: Final = "00000000-0000-0000-0000-000000000000"
"""Azure gives this id to nobody."""
CANARY: Final = ResourceId.parse(
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/compliance-monitor"
    "/providers/Microsoft.CognitiveServices/accounts/canary"
)
"""The reserved root."""
TOLD_TO: Final = ("log_analytics",)
"""Names of the sinks that are told of it; nobody else is."""
EVERY: Final = timedelta(minutes=30)
LATE_AFTER: Final = timedelta(minutes=75)
"""Two in a row did not arrive. As in `infra/alerts/no_canary.kql`."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A canary that arrived: when it was queued, recorded by a look, and told (UTC)."""

    sent_at: datetime
    recorded_at: datetime
    told_at: datetime

    @property
    def took(self) -> timedelta:
        """How long it was on its way; clocks that disagree make no negative time."""
        return max(self.told_at - self.sent_at, timedelta())
