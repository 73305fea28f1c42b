"""What errors of Azure's own clients mean for alerts."""

from datetime import datetime
from typing import TYPE_CHECKING

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
)

from shared.adapters.sinks.answers import failure, retry_after
from shared.ports import BusyError, PortError

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TEXT = 300
LONGEST_CODE = 64


def failure_of(error: AzureError, where: str, now: datetime) -> PortError:
    """Return what to raise for an error of a client; `where` names what was called."""
    told = error.__cause__
    if isinstance(told, HttpResponseError) and getattr(error, "status_code", None) is None:
        # Event Grid's client gives advice of its own in place of a 404.
        error = told
    if isinstance(error, HttpResponseError) and error.status_code is not None:
        # Its type knows less of an answer than every answer has.
        headers: Mapping[str, str] = getattr(error.response, "headers", {})
        # Of the error only its code: its message may repeat what was sent.
        code = str(getattr(error.error, "code", None) or "")[:LONGEST_CODE]
        return failure(where, error.status_code, retry_after(headers, now), code)
    if isinstance(error, ClientAuthenticationError):
        return BusyError(f"no token for {where}: {_brief(error)}")
    # Of the rest only this one was certainly never sent; all are sent again, with the same ids.
    if isinstance(error, ServiceRequestError):
        return BusyError(f"{where} cannot be reached: {_brief(error)}")
    return BusyError(f"{where} broke off: {_brief(error)}")


def _brief(error: AzureError) -> str:
    """Return the message of an error on one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
