"""Whatever text comes in, what is shown does nothing to a terminal."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.adapters.terminal.escape import shown

INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(st.text(st.characters(codec=None)))
@example("\x1b]0;title\x07")
@example("\u202eevil\u2066\u200b")
@example("\ud800")
def test_what_is_shown_has_no_character_that_a_terminal_acts_on(text: str) -> None:
    """Control, bidirectional, invisible, private and broken characters never come out."""
    assert not {unicodedata.category(each) for each in shown(text)} & INVISIBLE


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"])))
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    """Letters, digits and signs stay, brackets of rich's markup and backslashes included."""
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\u202eevil", r"\u202eevil"),
        ("two\nlines", r"two\nlines"),
        ("\x9b31m", r"\x9b31m"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("no\xa0break", r"no\xa0break"),
        ("[bold]name[/bold] 😀 é 名", "[bold]name[/bold] 😀 é 名"),
    ],
)
def test_what_is_escaped_can_still_be_recognised(text: str, escaped: str) -> None:
    """Escapes are spelled as Python and JSON spell them."""
    assert shown(text) == escaped
