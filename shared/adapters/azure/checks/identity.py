"""Who is signed in: a token for ARM, and whose it is."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from shared.adapters.azure.cloud import Cloud
from shared.adapters.azure.credential import TokenError, Tokens
from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health

NAME: Final = "identity"
WHY: Final = "Without a token for Azure nothing is read, and nothing is remembered."
COMMAND: Final = "az login"


@dataclass(frozen=True, slots=True)
class Identity:
    """Asks for a token; `client_id` is that of the monitor's own identity, where it is set."""

    cloud: Cloud
    tokens: Tokens
    client_id: str | None

    async def ask(self) -> Sequence[Diagnosis]:
        """Tell whether there is a token, and whether it is the monitor's."""
        try:
            found = await self.tokens.get_token(self.cloud.arm_scope)
        except TokenError as error:
            return [
                Diagnosis(
                    NAME,
                    Health.FAULT,
                    f"No token for {self.cloud.arm_audience}: {error}.",
                    WHY,
                    "Sign in; in the app, see that it has the identity that is set.",
                    COMMAND,
                )
            ]
        claims = _claims(found.token)
        who = _name(claims)
        if self.client_id and not _is(claims, self.client_id):
            return [
                Diagnosis(
                    NAME,
                    Health.WARN,
                    f"Signed in as {who}, which is not the monitor's identity (client id"
                    f" {self.client_id}): what follows tells what {who} may do.",
                    "What the monitor itself may not do is seen by its blind spots alone.",
                    "Compare with the roles that the monitor's identity has.",
                    f"az role assignment list --all --assignee {self.client_id} --output table",
                )
            ]
        return [Diagnosis(NAME, Health.OK, f"Signed in as {who}.")]


def _claims(token: str) -> Mapping[str, object]:
    """Read what a token says of its owner; it is shown to people, and nothing trusts it."""
    piece = token.split(".")[1] if token.count(".") >= 2 else ""  # noqa: PLR2004 - header.claims.signature
    try:
        found = orjson.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _name(claims: Mapping[str, object]) -> str:
    """Return who a token is of."""
    for claim in ("upn", "unique_name", "preferred_username"):
        if isinstance(name := claims.get(claim), str):
            return name
    application = claims.get("appid") or claims.get("azp")
    return f"the application {application}" if application else "somebody whom it does not name"


def _is(claims: Mapping[str, object], client_id: str) -> bool:
    own = claims.get("appid") or claims.get("azp")
    return isinstance(own, str) and own.lower() == client_id.lower()
