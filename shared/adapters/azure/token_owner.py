"""Whose a token is, for people to read; nothing trusts it."""

import base64
import binascii
from typing import Final

import orjson

_PEOPLE: Final = ("upn", "unique_name", "preferred_username")
_APPLICATIONS: Final = ("appid", "azp")


def owner_of(token: str) -> str | None:
    """Return the sign-in name of a person, or the application; None where it does not say."""
    _, _, rest = token.partition(".")
    piece, _, _ = rest.partition(".")
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))
    except (binascii.Error, ValueError):
        return None
    if not isinstance(claims, dict):
        return None
    for words, names in (("", _PEOPLE), ("the application ", _APPLICATIONS)):
        for name in names:
            if isinstance(owner := claims.get(name), str) and owner:
                return f"{words}{owner}"
    return None
