"""Cards as the real renderer draws them: valid, within the width, and nothing comes from data."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.sinks.html_page import html_page
from shared.adapters.sinks.teams.baseline import baseline_card
from shared.adapters.sinks.teams.card import alert_card
from shared.adapters.sinks.teams.digest import digest_card
from shared.adapters.sinks.teams.elements import Element, message, text
from shared.adapters.sinks.teams.looks import LOOKS
from shared.adapters.sinks.teams.options import Applied, CardOptions
from shared.domain.finding import ResolvedReason
from shared.domain.verdict import Evidence, Severity
from tests.card_alerts import (
    CHANGED,
    REQUIREMENTS,
    SUBSCRIPTION,
    alert,
    baseline,
    hostile,
    longest,
    storm,
)
from tests.card_browser import PHONE, WIDE, draw, measure, photograph

PICTURES = Path(__file__).parents[3] / ".local/cards"
"""Where the pictures of the last run are, to be looked at."""
WINDOW = timedelta(seconds=60)
LIST = "https://monitor.contoso.example/alerts"
OPTIONS = CardOptions(
    requirements=REQUIREMENTS,
    subscriptions={SUBSCRIPTION: "Contoso Production"},
    details=lambda each: f"{LIST}/{each.id}",
)


def opened() -> Element:
    """Return the card of an alert of which everything is known."""
    was = Evidence("deployments", "sku.name", None, "Standard")
    applied = Applied(before=(was,), route="teams:security", exemption="EX-1 ended yesterday")
    return alert_card(alert(severity=Severity.CRITICAL), OPTIONS, applied)


def gallery() -> dict[str, Element]:
    """Return a card of each sort that people will see."""
    reminded = replace(alert("reminder"), attribution=None)
    return {
        "opened": opened(),
        "resolved": alert_card(alert("resolved", reason=ResolvedReason.FIXED), OPTIONS),
        "reminder": alert_card(
            reminded,
            OPTIONS,
            Applied(open_since=CHANGED - timedelta(hours=25), notes={"Escalates to": "the lead"}),
        ),
        "baseline": baseline_card(
            baseline(), OPTIONS, {Severity.HIGH: 31, Severity.CRITICAL: 2}, LIST
        ),
        "storm": digest_card(storm(5_000), WINDOW, OPTIONS, LIST),
        "longest": alert_card(longest(), OPTIONS),
    }


@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_card_is_valid_and_fits(tmp_path: Path, *, dark: bool, width: int) -> None:
    """In both themes, wide and on a phone, the parser is content and nothing is cut off."""
    cards = gallery() | {name: alert_card(alert(name), OPTIONS) for name in LOOKS}

    for drawn in draw(tmp_path, cards, dark=dark, width=width):
        assert drawn.complaints == [], drawn.name
        assert drawn.cut == [], drawn.name
        assert drawn.formatted == [], drawn.name


def test_nothing_in_a_card_comes_from_data(tmp_path: Path) -> None:
    """Hostile names make no link, picture, mention or formatting, and do not widen the card."""
    cards: dict[str, Element] = {
        "hostile": alert_card(hostile(), OPTIONS),
        "emoji": alert_card(hostile("\N{FAMILY}" * 3_000, rows=500), OPTIONS),
        "one word": alert_card(hostile("W" * 3_000), OPTIONS),
        "right to left": alert_card(hostile("\u05d4\u05e2\u05d5\u05dc\u05dd " * 900), OPTIONS),
        "digest": digest_card([hostile()] * 5_000, WINDOW, OPTIONS, LIST),
        "baseline": baseline_card(hostile(), OPTIONS),
    }

    for drawn in draw(tmp_path, cards, width=PHONE):
        assert drawn.formatted == [], drawn.name
        assert drawn.cut == [], drawn.name
        assert drawn.complaints == [], drawn.name


def test_the_words_of_an_alert_are_read_in_the_card(tmp_path: Path) -> None:
    """What happened, to what, who did it, when it was seen and how to mend it all show."""
    (drawn,) = draw(tmp_path, {"opened": opened()})

    for words in (
        "Opened",
        "critical severity",
        "Deployments use only the allowed SKUs",
        "demo_chat",
        "model deployment",
        "contoso-hackathon · AI account",
        "rg-hackathon",
        f"Contoso Production · {SUBSCRIPTION}",
        "elif@contoso",
        "6 s after the change",
        "Before Standard → now GlobalStandard",
        "EX-1 ended yesterday",
        "az resource delete --ids /subscriptions/",
    ):
        assert words in drawn.words


def test_the_page_of_the_command_fits_a_phone(tmp_path: Path) -> None:
    """The page of HTML has no horizontal scroll at phone width, and only our own links."""
    page = tmp_path / "page.html"
    page.write_text(html_page(gallery().values()), encoding="utf-8")

    found = measure(tmp_path, page, PHONE)

    assert found.overflow <= 0
    hosts = {link.split("/")[2] for link in found.links}
    assert hosts == {"portal.azure.com", "monitor.contoso.example"}


@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pictures_are_taken_to_be_looked_at(tmp_path: Path, *, dark: bool, width: int) -> None:
    """A picture of each sort of card is in .local/cards after the tests."""
    picture = PICTURES / f"{'dark' if dark else 'light'}-{width}.png"

    photograph(tmp_path, gallery(), picture, dark=dark, width=width)

    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000


def test_the_check_sees_what_it_is_there_to_see(tmp_path: Path) -> None:
    """A card with a link in its text, a word that is too wide and an unknown element is told on."""
    facts = [{"title": "Name", "value": "W" * 300}]
    body: list[Element] = [
        text("[click](https://evil.example)"),
        {"type": "FactSet", "facts": facts},
        {"type": "NoSuchElement"},
    ]

    (drawn,) = draw(tmp_path, {"bad": message(body, [], "")}, width=PHONE)

    assert any("evil.example" in each for each in drawn.formatted)
    assert drawn.cut
    assert drawn.complaints
