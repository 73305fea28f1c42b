"""What an HTTP status says of alerts: told, try again, mend something, or never.

413 is a `TooLargeError`: less at once may be taken. 400 and 422 are a `RefusedError`: these alerts
will never be taken, others may. All else is a `BusyError`, also what a person has to mend (401,
403, 404, 410, …, a 400 whose code says so): the alerts are kept and tried again, and the message
says what is wrong.
"""

from datetime import timedelta
from http import HTTPStatus

from shared.ports import BusyError, PortError, RefusedError

LONGEST_WAIT = timedelta(days=1)
"""A longer Retry-After is taken for this: an outage may be over sooner than somebody thought."""

_REFUSED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_PASSING = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
_TO_MEND = {
    HTTPStatus.UNAUTHORIZED: "it does not accept how we sign in; check its address and rights",
    HTTPStatus.FORBIDDEN: "we may not post there; check its address and rights",
    HTTPStatus.NOT_FOUND: "nothing is there; check its address",
    HTTPStatus.GONE: "it is gone for good; make a new one and set its address",
}
_SWITCHED_OFF = frozenset(
    {"WorkflowTriggerIsNotEnabled", "WorkflowDisabled", "WorkflowNotFound", "InvalidStream"}
)
"""Codes of a 400 that is about the sink itself, and not about what it was sent.

A workflow of Teams that somebody turned off or deleted answers 400 `WorkflowTriggerIsNotEnabled`:
no page of Microsoft's says so, those who use them report it.
"""


class TooLargeError(RefusedError):
    """More was sent at once than the sink takes."""


def failure(where: str, status: int, wait: timedelta | None = None, code: str = "") -> PortError:
    """Return what to raise for a status that is no success.

    `where` is what may be shown of the address, `wait` the Retry-After, `code` the sink's own word.
    """
    said = f"{where} answered {status}" + (f" ({code})" if code else "")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return TooLargeError(f"{said}: it is too large")
    if status in _REFUSED and code not in _SWITCHED_OFF:
        return RefusedError(f"{said}: it does not take what it was sent")
    if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return BusyError(said, wait)
    return BusyError(f"{said}: {_to_mend(status, code)}", wait)


def _to_mend(status: int, code: str) -> str:
    """Say what is wrong with a sink, and what a person can do."""
    if code in _SWITCHED_OFF:
        return "it is turned off or gone; turn it on, or set its new address"
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return "nobody can read what else it said"
    if status < HTTPStatus.BAD_REQUEST:
        return "it sends us elsewhere, and we do not follow; set its new address"
    known = (text for each, text in _TO_MEND.items() if each == status)
    return next(known, "it is not set up as we need it")
