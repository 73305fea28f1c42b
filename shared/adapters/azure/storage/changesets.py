"""Transactions of tables as they go over the wire: one request made of many.

azure-data-tables would write and read them too (`submit_transaction`). It makes an HTTP request of
each operation, sends that through policies, and has `email` write and parse all of it: a third of
the CPU of a look that changes a finding. As the parts are always the same few lines, writing them
here takes a sixth of that for five rows.
"""

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import zip_longest

from azure.core.exceptions import ServiceResponseError
from azure.core.pipeline.transport import AsyncHttpResponse

from shared.adapters.azure.storage.direct import StorageRefusalError
from shared.adapters.azure.storage.operations import Act, Operation
from shared.adapters.azure.storage.row_json import encode_row
from shared.adapters.azure.storage.table_addresses import TableAddresses

METHODS = {
    Act.PUT: "PUT",
    Act.INSERT: "POST",
    Act.REPLACE: "PUT",
    Act.MERGE: "PATCH",
    Act.DELETE: "DELETE",
}
CONDITIONAL = frozenset({Act.REPLACE, Act.MERGE, Act.DELETE})
"""What a row has to be there for; without an etag, however it is."""

_PART = (
    "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {number}"
    "\r\n\r\n{method} {address} HTTP/1.1\r\n{headers}\r\n"
)
_OUTCOME = re.compile(rb"\r\nHTTP/1\.[01] (\d{3}) ")
"""Where the answer to an operation begins. No other part has lines of its own: JSON is one line."""
_GARBLED = "the answer to a transaction cannot be read"
_ETAG = re.compile(rb"\r\netag: *(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one operation; `body` says what is wrong, where something is."""

    status: int
    etag: str
    body: bytes


def headers_of(operation: Operation) -> dict[str, str]:
    """Return the headers that belong to an operation, alone or in a transaction."""
    headers = {"DataServiceVersion": "3.0", "Accept": "application/json;odata=nometadata"}
    if operation.act is not Act.DELETE:
        headers["Content-Type"] = "application/json"
    if operation.act is Act.INSERT:
        headers["Prefer"] = "return-no-content"
    if operation.act in CONDITIONAL:
        headers["If-Match"] = "*" if operation.etag is None else operation.etag
    return headers


def body_of(partition: str, operation: Operation) -> bytes:
    """Return the row that an operation writes."""
    if operation.act is Act.DELETE:
        return b""
    return encode_row(partition, operation.row, operation.columns)


def changeset(
    at: TableAddresses, partition: str, operations: Sequence[Operation]
) -> tuple[str, bytes]:
    """Return the type and the body of a request that does all of this or nothing."""
    name = uuid.uuid4().hex
    between = f"--changeset_{name}\r\n".encode()
    inner = f"Content-Type: multipart/mixed; boundary=changeset_{name}"
    parts = [f"--batch_{name}\r\n{inner}\r\n\r\n".encode()]
    for number, each in enumerate(operations):
        headers, body = headers_of(each), body_of(partition, each)
        if body:
            headers["Content-Length"] = str(len(body))
        address = at.table if each.act is Act.INSERT else at.row(partition, each.row)
        lines = "".join(f"{header}: {value}\r\n" for header, value in headers.items())
        head = _PART.format(number=number, method=METHODS[each.act], address=address, headers=lines)
        parts += [between, head.encode(), body, b"\r\n"]
    parts.append(f"--changeset_{name}--\r\n\r\n--batch_{name}--\r\n".encode())
    return f"multipart/mixed; boundary=batch_{name}", b"".join(parts)


def outcomes_of(answer: AsyncHttpResponse, asked: int) -> list[Outcome]:
    """Return what came of so many operations, in their order.

    Raises:
        StorageRefusalError: one of them was refused, and nothing was done.
        ServiceResponseError: the answer cannot be read; nobody knows whether it was done.
    """
    found = list(_outcomes(answer.body()))
    for each in found:
        if each.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise StorageRefusalError(answer, each.status, each.body)
    if len(found) != asked:
        msg = f"{len(found)} outcomes of {asked} operations"
        raise ServiceResponseError(f"{_GARBLED}: {msg}")
    return found


def _outcomes(answer: bytes) -> Iterator[Outcome]:
    """Go through the parts: each is the lines of an HTTP answer within lines of MIME."""
    if not answer.rstrip().endswith(b"--"):
        msg = "its end is missing"
        raise ServiceResponseError(f"{_GARBLED}: {msg}")
    begun = list(_OUTCOME.finditer(answer))
    for each, following in zip_longest(begun, begun[1:]):
        end = len(answer) if following is None else following.start()
        head, _, body = answer[each.end() : end].partition(b"\r\n\r\n")
        etag = _ETAG.search(head)
        told = body.partition(b"\r\n--")[0]
        yield Outcome(int(each[1]), "" if etag is None else etag[1].decode(), told)
