"""What storage says when it fails, in words that help."""

import pytest
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.storage.queue import StorageErrorCode

from shared.adapters.azure.storage.failures import (
    BLOB_ROLE,
    QUEUE_ROLE,
    error_code,
    port_errors,
)
from shared.ports import PortError


def answered(status: int, code: object) -> HttpResponseError:
    """Return the error that the SDK raises for an answer."""
    error = HttpResponseError("what the service says\nRequestId:1")
    error.status_code = status
    error.error_code = code  # type: ignore[attr-defined] # as the storage SDKs set it
    return error


def said(error: Exception, role: str = BLOB_ROLE) -> str:
    """Return what crosses the port."""
    with pytest.raises(PortError) as caught, port_errors("reading x", role):
        raise error
    assert caught.value.__cause__ is error
    return str(caught.value)


@pytest.mark.parametrize("role", [BLOB_ROLE, QUEUE_ROLE])
def test_a_refusal_names_the_role_that_is_missing(role: str) -> None:
    """And the other thing that refuses: the account's firewall."""
    text = said(answered(403, "AuthorizationPermissionMismatch"), role)

    assert text.startswith("reading x failed: refused (403 AuthorizationPermissionMismatch).")
    assert f"the role {role}" in text
    assert "firewall" in text


def test_an_outage_is_told_from_a_fault() -> None:
    """Nobody need do anything about the first."""
    assert said(answered(503, "ServerBusy")) == (
        "reading x failed: the storage account is busy or down (503 ServerBusy)"
    )
    assert said(answered(400, "InvalidHeaderValue")) == (
        "reading x failed: 400 InvalidHeaderValue: what the service says"
    )


def test_what_never_came_to_an_answer_is_said_too() -> None:
    """No token, no connection, a broken one."""
    assert "no token could be had" in said(ClientAuthenticationError("managed identity is off"))
    assert "could not be reached (no such host)" in said(ServiceRequestError("no such host"))
    assert said(ServiceResponseError("reset")) == "reading x failed: reset"


def test_the_password_of_a_proxy_is_in_no_error_that_is_kept() -> None:
    """The error of aiohttp has it when the proxy refuses."""
    told = "407, message='Required', url='http://user:s3cret@proxy:8080'"

    assert said(ServiceRequestError(told)) == (
        "reading x failed: the storage account could not be reached"
        " (407, message='Required', url='http://…@proxy:8080')"
    )


def test_only_errors_of_the_sdk_are_turned() -> None:
    """A fault of ours stays one."""
    with pytest.raises(ZeroDivisionError), port_errors("reading x", BLOB_ROLE):
        raise ZeroDivisionError


def test_a_code_is_text_whichever_sdk_gave_it() -> None:
    """One gives an enumeration, one text, and some errors have none."""
    assert error_code(answered(404, StorageErrorCode.QUEUE_NOT_FOUND)) == "QueueNotFound"
    assert error_code(answered(404, "TableNotFound")) == "TableNotFound"
    assert error_code(AzureError("x")) == ""
