"""Who made a change."""

import pytest

from shared.domain.change import Actor
from shared.events.actor import actor_of

SOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"


@pytest.mark.parametrize(
    ("claims", "caller", "name"),
    [
        (
            {f"{SOAP}upn": "a@contoso.example", "name": "Ada"},
            "b@contoso.example",
            "a@contoso.example",
        ),
        ({f"{SOAP}name": "a@contoso.example", "name": "Ada"}, None, "a@contoso.example"),
        ({"name": "Ada"}, "b@contoso.example", "b@contoso.example"),
        ({"name": "Ada"}, None, "Ada"),
        ({"name": "Ada\u202e"}, " b@contoso.example ", "b@contoso.example"),
        ("", "b@contoso.example", "b@contoso.example"),
    ],
)
def test_the_name_that_is_unique_counts_first(claims: object, caller: object, name: str) -> None:
    """User principal name, then the caller, then the display name."""
    assert actor_of(claims, caller) == Actor(name=name)


def test_only_three_claims_are_kept() -> None:
    """Addresses, groups and tenants stay behind."""
    claims = {"oid": "o", "azp": "p", "ipaddr": "203.0.113.17", "groups": "g", "name": "Ada"}

    assert actor_of(claims) == Actor("Ada", "o", "p")


@pytest.mark.parametrize("claims", [None, {}, [], "{", '"text"', 7, "[" * 100_000])
def test_without_usable_claims_there_is_no_actor(claims: object) -> None:
    """Odd claims are no error."""
    assert actor_of(claims) is None
