"""Texts of others: one line, short, and no token in it."""

import pytest

from shared.adapters.error_text import LONGEST, short


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\r\n  lines\x00\x1b[31m ", "two lines [31m"),
        ("a\u2028b\x85c\ud800d", "a b c d"),
        ("Bearer abc.def and more", "… and more"),
        ("of eyJhbGciOi.eyJzdWIi.c2ln it", "of … it"),
        ("https://a/b?sig=abc%2B&x=1", "https://a/b?sig=…&x=1"),
        ("407, url='http://me:p@ss@proxy:3128'", "407, url='http://…@proxy:3128'"),
        ("", ""),
    ],
)
def test_a_text_becomes_one_line_without_secrets(text: str, shown: str) -> None:
    """Whatever it held before; half a surrogate pair could not even be stored."""
    assert short(text) == shown


def test_a_long_text_is_cut_and_says_so() -> None:
    """However long it was."""
    found = short("x" * 1_000_000)

    assert (len(found), found[-2:]) == (LONGEST, "x…")
