"""Answers without properties."""

import pytest

from shared.domain.bare_answer import refuse_bare
from shared.domain.verdict import Cause, UndecidableError
from tests.arm import ABSENT, account, changed


@pytest.mark.parametrize(
    ("properties", "note"),
    [
        (ABSENT, ""),
        (None, ""),
        ([], " (properties is a list, not an object, and counts as absent)"),
    ],
)
def test_nothing_follows_from_an_answer_without_properties(properties: object, note: str) -> None:
    """What is absent there may be set all the same."""
    with pytest.raises(UndecidableError) as undecided:
        refuse_bare(changed(account(), "properties", properties))

    assert undecided.value.cause is Cause.UNDETERMINED
    assert str(undecided.value) == f"the resource is shown without its properties{note}"


@pytest.mark.parametrize("properties", [{}, {"provisioningState": "Succeeded"}])
def test_an_answer_with_properties_is_whole(properties: dict[str, object]) -> None:
    """However few they are."""
    refuse_bare(changed(account(), "properties", properties))
