"""Managed identity: tokens as the App Service and Functions endpoint gives them."""

import base64
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import orjson

from tests.local_azure.estate import TENANT
from tests.local_azure.exchange import Answer, Asked, error

CLIENT = "c11e0000-0000-0000-0000-000000000001"
PRINCIPAL = "0b1ec700-0000-0000-0000-000000000001"
"""Object id of the identity; ARM names it in refusals."""
PATH = "/msi/token"
VERSION = "2019-08-01"
LIFETIME = 24 * 3600
"""Seconds that a managed identity's token is valid."""


@dataclass(slots=True)
class Identity:
    """Gives tokens for known audiences to whoever knows the header, and checks them.

    `aliases` are further names of audiences. `clock` is in Unix seconds. While `is_down`, every
    request gets a 500.
    """

    audiences: set[str] = field(default_factory=set)
    aliases: dict[str, str] = field(default_factory=dict)
    header: str = field(default_factory=secrets.token_hex)
    lifetime: int = LIFETIME
    clock: Callable[[], float] = time.time
    is_down: bool = False
    _issued: dict[str, tuple[str, float]] = field(default_factory=dict)

    def know(self, audiences: Iterable[str]) -> None:
        """Give tokens for these audiences too."""
        self.audiences.update(each.rstrip("/") for each in audiences)

    def answer(self, asked: Asked, secret: str | None) -> Answer:
        """Answer a request for a token that came with this `X-IDENTITY-HEADER`."""
        resource = asked.query.get("resource", "")
        if self.is_down:
            return _problem(500, "ServiceUnavailable", "The identity endpoint is down.")
        if not secrets.compare_digest(secret or "", self.header):
            return _problem(403, "Forbidden", "The X-IDENTITY-HEADER is missing or wrong.")
        if asked.method != "GET" or asked.query.get("api-version") != VERSION:
            return _problem(400, "BadRequest", f"Ask with GET and api-version={VERSION}.")
        if self._plain(resource) not in self.audiences:
            return _problem(
                400, "invalid_resource", f"AADSTS500011: The resource {resource!r} was not found."
            )
        expires = int(self.clock()) + self.lifetime
        content = {
            "access_token": self.issue(resource, expires),
            "expires_on": str(expires),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": CLIENT,
        }
        return Answer(body=orjson.dumps(content))

    def issue(self, audience: str, expires: int) -> str:
        """Return a token that says what it is for and until when (Unix seconds)."""
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{TENANT}/",
            "tid": TENANT,
            "oid": PRINCIPAL,
            "appid": CLIENT,
            "iat": int(self.clock()),
            "nbf": int(self.clock()),
            "exp": expires,
            "uti": secrets.token_hex(8),
        }
        parts = ({"typ": "JWT", "alg": "none"}, claims)
        token = ".".join(
            base64.urlsafe_b64encode(orjson.dumps(p)).decode().rstrip("=") for p in parts
        )
        token += f".{secrets.token_urlsafe(16)}"
        self._issued[token] = (self._plain(audience), expires)
        return token

    def _plain(self, audience: str) -> str:
        """Return an audience by its one name."""
        short = audience.rstrip("/")
        return self.aliases.get(short, short)

    def revoke_all(self) -> None:
        """Make every token given so far worthless."""
        self._issued.clear()

    def audience_of(self, authorization: str | None) -> str | None:
        """Return what the token in an `Authorization` header is for, or None for a bad one."""
        scheme, _, token = (authorization or "").partition(" ")
        audience, expires = self._issued.get(token, ("", 0.0))
        is_good = scheme.lower() == "bearer" and self.clock() < expires
        return audience if is_good else None

    def refusal(self, authorization: str | None, audience: str) -> Answer | None:
        """Return the 401 of a request whose token is not for `audience`, or None."""
        found = self.audience_of(authorization)
        if found == audience.rstrip("/"):
            return None
        if not authorization:
            code, text = "AuthenticationFailed", "Authentication failed. The token is missing."
        elif found is None:
            code, text = "ExpiredAuthenticationToken", "The access token is expired or not ours."
        else:
            code = "InvalidAuthenticationTokenAudience"
            text = f"The access token has been obtained for wrong audience '{found}'."
        challenge = (
            f'Bearer authorization_uri="https://login.windows.net/{TENANT}", '
            f'error="invalid_token", error_description="{text}"'
        )
        return error(401, code, text, WWW_Authenticate=challenge)


def _problem(status: int, code: str, message: str) -> Answer:
    """Return an error in the form of the identity endpoint."""
    return Answer(status, orjson.dumps({"statusCode": status, "error": code, "message": message}))
