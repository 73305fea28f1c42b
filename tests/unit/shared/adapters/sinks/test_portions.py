"""Cutting into portions."""

from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.sinks.portions import portions


@given(st.lists(st.integers(0, 30)), st.integers(1, 40))
def test_portions_are_all_items_in_order_and_small_enough(items: list[int], largest: int) -> None:
    """Only one that stands alone may be larger."""
    cut = list(portions(items, lambda each: each, largest))

    assert [each for portion in cut for each in portion] == items
    assert all(sum(portion) <= largest or len(portion) == 1 for portion in cut)
    assert all(cut)
