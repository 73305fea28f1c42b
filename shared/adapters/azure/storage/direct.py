"""Requests to storage past the SDK's clients, and through azure-core's pipeline.

For the requests of every look. A client of the SDK runs each through a dozen policies, describes
what is sent and guesses what came, which is much of a look's CPU. What retries, proves who asks and
keeps connections is azure-core's here too, with its first classes of requests and answers: those of
`azure.core.rest` look every attribute up in lists of old names.
"""

import time
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import orjson
from azure.core.exceptions import HttpResponseError, ServiceResponseError
from azure.core.pipeline import AsyncPipeline
from azure.core.pipeline.transport import AsyncHttpResponse, HttpRequest

USER_AGENT = "ai-compliance-monitor"

_READ = frozenset({HTTPStatus.OK})
_DONE = frozenset({HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})

Pipeline = AsyncPipeline[HttpRequest, AsyncHttpResponse]


class StorageRefusalError(HttpResponseError):
    """A service refused; `error_code` is the code that it gave, "" where it gave none."""

    def __init__(self, response: AsyncHttpResponse, status: int, body: bytes) -> None:
        code, said = _told(body)
        self.error_code = code or response.headers.get("x-ms-error-code", "")
        super().__init__(said or f"storage answered {status}", response=response)
        self.status_code = status


async def ask(
    pipeline: Pipeline,
    method: str,
    address: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    **options: Any,  # noqa: ANN401 - as in the SDK
) -> AsyncHttpResponse:
    """Send a request; return the answer, its body read.

    `headers` name the version of the service; `options` are those of the pipeline's policies.

    Raises:
        StorageRefusalError: the service refused.
        AzureError: there was no answer.
    """
    request = HttpRequest(method, address, data=body)
    # A plain dict does: nobody else writes these names, and none twice.
    request.headers = {"x-ms-date": _date(int(time.time())), "User-Agent": USER_AGENT, **headers}
    if body:
        request.headers["Content-Length"] = str(len(body))
    answer = (await pipeline.run(request, **options)).http_response
    # Whatever else it is: what a stranger answers must not pass for done.
    if answer.status_code not in (_READ if method == "GET" else _DONE):
        raise StorageRefusalError(answer, answer.status_code, answer.body())
    return answer


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    """Return a time (seconds since 1970) as HTTP has it."""
    return formatdate(second, usegmt=True)


def etag_of(answer: AsyncHttpResponse) -> str:
    """Return the etag of what was written.

    Raises:
        ServiceResponseError: there is none, and without it no condition could be stated.
    """
    etag = answer.headers.get("ETag")
    if not etag:
        raise ServiceResponseError("the answer to a write has no etag")
    return str(etag)


def _told(body: bytes) -> tuple[str, str]:
    """Return the code and the message of a refusal by the table service, as far as it has them."""
    try:
        told = orjson.loads(body)["odata.error"]
        return str(told["code"]), str(told["message"]["value"])
    except (ValueError, TypeError, LookupError):
        # Of another service, or of one that is down: the status and the headers say enough.
        return "", ""
