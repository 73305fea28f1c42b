"""Rows of AzureActivity, and entries of the Activity Log's REST API."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.change import Actor, Operation, Origin, Outcome, ResourceChange
from shared.domain.resource_id import ResourceId
from shared.events.outcome import Ignored, IgnoredReason, Malformed
from shared.events.translate import translate

Recorded = Callable[[str], dict[str, Any]]

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
ACCOUNT = (
    f"{SUBSCRIPTION}/resourceGroups/rg-assistants-prod"
    "/providers/Microsoft.CognitiveServices/accounts/contoso-assistants"
)
MARA = Actor(
    name="mara.lindqvist@contoso.example",
    object_id="33333333-3333-3333-3333-333333333333",
    app_id="44444444-4444-4444-4444-444444444444",
)
WRITTEN = ResourceChange(
    resource_id=ResourceId.parse(f"{ACCOUNT}/deployments/gpt-support"),
    operation=Operation.WRITE,
    operation_name="Microsoft.CognitiveServices/accounts/deployments/write",
    outcome=Outcome.SUCCEEDED,
    occurred_at=datetime(2026, 11, 18, 9, 41, 7, 123456, tzinfo=UTC),
    actor=MARA,
    correlation_id="c0000000-0000-4000-8000-000000000006",
    origin=Origin.ACTIVITY_LOG,
)


def changed(payload: object) -> ResourceChange:
    """The change that a message tells of."""
    result = translate(payload)
    assert isinstance(result, ResourceChange), result
    return result


def test_a_row_in_capitals_is_read(recorded: Recorded) -> None:
    """The operation gets ARM's spelling back; the id compares as in any other form."""
    change = changed(recorded("azure-activity.row"))

    assert change == WRITTEN
    assert change.operation_name == "Microsoft.CognitiveServices/accounts/deployments/write"


def test_an_old_row_is_read(recorded: Recorded) -> None:
    """Old columns, a time without an offset and empty claims are no obstacle."""
    change = changed(recorded("azure-activity.old-row"))

    assert change.operation is Operation.DELETE
    assert change.outcome is Outcome.SUCCEEDED
    assert change.resource_id.name == "triage"
    assert change.occurred_at == datetime(2026, 11, 18, 12, 0, 1, 500000, tzinfo=UTC)
    assert change.actor == Actor(name="77777777-7777-7777-7777-777777777777")


def test_a_rest_entry_is_read(recorded: Recorded) -> None:
    """Names are nested as `value`, as `az monitor activity-log list` prints them."""
    assert changed(recorded("activity-log.entry")) == ResourceChange(
        resource_id=ResourceId.parse(ACCOUNT),
        operation=Operation.WRITE,
        operation_name="Microsoft.CognitiveServices/accounts/write",
        outcome=Outcome.ACCEPTED,
        occurred_at=datetime(2026, 11, 18, 13, 7, 31, 381067, tzinfo=UTC),
        actor=MARA,
        correlation_id="c0000000-0000-4000-8000-000000000008",
        origin=Origin.ACTIVITY_LOG,
    )


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("Start", Outcome.STARTED),
        ("Started", Outcome.STARTED),
        ("Accept", Outcome.ACCEPTED),
        ("Accepted", Outcome.ACCEPTED),
        ("Success", Outcome.SUCCEEDED),
        ("Succeeded", Outcome.SUCCEEDED),
        ("SUCCEEDED", Outcome.SUCCEEDED),
        ("Failure", Outcome.FAILED),
        ("Failed", Outcome.FAILED),
        ("Canceled", Outcome.CANCELED),
        ("Cancelled", Outcome.CANCELED),
        ("In Progress", Outcome.STARTED),
        ("", Outcome.STARTED),
        (None, Outcome.STARTED),
    ],
)
@pytest.mark.parametrize("column", ["ActivityStatusValue", "ActivityStatus"])
def test_every_spelling_of_a_status_is_an_outcome(
    recorded: Recorded, column: str, status: str | None, outcome: Outcome
) -> None:
    """A status that we do not know counts as started, which claims nothing."""
    row = recorded("azure-activity.row")
    del row["ActivityStatusValue"]

    assert changed(row | {column: status}).outcome is outcome
    entry = recorded("activity-log.entry") | {"status": {"value": status, "localizedValue": "?"}}
    assert changed(entry).outcome is outcome


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("WRITE", Operation.WRITE),
        ("DELETE", Operation.DELETE),
        ("RESUME/ACTION", Operation.ACTION),
        ("SOMETHINGNEW", Operation.ACTION),
    ],
)
def test_the_name_tells_the_kind_of_operation(
    recorded: Recorded, operation: str, kind: Operation
) -> None:
    """Write and delete end so; all else is an action."""
    row = recorded("azure-activity.row")
    row["OperationNameValue"] = f"MICROSOFT.COGNITIVESERVICES/ACCOUNTS/DEPLOYMENTS/{operation}"

    assert changed(row).operation is kind


def test_claims_may_come_as_text_or_not_at_all(recorded: Recorded) -> None:
    """`Claims_d` counts, else `Claims`, else the caller alone."""
    row = recorded("azure-activity.row")
    row["Claims_d"] = json.dumps(row["Claims_d"])
    assert translate(row) == WRITTEN

    del row["Claims_d"]
    assert translate(row) == WRITTEN

    del row["Claims"]
    assert changed(row).actor == Actor(name=MARA.name)

    row["Caller"] = 7
    assert changed(row).actor is None


def test_either_column_of_the_resource_counts(recorded: Recorded) -> None:
    """`ResourceId` and `_ResourceId` name the same resource."""
    row = recorded("azure-activity.row")
    row["ResourceId"] = row.pop("_ResourceId").upper()
    assert translate(row) == WRITTEN

    row["ResourceId"] = ""
    assert translate(row) == WRITTEN, "the scope of the authorization is left"


@pytest.mark.parametrize("shown", ["Create or update deployment", "Create/update deployment", None])
def test_a_display_name_is_no_operation(recorded: Recorded, shown: str | None) -> None:
    """Where the row holds only a display name, the authorized action names the operation."""
    row = recorded("azure-activity.row") | {"OperationNameValue": shown, "OperationName": shown}
    assert translate(row) == WRITTEN

    row |= {"Authorization": "", "Authorization_d": None}
    change = changed(row)
    assert change.operation is Operation.ACTION, "and with no name at all, it is still a hint"
    assert change.resource_id == WRITTEN.resource_id


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ("MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE", IgnoredReason.OTHER_PROVIDER),
        ("MICROSOFT.RESOURCES/DEPLOYMENTS/WRITE", IgnoredReason.TEMPLATE_DEPLOYMENT),
        ("MICROSOFT.AUTHORIZATION/POLICIES/AUDIT/ACTION", IgnoredReason.POLICY),
        ("MICROSOFT.COGNITIVESERVICES/ACCOUNTS/LISTKEYS/ACTION", IgnoredReason.HARMLESS_ACTION),
    ],
)
def test_rows_that_are_not_ours_are_ignored(
    recorded: Recorded, operation: str, reason: IgnoredReason
) -> None:
    """The same reasons as for events."""
    row = recorded("azure-activity.row") | {"OperationNameValue": operation}

    assert translate(row) == Ignored(reason)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"OperationNameValue": 7}, "OperationNameValue is a number, not text"),
        ({"ActivityStatusValue": []}, "ActivityStatusValue is a list, not text"),
        ({"TimeGenerated": None}, "TimeGenerated is missing"),
        (
            {"TimeGenerated": "11/18/2026, 9:41:07.123 AM"},
            "TimeGenerated '11/18/2026, 9:41:07.123 AM' is no RFC 3339 time",
        ),
        (
            {"_ResourceId": "/subscriptions"},
            "_ResourceId '/subscriptions' is no ARM id (does not begin with /subscriptions/<id>)",
        ),
        (
            {"_ResourceId": "", "Authorization": "", "Authorization_d": ""},
            "ResourceId is missing, so no resource is named",
        ),
    ],
)
def test_unreadable_rows_are_malformed(
    recorded: Recorded, wrong: dict[str, object], reason: str
) -> None:
    """The reason names the column."""
    assert translate(recorded("azure-activity.row") | wrong) == Malformed(reason)
