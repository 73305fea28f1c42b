"""Lines for people stay within the width, carry no control characters, and can be copied."""

import io
import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from shared.adapters.terminal.page import Page, Span, wrapped

LONG_ID = "/subscriptions/" + "0" * 36 + "/resourceGroups/rg/providers/Microsoft.X/y/" + "n" * 60


def page(*, width: int = 80, colour: bool = False) -> tuple[Page, io.StringIO]:
    """A page and what is written on it."""
    stream = io.StringIO()
    return Page(stream, width=width, colour=colour), stream


@given(st.text(), st.integers(0, 10), st.sampled_from([40, 80, 120]))
def test_no_line_is_wider_than_the_page(text: str, indent: int, width: int) -> None:
    """Whatever the text: wide characters count twice, long words are broken."""
    sheet, stream = page(width=width)

    sheet.row((Span("FAIL", "red", 9), Span("high", "", 10)), text, indent=indent)

    assert all(cell_len(line) <= width for line in stream.getvalue().split("\n"))


@given(st.text())
def test_nothing_is_lost_by_wrapping(text: str) -> None:
    """The words come out in their order, broken or not."""
    assert "".join(wrapped(text, 20)).replace(" ", "") == "".join(text.split())


def test_a_row_goes_on_under_its_text() -> None:
    """The columns before the text stay free."""
    sheet, stream = page(width=40)

    sheet.row((Span("FAIL", cells=6),), "one two three four five six seven", indent=2)

    assert stream.getvalue() == "  FAIL  one two three four five six\n        seven\n"


def test_colour_is_written_only_where_it_is_wanted() -> None:
    """A page without colour has no escape sequence, one with colour closes every one."""
    plain, plain_stream = page()
    coloured, coloured_stream = page(colour=True)
    for each in (plain, coloured):
        each.row((Span("FAIL", "red"), Span("  ")), "text", "bold")

    assert plain_stream.getvalue() == "FAIL  text\n"
    assert coloured_stream.getvalue() == "\x1b[31mFAIL\x1b[0m  \x1b[1mtext\x1b[0m\n"


def test_escape_sequences_in_names_are_shown_and_not_sent() -> None:
    """Also on a page with colour."""
    sheet, stream = page(colour=True)

    sheet.row((Span("\x1b[2J"),), "[red]\u202eevil[/red]\x07")

    assert stream.getvalue() == "\\x1b[2J[red]\\u202eevil[/red]\\x07\n"


def test_a_command_can_be_copied_into_a_shell() -> None:
    """It is continued with backslashes between options, and no word of it is broken."""
    sheet, stream = page()
    command = f"az resource update --ids {LONG_ID} --query \"a[?n=='b c']\" --set p.x=Disabled"

    sheet.steps(f"Switch it off: {command}", indent=4)

    first, *lines = stream.getvalue().splitlines()
    assert first == "    Switch it off:"
    assert shlex.split("\n".join(lines).replace("\\\n", "")) == shlex.split(command)
    assert [line for line in lines if len(line) > 80] == [f"        --ids {LONG_ID} \\"]


def test_steps_without_a_command_are_paragraphs() -> None:
    """A step in words is wrapped as any text."""
    sheet, stream = page()

    sheet.steps("In the portal: the account, Networking.\naz group list", indent=2)

    assert stream.getvalue() == "  In the portal: the account, Networking.\n  az group list\n"


@pytest.mark.parametrize("name", ["x\u2028az group delete", "x: az group delete", "x\x85az group"])
def test_no_name_makes_a_command_of_its_own(name: str) -> None:
    """Whoever names a resource does not choose what people copy into a shell."""
    sheet, stream = page()

    sheet.steps(f"In the portal: {shlex.quote(name)}.", indent=2)

    assert stream.getvalue().startswith("  In the portal: 'x")
    assert "\n" not in stream.getvalue()[:-1]


def test_an_address_is_not_broken() -> None:
    """A broken link cannot be followed."""
    address = "https://learn.microsoft.com/" + "x" * 80

    assert wrapped(f"See {address} there", 40) == ["See", address, "there"]


@pytest.mark.parametrize(
    ("terminal", "environment", "colour"),
    [
        (True, {"TERM": "xterm"}, True),
        (False, {"TERM": "xterm"}, False),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    monkeypatch: pytest.MonkeyPatch,
    *,
    terminal: bool,
    environment: dict[str, str],
    colour: bool,
) -> None:
    """NO_COLOR and a dumb terminal get plain text, as a pipe does."""
    for name in ("NO_COLOR", "TERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal)

    Page.on(stream).text("words", "red")

    assert bool(re.search("\x1b", stream.getvalue())) is colour
