"""From what a wire form says of a change to the change itself: is it ours, and can it be read?

One order for every wire form: what is not ours by its operation is dropped before its id and time
are looked at, so that foreign messages are never malformed for something that nobody needs.
"""

from typing import NamedTuple

from shared.domain.change import Operation, Origin, Outcome, ResourceChange
from shared.domain.resource_id import MalformedResourceIdError, ResourceId
from shared.domain.topology import ROOT_TYPES
from shared.events.actor import actor_of
from shared.events.fields import label, moment
from shared.events.operations import (
    LONGEST_OPERATION,
    NamedOperation,
    operation_named,
    root_type_of,
)
from shared.events.outcome import Ignored, IgnoredReason, MalformedEventError, shown

_UNDER_ROOTS = tuple(f"{root}/" for root in ROOT_TYPES)
# What is said of an operation that has no name, by its kind.
_VERBS = {
    Operation.WRITE: "write",
    Operation.DELETE: "delete",
    Operation.ACTION: "unnamed/action",
    None: "unnamed/action",
}
_WITHIN_ROOTS = tuple(f"/providers/{root}/" for root in ROOT_TYPES)


class Told(NamedTuple):
    """A text and the field that said it, for reasons."""

    field: str
    text: str | None


class Notice(NamedTuple):
    """What a wire form says of a change, before it is known to be ours.

    `kind` None: the operation's name says it. `operation` may be unnamed when `kind` is given.
    `time` is a field's name and its value as it came.
    """

    operation: Told
    kind: Operation | None
    outcome: Outcome
    resource: Told
    time: tuple[str, object]
    claims: object
    caller: object
    correlation_id: object
    origin: Origin


def change_from(notice: Notice) -> ResourceChange | Ignored:
    """Turn a notice into a change, or say why it is none of ours.

    Raises:
        MalformedEventError: it is ours, but its operation, id or time cannot be read.
    """
    if notice.operation.text is None:
        resource_id = _parsed(notice.resource)
        operation = operation_named(f"{resource_id.type}/{_VERBS[notice.kind]}")
        if operation.ignored:
            return Ignored(operation.ignored)
    else:
        operation = operation_named(_bounded(notice.operation))
        if operation.ignored:
            return Ignored(operation.ignored)
        if not _names_our_root(operation, notice.resource):
            return Ignored(_elsewhere(operation))
        resource_id = _parsed(notice.resource)
    return _placed(notice, operation, resource_id)


def _placed(
    notice: Notice, operation: NamedOperation, resource_id: ResourceId
) -> ResourceChange | Ignored:
    """Build the change of a resource, unless it lies under no root of ours."""
    if resource_id.type.lower() == "microsoft.resources/deployments":
        return Ignored(IgnoredReason.TEMPLATE_DEPLOYMENT)
    if root_type_of(resource_id) is None:
        return Ignored(_elsewhere(operation))
    return ResourceChange(
        resource_id=resource_id,
        operation=notice.kind or operation.kind,
        operation_name=operation.name,
        outcome=notice.outcome,
        occurred_at=moment(notice.time[1], notice.time[0]),
        actor=actor_of(notice.claims, notice.caller),
        correlation_id=label(notice.correlation_id),
        origin=notice.origin,
    )


def _names_our_root(operation: NamedOperation, resource: Told) -> bool:
    """Whether operation or id speak of a root; if neither does, the id need not be readable.

    `Microsoft.CognitiveServices/register/action` is about a subscription and names no ARM id, and
    diagnostic settings can belong to anything.
    """
    if operation.ours and f"{operation.resource_type}/".startswith(_UNDER_ROOTS):
        return True
    lower = (resource.text or "").lower()
    return any(part in lower for part in _WITHIN_ROOTS)


def _elsewhere(operation: NamedOperation) -> IgnoredReason:
    return IgnoredReason.NO_ROOT if operation.ours else IgnoredReason.OTHER_PROVIDER


def _bounded(operation: Told) -> str:
    text = operation.text or ""
    if len(text) > LONGEST_OPERATION or not text.isprintable():
        raise MalformedEventError(f"{operation.field} {shown(text)} is no operation name")
    return text


def _parsed(resource: Told) -> ResourceId:
    if resource.text is None:
        raise MalformedEventError(f"{resource.field} is missing, so no resource is named")
    try:
        return ResourceId.parse(resource.text)
    except MalformedResourceIdError as error:
        reason = f"{resource.field} {shown(resource.text)} is no ARM id ({error})"
        raise MalformedEventError(reason) from error
