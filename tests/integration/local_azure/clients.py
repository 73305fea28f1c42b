"""Real SDK clients on the local Azure, as the product uses them."""

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
from azure.core import AsyncPipelineClient
from azure.core.pipeline.policies import AsyncBearerTokenCredentialPolicy
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest
from azure.identity.aio import ManagedIdentityCredential

from tests.local_azure.server import LocalAzure

VERSION = "2026-03-01"


class Reader:
    """Reads the local Azure through azure-core, without retries."""

    def __init__(
        self, azure: LocalAzure, client: "AsyncPipelineClient[HttpRequest, AsyncHttpResponse]"
    ) -> None:
        self._azure = azure
        self._client = client

    async def get(self, path: str, version: str = VERSION) -> AsyncHttpResponse:
        """Read a path, or a link as it came."""
        url = path if path.startswith("https://") else self._azure.arm.endpoint + path
        query = {} if path.startswith("https://") else {"api-version": version}
        return await self._client.send_request(HttpRequest("GET", url, params=query))

    async def pages(self, path: str) -> list[list[str]]:
        """Read a list to its end: the ids on each page."""
        found: list[list[str]] = []
        link: str | None = path
        while link:
            answer = await self.get(link)
            assert answer.status_code == 200
            found.append([each["id"] for each in answer.json()["value"]])
            link = answer.json().get("nextLink")
        return found

    async def query(self, text: str, **more: Any) -> AsyncHttpResponse:  # noqa: ANN401 - JSON
        """Ask Resource Graph."""
        url = f"{self._azure.arm.endpoint}/providers/Microsoft.ResourceGraph/resources"
        content = {"query": text, **more}
        version = {"api-version": "2022-10-01"}
        return await self._client.send_request(
            HttpRequest("POST", url, params=version, json=content)
        )


@asynccontextmanager
async def reader_of(azure: LocalAzure, audience: str | None = None) -> AsyncIterator[Reader]:
    """Open a client with tokens of the managed identity, which the environment must describe."""
    async with AsyncExitStack() as opened:
        credential = await opened.enter_async_context(ManagedIdentityCredential())
        scope = f"{audience or azure.arm.audience}/.default"
        trust = ssl.create_default_context(cafile=azure.environment["COMPLIANCE_CA_FILE"])
        session = await opened.enter_async_context(
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust))
        )
        transport = AioHttpTransport(session=session, session_owner=False)
        policies = [AsyncBearerTokenCredentialPolicy(credential, scope)]
        client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse] = AsyncPipelineClient(
            azure.arm.endpoint, policies=policies, transport=transport
        )
        await opened.enter_async_context(client)
        yield Reader(azure, client)
