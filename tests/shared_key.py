"""Requests to Azurite, signed with the key of its account.

In Azure the monitor has no key: this is for tests over plain http. The SDK signs too, but shows
nobody how. What is signed stands in Microsoft's "Authorize with Shared Key".
"""

import base64
import hashlib
import hmac

from azure.core.credentials import AzureNamedKeyCredential
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.pipeline.transport import AsyncHttpResponse, HttpRequest
from yarl import URL

from shared.adapters.azure.storage.clients import Signing

_SIGNED = (
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-MD5",
    "Content-Type",
    "Date",
    "If-Modified-Since",
    "If-Match",
    "If-None-Match",
    "If-Unmodified-Since",
    "Range",
)


class SharedKeyPolicy(SansIOHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Signs requests to blobs and queues."""

    def __init__(self, credential: AzureNamedKeyCredential) -> None:
        self._account, key = credential.named_key
        self._key = base64.b64decode(key)

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
        """Add the signature."""
        sent = request.http_request
        digest = hmac.digest(self._key, self.signed(sent).encode(), hashlib.sha256)
        signature = base64.b64encode(digest).decode("ascii")
        sent.headers["Authorization"] = f"SharedKey {self._account}:{signature}"

    def signed(self, sent: HttpRequest) -> str:
        """Return the text that stands for a request."""
        url, headers = URL(sent.url), sent.headers
        own = sorted(
            (name.lower(), value)
            for name, value in headers.items()
            if name.lower().startswith("x-ms-")
        )
        options = sorted((name.lower(), value) for name, value in url.query.items())
        return "\n".join(
            [
                sent.method,
                *(headers.get(name, "") for name in _SIGNED),
                *(f"{name}:{value}" for name, value in own),
                self.path(url),
                *(f"{name}:{value}" for name, value in options),
            ]
        )

    def path(self, url: URL) -> str:
        """Return how an address is named in what is signed."""
        return f"/{self._account}{url.raw_path}"


class TableKeyPolicy(SharedKeyPolicy):
    """Signs requests to tables, of which less is signed."""

    def signed(self, sent: HttpRequest) -> str:
        """Return the text that stands for a request."""
        kind, date = sent.headers.get("Content-Type", ""), sent.headers["x-ms-date"]
        return f"{sent.method}\n\n{kind}\n{date}\n{self.path(URL(sent.url))}"


def signing(account: str, key: str) -> Signing:
    """Return how requests to an account are signed."""
    credential = AzureNamedKeyCredential(account, key)
    return Signing(credential, TableKeyPolicy(credential), SharedKeyPolicy(credential))
