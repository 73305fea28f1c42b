"""Transactions as they go over the wire, and what is made of the answers."""

from dataclasses import dataclass, field
from typing import cast

import pytest
from azure.core.exceptions import ServiceResponseError
from azure.core.pipeline.transport import AsyncHttpResponse

from shared.adapters.azure.storage.changesets import Outcome, changeset, outcomes_of
from shared.adapters.azure.storage.direct import StorageRefusalError
from shared.adapters.azure.storage.operations import Act, Operation
from shared.adapters.azure.storage.table_addresses import TableAddresses

WRITTEN = 'HTTP/1.1 204 No Content\r\nDataServiceVersion: 1.0;\r\nETag: W/"{}"\r\n\r\n\r\n'
REFUSED = (
    "HTTP/1.1 {} {}\r\nContent-ID: 2\r\nContent-Type: application/json;charset=utf-8\r\n\r\n"
    '{{"odata.error":{{"code":"{}","message":{{"value":"1:That is so.\\nTime:1"}}}}}}'
    "\r\n"
)


@dataclass
class Answered:
    """What an answer of the service has."""

    told: bytes
    headers: dict[str, str] = field(default_factory=dict)
    status_code: int = 202
    reason: str = "Accepted"

    def body(self) -> bytes:
        """Return the body."""
        return self.told

    def text(self) -> str:
        """Return the body as text."""
        return self.told.decode()


def answered(*parts: str) -> AsyncHttpResponse:
    """Return the answer to a transaction."""
    mime = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    inner = "".join(f"--changesetresponse_2\r\n{mime}{each}" for each in parts)
    told = (
        "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_2\r\n\r\n"
        f"{inner}--changesetresponse_2--\r\n--batchresponse_1--\r\n"
    )
    return cast("AsyncHttpResponse", Answered(told.encode()))


def test_each_operation_is_a_request_of_its_own() -> None:
    """With its address, its condition and its row, and no row where it deletes one."""
    at = TableAddresses("http://h/acct", "things")
    operations = [
        Operation(Act.INSERT, "a", {"x": 1}),
        Operation(Act.REPLACE, "b", {"x": 2}, 'W/"1"'),
        Operation(Act.MERGE, "c", {"x": 3}),
        Operation(Act.DELETE, "d"),
    ]
    kind, body = changeset(at, "01", operations)
    name = kind.partition("boundary=batch_")[2]
    parts = body.decode().split(f"--changeset_{name}\r\n")[1:]
    first, *_ = parts[0].split("\r\n\r\n")[1].split("\r\n")
    lines = [each.partition("\r\n\r\n")[2].split("\r\n") for each in parts]

    assert first == "POST http://h/acct/things HTTP/1.1"
    assert [each[0].rpartition(" ")[0] for each in lines] == [
        "POST http://h/acct/things",
        "PUT http://h/acct/things(PartitionKey='01',RowKey='b')",
        "PATCH http://h/acct/things(PartitionKey='01',RowKey='c')",
        "DELETE http://h/acct/things(PartitionKey='01',RowKey='d')",
    ]
    assert [next((x for x in each if x.startswith("If-Match")), "") for each in lines] == [
        "",
        'If-Match: W/"1"',
        "If-Match: *",
        "If-Match: *",
    ]
    assert ['{"PartitionKey":"01"' in each for each in parts] == [True, True, True, False]
    assert body.endswith(f"--changeset_{name}--\r\n\r\n--batch_{name}--\r\n".encode())


def test_of_what_was_done_the_etags_are_told() -> None:
    """In the order of the operations."""
    found = outcomes_of(answered(WRITTEN.format(1), WRITTEN.format(2)), 2)

    assert found == [Outcome(204, 'W/"1"', b""), Outcome(204, 'W/"2"', b"")]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (412, "UpdateConditionNotSatisfied"),
        (409, "EntityAlreadyExists"),
        (404, "ResourceNotFound"),
        (404, "TableNotFound"),
        (413, "RequestBodyTooLarge"),
        (429, "TooManyRequests"),
        (503, "ServerBusy"),
    ],
)
def test_a_refusal_is_that_of_the_operation_that_failed(status: int, code: str) -> None:
    """The answer itself is a 202."""
    with pytest.raises(StorageRefusalError, match="1:That is so") as raised:
        outcomes_of(answered(REFUSED.format(status, "Why", code)), 3)

    assert (raised.value.status_code, raised.value.error_code) == (status, code)


def test_a_refusal_of_all_operations_is_found_behind_a_line_too_many() -> None:
    """As the emulator writes it."""
    with pytest.raises(StorageRefusalError) as raised:
        outcomes_of(answered("changeset_2\r\n" + REFUSED.format(400, "Why", "InvalidInput")), 101)

    assert (raised.value.status_code, raised.value.error_code) == (400, "InvalidInput")


def test_a_refusal_in_words_of_somebody_else_keeps_its_status() -> None:
    """A proxy's page has no code."""
    with pytest.raises(StorageRefusalError) as raised:
        outcomes_of(answered("HTTP/1.1 503 Busy\r\n\r\n<html>"), 1)

    assert (raised.value.status_code, raised.value.error_code) == (503, "")


@pytest.mark.parametrize(
    "answer",
    [
        answered(WRITTEN.format(1)),
        answered(),
        cast("AsyncHttpResponse", Answered(b"")),
        cast("AsyncHttpResponse", Answered(b"<html>Welcome</html>")),
        cast(
            "AsyncHttpResponse",
            Answered(answered(WRITTEN.format(1), WRITTEN.format(2)).body()[:-30]),
        ),
    ],
)
def test_an_answer_that_is_none_is_never_taken_for_done(answer: AsyncHttpResponse) -> None:
    """Nobody knows whether it was; whoever asked looks."""
    with pytest.raises(ServiceResponseError, match="cannot be read"):
        outcomes_of(answer, 2)
