"""Text of others is shown so that no reader of cards acts on it, and people can still read it."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.adapters.sinks.teams.plain_text import exact, plain
from tests.card_alerts import HOSTILE

ACTED_ON = set("<>[](){}*~`#|\\")
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(st.text(st.characters(codec=None)), st.sampled_from([1, 20, 200]))
@example(HOSTILE, 2000)
@example("\ud800\u2066\ufe0f\u3164", 20)
def test_no_character_of_markup_and_nothing_invisible_comes_out(text: str, limit: int) -> None:
    """Brackets, stars and the like, control, bidirectional and zero-width characters are lost."""
    shown = plain(text, limit)

    assert not ACTED_ON & set(shown)
    assert not {unicodedata.category(each) for each in shown} & INVISIBLE
    assert not set(shown) & set("\u3164\ufe0f\u115f\u2800")
    assert shown == " ".join(shown.split())
    assert shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("my_gpt_4o-eu.v2", "my_gpt_4o-eu\u2024v2"),
        ("gpt-4.1", "gpt-4.1"),
        ("properties.publicNetworkAccess", "properties\u2024publicNetworkAccess"),
        ("_emphasis_ a__b", "\u02cdemphasis\u02cd a\u02cd\u02cdb"),
        ("https://evil.example", "https\u2236\u2044\u2044evil\u2024example"),
        ("javascript:x", "javascript\u2236x"),
        ("allowed: x at 12:30:44", "allowed: x at 12:30:44"),
        ("elif@contoso.example", "elif@contoso\u2024example"),
        ("www.evil.example", "www\u2024evil\u2024example"),
        ("<at>All</at>", "\u2039at\u203aAll\u2039/at\u203a"),
        ("- item", "\u2010 item"),
        ("---", "\u2010\u2010\u2010"),
        ("1. one", "1\u2024 one"),
        ("R&D &lt;", "R&D \uff06lt;"),
        ("two\r\n\nlines\tand\u2028more\u00a0", "two lines and more"),
        ("\x1b[31mred\x07", "\u277231mred"),
        ("e\u0301" + "\u0300" * 50, "e\u0301\u0300\u0300"),
        ("名前 é Straße 😀", "名前 é Straße 😀"),
        ("", "\u2013"),
        ("\u200b\u202e", "\u2013"),
    ],
)
def test_what_is_lost_and_what_stays(text: str, shown: str) -> None:
    """What is harmless stays to the letter; the rest is replaced by what looks like it."""
    assert plain(text, 100) == shown


def test_a_long_text_says_how_much_was_left_out() -> None:
    """A cut text ends in … and, where there is room, the number of characters that are missing."""
    assert plain("x" * 1_600, 100) == "x" * 100 + "… 1,500 more characters"
    assert plain("x" * 101, 100) == "x" * 100 + "… 1 more character"
    assert plain("x" * 100, 100) == "x" * 100
    assert plain("x" * 50, 10) == "x" * 10 + "…"


@pytest.mark.parametrize(
    "command",
    [
        "az resource delete --ids /subscriptions/1/resourceGroups/rg_a/providers/X.Y/accounts/a",
        """az account show --query "properties.capabilities[?name=='ContentLogging']" """.strip(),
        "az rest --method patch --body @instant.json",
        """az resource update --set properties.allowedFqdnList='["HOST"]'""",
        "The account (for a project: its hub) stays.",
    ],
)
def test_a_harmless_command_is_shown_to_the_letter(command: str) -> None:
    """What people copy into a shell must work there."""
    assert exact(command, 900) == command


@pytest.mark.parametrize(
    "command",
    [
        "az x --name '[a](b)'",
        "az x --name www.evil.example",
        "az x --name https://evil.example",
        "az x --name '<at>All</at>'",
        "az x --name '*'",
        "az x --name sku.name",
        "az x --name a@evil.example",
        "az x --name '_a_'",
        "az x --name '${a}'",
        "az x --name \u202ea",
        "az x --name a\nb",
    ],
)
def test_a_command_that_could_be_acted_on_is_shown_plain(command: str) -> None:
    """A name that would be markup or a link makes no exception because it is in a command."""
    assert exact(command, 900) == plain(command, 900) != command
