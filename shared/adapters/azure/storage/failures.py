"""What storage says when it fails, in the words of the ports."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
)

from shared.adapters.error_text import short
from shared.ports import PortError

BLOB_ROLE = "Storage Blob Data Contributor"
QUEUE_ROLE = "Storage Queue Data Contributor"
TABLE_ROLE = "Storage Table Data Contributor"

_BUSY = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


@contextmanager
def port_errors(doing: str, role: str) -> Iterator[None]:
    """Turn an error of the SDK into one of the port: what failed, and what to do about it.

    Args:
        doing: what was tried, as in "reading the snapshot of x".
        role: the role that the monitor's identity needs for it.

    Raises:
        PortError: the SDK raised.

    """
    try:
        yield
    except AzureError as error:
        raise port_error(doing, role, error) from error


def port_error(doing: str, role: str, error: AzureError) -> PortError:
    """Return the error of the port that an error of the SDK is, as `port_errors` raises it."""
    return PortError(f"{doing} failed: {_told(error, role)}")


def error_code(error: AzureError) -> str:
    """Return the code that storage gave (`QueueNotFound`), or "" where it gave none."""
    code = getattr(error, "error_code", None) or ""
    # An enumeration in one SDK, a text in the next.
    return str(getattr(code, "value", code))


def _told(error: AzureError, role: str) -> str:
    """Say what happened; the SDK's own text goes on for a page."""
    first = short(str(error).strip().partition("\n")[0])
    if not isinstance(error, HttpResponseError) or error.status_code is None:
        if isinstance(error, ClientAuthenticationError):
            return f"no token could be had for the monitor's identity ({first})"
        if isinstance(error, ServiceRequestError):
            return f"the storage account could not be reached ({first})"
        return first
    answer = f"{error.status_code} {error_code(error)}".strip()
    if error.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return (
            f"refused ({answer}). Give the monitor's identity the role {role} on the storage"
            " account, and see that the account's firewall lets the app in"
        )
    if error.status_code in _BUSY:
        return f"the storage account is busy or down ({answer})"
    return f"{answer}: {first}"
