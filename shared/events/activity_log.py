"""Rows of the Activity Log: the AzureActivity table of Log Analytics, and the REST API's entries.

One operation is several rows (start, accept, success or failure) of one correlation id; each is a
hint to look. Source: "AzureActivity" and "Azure Activity Log event schema", Microsoft Learn. The
table's page lists Started/Succeeded/Failed, its rows say Start/Accept/Success/Failure: both are
read.
"""

from collections.abc import Mapping
from typing import NamedTuple

from shared.domain.change import Origin, Outcome, ResourceChange
from shared.events.fields import json_object, text_at
from shared.events.notice import Notice, Told, change_from
from shared.events.outcome import Ignored

_OUTCOMES = {
    "start": Outcome.STARTED,
    "started": Outcome.STARTED,
    "accept": Outcome.ACCEPTED,
    "accepted": Outcome.ACCEPTED,
    "success": Outcome.SUCCEEDED,
    "succeeded": Outcome.SUCCEEDED,
    "failure": Outcome.FAILED,
    "failed": Outcome.FAILED,
    "cancel": Outcome.CANCELED,
    "canceled": Outcome.CANCELED,
    "cancelled": Outcome.CANCELED,
}


class _Columns(NamedTuple):
    """Where a form keeps what we read; of several columns the first that says something counts."""

    operation: tuple[str, ...]
    status: tuple[str, ...]
    resource: tuple[str, ...]
    time: str
    caller: str
    claims: tuple[str, ...]
    authorization: tuple[str, ...]
    correlation_id: str


_TABLE = _Columns(
    operation=("OperationNameValue", "OperationName"),
    status=("ActivityStatusValue", "ActivityStatus"),
    # ResourceId keeps the spelling of the request; _ResourceId is in lower case.
    resource=("ResourceId", "_ResourceId"),
    time="TimeGenerated",
    caller="Caller",
    claims=("Claims_d", "Claims"),
    authorization=("Authorization_d", "Authorization"),
    correlation_id="CorrelationId",
)
_REST = _Columns(
    operation=("operationName",),
    status=("status",),
    resource=("resourceId",),
    time="eventTimestamp",
    caller="caller",
    claims=("claims",),
    authorization=("authorization",),
    correlation_id="correlationId",
)


def columns_of(row: Mapping[str, object]) -> _Columns | None:
    """Return the columns of the form that a message is in, or None when it is no such row."""
    if any(column in row for column in _TABLE.operation):
        return _TABLE
    return _REST if "operationName" in row and "eventTimestamp" in row else None


def read(row: Mapping[str, object], columns: _Columns) -> ResourceChange | Ignored:
    """Read a row of the Activity Log.

    Raises:
        MalformedEventError: a field that decides the change cannot be read.
    """
    authorization = next(
        (found for column in columns.authorization if (found := json_object(row.get(column)))), {}
    )
    operation = _told(row, columns.operation)
    if operation.text is None or "/" not in operation.text or " " in operation.text:
        # A display name, "Create or update account": some rows have no other.
        action = text_at(authorization, "action", "authorization.action")
        operation = Told("authorization.action", action)
    resource = _told(row, columns.resource)
    if resource.text is None:
        scope = text_at(authorization, "scope", "authorization.scope")
        resource = Told("authorization.scope", scope) if scope else resource
    status = _told(row, columns.status).text or ""
    return change_from(
        Notice(
            operation=operation,
            kind=None,
            # A status that we do not know claims nothing: least of all that a delete succeeded.
            outcome=_OUTCOMES.get(status.strip().lower(), Outcome.STARTED),
            resource=resource,
            time=(columns.time, row.get(columns.time)),
            claims=next((row[column] for column in columns.claims if row.get(column)), None),
            caller=row.get(columns.caller),
            correlation_id=row.get(columns.correlation_id),
            origin=Origin.ACTIVITY_LOG,
        )
    )


def _told(row: Mapping[str, object], columns: tuple[str, ...]) -> Told:
    """Return the first of these columns that holds text, alone or as `{"value": …}`."""
    for column in columns:
        value = row.get(column)
        text = (
            text_at(value, "value", f"{column}.value")
            if isinstance(value, dict)
            else text_at(row, column)
        )
        if text is not None:
            return Told(column, text)
    return Told(columns[0], None)
