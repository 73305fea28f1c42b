"""Azure Resource Notifications, in both schemas."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.change import Operation, Origin, Outcome, ResourceChange
from shared.domain.resource_id import ResourceId
from shared.events.outcome import Ignored, IgnoredReason, Malformed
from shared.events.translate import translate

Recorded = Callable[[str], dict[str, Any]]

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
WORKSPACE = ResourceId.parse(
    f"{SUBSCRIPTION}/resourceGroups/rg-ml"
    "/providers/Microsoft.MachineLearningServices/workspaces/contoso-ml"
)
ACCOUNT = ResourceId.parse(
    f"{SUBSCRIPTION}/resourceGroups/rg-assistants-prod"
    "/providers/Microsoft.CognitiveServices/accounts/contoso-assistants"
)
WRITTEN = ResourceChange(
    resource_id=WORKSPACE,
    operation=Operation.WRITE,
    operation_name="Microsoft.MachineLearningServices/workspaces/write",
    outcome=Outcome.SUCCEEDED,
    occurred_at=datetime(2026, 11, 18, 11, 0, 5, 841806, tzinfo=UTC),
    actor=None,
    correlation_id=None,
    origin=Origin.RESOURCE_NOTIFICATION,
)


@pytest.mark.parametrize("schema", ["eventgrid", "cloudevents"])
def test_created_or_updated_is_a_write_without_an_actor(recorded: Recorded, schema: str) -> None:
    """It happened when the resource says, not when the event was sent."""
    assert translate(recorded(f"notification-created.{schema}")) == WRITTEN


@pytest.mark.parametrize("schema", ["eventgrid", "cloudevents"])
def test_deleted_proves_a_deletion(recorded: Recorded, schema: str) -> None:
    """A notification of a deletion stands for a succeeded delete."""
    change = translate(recorded(f"notification-deleted.{schema}"))

    assert isinstance(change, ResourceChange)
    assert change.resource_id == ACCOUNT
    assert change.operation_name == "Microsoft.CognitiveServices/accounts/delete"
    assert change.proves_deletion


def test_the_event_time_stands_in_for_a_missing_resource_time(recorded: Recorded) -> None:
    """Without `resourceEventTime` it happened when the event says."""
    payload = recorded("notification-created.eventgrid")
    del payload["data"]["operationalInfo"]
    change = translate(payload)

    assert isinstance(change, ResourceChange)
    assert change.occurred_at == datetime(2026, 11, 18, 11, 0, 9, tzinfo=UTC)


@pytest.mark.parametrize("lacking", [["type"], ["id"], ["type", "id"]])
def test_type_and_id_can_come_from_elsewhere(recorded: Recorded, lacking: list[str]) -> None:
    """The id tells the type, and the subject repeats the id."""
    payload = recorded("notification-created.eventgrid")
    for key in lacking:
        del payload["data"]["resourceInfo"][key]

    assert translate(payload) == WRITTEN


def test_a_dead_letter_keeps_its_origin(recorded: Recorded) -> None:
    """An undelivered notification is a dead letter first."""
    payload = recorded("notification-created.eventgrid") | {"deadLetterReason": "Busy"}
    change = translate(payload)

    assert isinstance(change, ResourceChange)
    assert change.origin is Origin.DEAD_LETTER


def test_without_a_type_the_id_says_that_it_is_foreign(recorded: Recorded) -> None:
    """A storage account's id is enough to ignore the notification."""
    payload = recorded("notification-created.eventgrid")
    foreign = f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/docs"
    payload["data"]["resourceInfo"] = {"id": foreign}

    assert translate(payload) == Ignored(IgnoredReason.OTHER_PROVIDER)


def test_other_types_are_ignored_before_their_id_is_read(recorded: Recorded) -> None:
    """A storage account's notification is foreign, with or without a readable id."""
    payload = recorded("notification-created.eventgrid")
    payload["data"]["resourceInfo"] |= {"type": "Microsoft.Storage/storageAccounts", "id": "?"}
    assert translate(payload) == Ignored(IgnoredReason.OTHER_PROVIDER)

    payload["data"]["resourceInfo"] |= {"type": "Microsoft.Resources/deployments", "id": "?"}
    assert translate(payload) == Ignored(IgnoredReason.TEMPLATE_DEPLOYMENT)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"resourceInfo": []}, "data.resourceInfo is a list, not an object"),
        (
            {"resourceInfo": {"type": 1}},
            "data.resourceInfo.type is a number, not text",
        ),
        (
            {"resourceInfo": {"type": "Microsoft.CognitiveServices/accounts", "id": "x"}},
            "data.resourceInfo.id 'x' is no ARM id (does not begin with /subscriptions/<id>)",
        ),
        (
            {
                "resourceInfo": {"id": ACCOUNT.text},
                "operationalInfo": {"resourceEventTime": "now"},
            },
            "data.operationalInfo.resourceEventTime 'now' is no RFC 3339 time",
        ),
    ],
)
def test_unreadable_notifications_are_malformed(
    recorded: Recorded, data: dict[str, object], reason: str
) -> None:
    """The reason names the field inside the data."""
    payload = recorded("notification-created.eventgrid") | {"data": data}

    assert translate(payload) == Malformed(reason)
