"""What is signed of a request, as in the examples of "Authorize with Shared Key"."""

import pytest
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.rest import HttpRequest

from shared.adapters.azure.storage.shared_key import SharedKeyPolicy, TableKeyPolicy

CREDENTIAL = AzureNamedKeyCredential("myaccount", "a2V5")
DATED = {"x-ms-version": "2015-02-21", "x-ms-date": "Fri, 26 Jun 2015 23:39:12 GMT"}


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        (
            HttpRequest(
                "GET",
                "https://here/mycontainer?restype=container&comp=metadata&timeout=20",
                headers=DATED,
            ),
            (
                "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\n"
                "x-ms-version:2015-02-21\n/myaccount/mycontainer\ncomp:metadata\nrestype:container\n"
                "timeout:20"
            ),
        ),
        (
            HttpRequest(
                "PUT",
                "https://here/mycontainer/a",
                headers={**DATED, "Content-Type": "text/plain", "If-Match": '"1"'},
                content=b"eleven byte",
            ),
            (
                'PUT\n\n\n11\n\ntext/plain\n\n\n"1"\n\n\n\n'
                "x-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\n"
                "x-ms-version:2015-02-21\n/myaccount/mycontainer/a"
            ),
        ),
    ],
)
def test_of_a_request_to_blobs_and_queues_headers_and_options_are_signed(
    request_: HttpRequest, text: str
) -> None:
    """Those of the service itself in the order of their names."""
    assert SharedKeyPolicy(CREDENTIAL).signed(request_) == text


def test_of_a_request_to_tables_its_type_time_and_place_are_signed() -> None:
    """With the row's key as it is sent."""
    headers = {**DATED, "Content-Type": "application/json"}
    sent = HttpRequest("PUT", "https://here/t(PartitionKey='0',RowKey='%2F')", headers=headers)

    assert TableKeyPolicy(CREDENTIAL).signed(sent) == (
        "PUT\n\napplication/json\nFri, 26 Jun 2015 23:39:12 GMT\n"
        "/myaccount/t(PartitionKey='0',RowKey='%2F')"
    )
