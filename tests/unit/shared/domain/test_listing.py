"""Lists in messages."""

import pytest

from shared.domain.listing import listed


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([], ""),
        (["one"], "one"),
        (["one", "two"], "one, two"),
        (list("abcde"), "a, b, c, d, e"),
        (list("abcdef"), "a, b, c, d, e and 1 more"),
        (list("abcdefgh"), "a, b, c, d, e and 3 more"),
    ],
)
def test_names_the_first_entries_in_their_order(entries: list[str], words: str) -> None:
    """Five are enough to see what it is about; the rest is counted."""
    assert listed(entries) == words


def test_cuts_long_entries() -> None:
    """A message does not grow with what somebody wrote into a resource."""
    assert listed(["a" * 80, "b" * 81]) == f"{'a' * 80}, {'b' * 80}…"
