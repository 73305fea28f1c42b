"""A subscription is named by its id."""

import pytest
import typer

from shared.adapters.terminal.subscriptions import subscription

ID = "aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb"


@pytest.mark.parametrize("given", [ID, ID.upper(), f" {ID}\n", f"{{{ID}}}"])
def test_an_id_is_taken_in_any_spelling(given: str) -> None:
    """And compared in lower case."""
    assert subscription(given) == ID


@pytest.mark.parametrize("given", ["", "Production", f"/subscriptions/{ID}", ID[:-1]])
def test_what_is_no_id_is_refused_with_a_way_to_find_it(given: str) -> None:
    """Names are not unique."""
    with pytest.raises(typer.BadParameter, match="az account list"):
        subscription(given)
