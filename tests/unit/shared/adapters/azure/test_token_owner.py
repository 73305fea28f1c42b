"""A token says whose it is, for people to read."""

import base64
import json

import pytest

from shared.adapters.azure.token_owner import owner_of


def token(claims: object) -> str:
    """Make a token that claims this."""
    text = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{text}.signature"


@pytest.mark.parametrize(
    ("claims", "owner"),
    [
        ({"upn": "ann@contoso.com", "appid": "a1"}, "ann@contoso.com"),
        ({"unique_name": "live.com#ann@example.com"}, "live.com#ann@example.com"),
        ({"preferred_username": "ann@contoso.com", "azp": "a1"}, "ann@contoso.com"),
        ({"upn": "", "appid": "a1", "oid": "o1"}, "the application a1"),
        ({"azp": "a1"}, "the application a1"),
        ({"upn": 7}, None),
        ({}, None),
        (["upn"], None),
    ],
)
def test_a_person_goes_before_the_application(claims: object, owner: str | None) -> None:
    """Which a person signs in with."""
    assert owner_of(token(claims)) == owner


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "a.§.c", "a.e30", f"a.{'A' * 5}.c"])
def test_what_is_no_token_names_nobody(text: str) -> None:
    """Tokens may be of any form."""
    assert owner_of(text) is None
