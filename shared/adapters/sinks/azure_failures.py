"""What errors of Azure's own clients mean for alerts."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
)

from shared.adapters.error_text import short
from shared.adapters.retry_after import read_retry_after
from shared.adapters.sinks.answers import LONGEST_WAIT, failure
from shared.ports import BusyError, PortError

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{1,63}")


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
        code = str(getattr(error.error, "code", None) or "")
        code = code if _CODE.fullmatch(code) else ""
        wait = read_retry_after(headers, now, LONGEST_WAIT)
        return failure(where, error.status_code, wait, code)
    if isinstance(error, ClientAuthenticationError):
        return BusyError(f"no token for {where}: {_brief(error)}")
    # Of the rest only this one was certainly never sent; all are sent again, with the same ids.
    if isinstance(error, ServiceRequestError):
        return BusyError(f"{where} cannot be reached: {_brief(error)}")
    return BusyError(f"{where} broke off: {_brief(error)}")


def _brief(error: AzureError) -> str:
    """Return the message of an error on one line."""
    return short(str(error)) or type(error).__name__
