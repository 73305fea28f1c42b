"""Events of a subscription, in both schemas."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.change import Actor, Operation, Origin, Outcome, ResourceChange
from shared.domain.resource_id import ResourceId
from shared.events.translate import translate

Recorded = Callable[[str], dict[str, Any]]

DEPLOYMENT = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-assistants-prod"
    "/providers/Microsoft.CognitiveServices/accounts/contoso-assistants/deployments/gpt-support"
)
MARA = Actor(
    name="mara.lindqvist@contoso.example",
    object_id="33333333-3333-3333-3333-333333333333",
    app_id="44444444-4444-4444-4444-444444444444",
)
WRITTEN = ResourceChange(
    resource_id=ResourceId.parse(DEPLOYMENT),
    operation=Operation.WRITE,
    operation_name="Microsoft.CognitiveServices/accounts/deployments/write",
    outcome=Outcome.SUCCEEDED,
    occurred_at=datetime(2026, 11, 18, 9, 41, 7, 123456, tzinfo=UTC),
    actor=MARA,
    correlation_id="c0000000-0000-4000-8000-000000000001",
    origin=Origin.SUBSCRIPTION_EVENT,
)


def changed(payload: object) -> ResourceChange:
    """The change that a message tells of."""
    result = translate(payload)
    assert isinstance(result, ResourceChange), result
    return result


@pytest.mark.parametrize("schema", ["eventgrid", "cloudevents"])
def test_a_write_is_read_from_both_schemas(recorded: Recorded, schema: str) -> None:
    """Resource, operation, outcome, time, actor and correlation come from the data."""
    assert translate(recorded(f"subscription-write.{schema}")) == WRITTEN


def test_a_delete_by_an_application_is_read(recorded: Recorded) -> None:
    """An application has no name: its object id stands for it."""
    change = changed(recorded("subscription-delete.eventgrid"))

    assert change.operation is Operation.DELETE
    assert change.operation_name == "Microsoft.CognitiveServices/accounts/raiPolicies/delete"
    assert change.proves_deletion
    assert change.resource_id.type == "Microsoft.CognitiveServices/accounts/raiPolicies"
    assert change.occurred_at == datetime(2026, 11, 18, 10, 2, 33, 500000, tzinfo=UTC)
    assert str(change.actor) == "77777777-7777-7777-7777-777777777777"


def test_a_pause_is_read(recorded: Recorded) -> None:
    """A POST action is a change of the resource that it is done to."""
    change = changed(recorded("subscription-action.eventgrid"))

    assert change.operation is Operation.ACTION
    assert change.operation_name == (
        "Microsoft.CognitiveServices/accounts/deployments/pause/action"
    )
    assert change.resource_id == ResourceId.parse(DEPLOYMENT)


@pytest.mark.parametrize("operation", list(Operation))
@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        ("Success", Outcome.SUCCEEDED),
        ("Failure", Outcome.FAILED),
        ("Cancel", Outcome.CANCELED),
    ],
)
def test_every_outcome_is_a_change(
    recorded: Recorded, operation: Operation, ending: str, outcome: Outcome
) -> None:
    """A failed write can have changed something; only a succeeded delete proves a deletion."""
    payload = recorded("subscription-write.eventgrid")
    payload["eventType"] = f"Microsoft.Resources.Resource{operation.capitalize()}{ending}"

    change = changed(payload)

    assert (change.operation, change.outcome) == (operation, outcome)
    gone = operation is Operation.DELETE and outcome is Outcome.SUCCEEDED
    assert change.proves_deletion is gone


def test_parts_may_come_as_json_text(recorded: Recorded) -> None:
    """Older events hold claims, authorization, the request and even the data as JSON text."""
    payload = recorded("subscription-write.eventgrid")
    payload["data"]["claims"] = json.dumps(payload["data"]["claims"])
    payload["data"]["authorization"] = json.dumps(payload["data"]["authorization"])
    payload["data"]["httpRequest"] = '{"method": "PUT"}'
    assert translate(payload) == WRITTEN

    payload["data"] = json.dumps(payload["data"])
    assert translate(payload) == WRITTEN


@pytest.mark.parametrize("odd", [None, "", "no json", "[]", 7, [], {"upn": 7}, {"upn": "a\nb"}])
def test_odd_claims_leave_the_actor_unknown(recorded: Recorded, odd: object) -> None:
    """Who did it only describes the change: it never makes one malformed."""
    payload = recorded("subscription-write.eventgrid")
    payload["data"] |= {"claims": odd, "authorization": odd, "httpRequest": odd}

    assert changed(payload).actor is None


@pytest.mark.parametrize("absent", [None, "", "  "])
def test_the_subject_names_the_resource_where_the_data_does_not(
    recorded: Recorded, absent: str | None
) -> None:
    """`resourceUri` counts first, then `subject`."""
    payload = recorded("subscription-write.eventgrid")
    payload["data"]["resourceUri"] = absent

    assert translate(payload) == WRITTEN


def test_the_operation_can_come_from_the_authorization(recorded: Recorded) -> None:
    """Without `operationName` the authorized action names the operation."""
    payload = recorded("subscription-write.eventgrid")
    del payload["data"]["operationName"]

    assert translate(payload) == WRITTEN


def test_without_any_data_the_event_is_still_a_hint(recorded: Recorded) -> None:
    """Type, subject and time are enough for a look."""
    payload = recorded("subscription-write.eventgrid")
    del payload["data"]
    change = changed(payload)

    assert change.resource_id == WRITTEN.resource_id
    assert change.operation_name == WRITTEN.operation_name
    assert (change.actor, change.correlation_id) == (None, None)

    payload["eventType"] = "Microsoft.Resources.ResourceActionSuccess"
    assert changed(payload).operation_name == (
        "Microsoft.CognitiveServices/accounts/deployments/unnamed/action"
    )


@pytest.mark.parametrize("schema", ["eventgrid", "cloudevents"])
def test_a_dead_letter_is_the_change_that_could_not_be_delivered(
    recorded: Recorded, schema: str
) -> None:
    """Only the origin differs, and for a CloudEvent without a time, the time of publishing."""
    change = changed(recorded(f"dead-letter.{schema}"))

    assert change.origin is Origin.DEAD_LETTER
    assert change.resource_id == WRITTEN.resource_id
    assert change.actor == MARA
    second = (
        WRITTEN.occurred_at
        if schema == "eventgrid"
        else datetime(2026, 11, 18, 9, 41, 8, 14700, tzinfo=UTC)
    )
    assert change.occurred_at == second


def test_an_event_without_a_time_that_was_delivered_is_malformed(recorded: Recorded) -> None:
    """Only dead letters may fall back on the time of publishing."""
    payload = recorded("dead-letter.cloudevents")
    del payload["deadletterreason"]

    assert not isinstance(translate(payload), ResourceChange)


def test_a_delete_of_a_child_that_names_its_parent_does_not_prove_the_parent_gone(
    recorded: Recorded,
) -> None:
    """The operation says what was deleted; an id of another type is not it."""
    payload = recorded("subscription-write.eventgrid")
    payload["eventType"] = "Microsoft.Resources.ResourceDeleteSuccess"
    payload["data"]["operationName"] = "Microsoft.CognitiveServices/accounts/deployments/delete"
    payload["data"]["resourceUri"] = ResourceId.parse(DEPLOYMENT).parent.text

    assert not changed(payload).proves_deletion
