"""A change that somebody made in Azure, whatever wire form told of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.resource_id import ResourceId


class Operation(StrEnum):
    """What was done to the resource."""

    WRITE = "write"
    DELETE = "delete"
    ACTION = "action"


class Outcome(StrEnum):
    """How far the operation got.

    A look follows whatever it is, but only a succeeded delete proves a deletion.
    """

    STARTED = "started"
    ACCEPTED = "accepted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Origin(StrEnum):
    """Which wire form told of the change."""

    SUBSCRIPTION_EVENT = "subscription_event"
    RESOURCE_NOTIFICATION = "resource_notification"
    ACTIVITY_LOG = "activity_log"
    DEAD_LETTER = "dead_letter"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who made the change.

    At least one of a name (user or caller), an Entra object id, an application id.
    """

    name: str | None = None
    object_id: str | None = None
    app_id: str | None = None

    def __str__(self) -> str:
        """Return the name, else the object id, else the application id."""
        return self.name or self.object_id or self.app_id or "unknown"


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """Somebody did something to a resource: a hint to look, never evidence.

    `operation_name` is Azure's full name
    (`Microsoft.CognitiveServices/accounts/deployments/write`), `occurred_at` is UTC and Azure's
    word.
    """

    resource_id: ResourceId
    operation: Operation
    operation_name: str
    outcome: Outcome
    occurred_at: datetime
    actor: Actor | None
    correlation_id: str | None
    origin: Origin

    @property
    def proves_deletion(self) -> bool:
        """Whether this says that the resource is gone (together with a 404).

        An operation on a child that names its parent says nothing of the parent.
        """
        of_this_type = (
            self.operation_name.rpartition("/")[0].lower() == self.resource_id.type.lower()
        )
        succeeded = self.outcome is Outcome.SUCCEEDED
        return self.operation is Operation.DELETE and succeeded and of_this_type
