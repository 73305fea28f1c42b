"""Resource ids are cut where they tell least."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.terminal.resource_names import short_id, short_type, type_name

ID = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-ai"
    "/providers/Microsoft.CognitiveServices/accounts/contoso/deployments/chat"
)


@pytest.mark.parametrize(
    ("width", "short"),
    [
        (200, ID),
        (
            120,
            ID.replace("providers/Microsoft.CognitiveServices", "…"),
        ),
        (
            85,
            "/subscriptions/11111111…/resourceGroups/rg-ai/…/accounts/contoso/deployments/chat",
        ),
        (60, "/11111111…/rg-ai/…/accounts/contoso/deployments/chat"),
        (45, "…/rg-ai/…/accounts/contoso/deployments/chat"),
        (30, "/subscrip…oso/deployments/chat"),
    ],
)
def test_an_id_loses_first_what_tells_least(width: int, short: str) -> None:
    """The provider, then the subscription, then the middle; never the name at its end."""
    found = short_id(ID, width)

    assert found == short
    assert len(found) <= width


@given(st.text(), st.integers(3, 200))
def test_any_text_fits(text: str, width: int) -> None:
    """What is no id is cut in the middle."""
    assert len(short_id(text, width)) <= max(width, 3)


def test_a_subscription_is_shown_whole() -> None:
    """There is nothing in it to leave out."""
    subscription = "/subscriptions/11111111-1111-1111-1111-111111111111"

    assert short_id(subscription, 80) == subscription


def test_types_are_shown_in_the_spelling_of_arm() -> None:
    """However the event or the export spelled them; a type of others stays as it came."""
    assert type_name("MICROSOFT.COGNITIVESERVICES/ACCOUNTS") == (
        "Microsoft.CognitiveServices/accounts"
    )
    assert short_type("microsoft.cognitiveservices/accounts/deployments") == "accounts/deployments"
    assert type_name("Microsoft.Compute/virtualMachines") == "Microsoft.Compute/virtualMachines"
