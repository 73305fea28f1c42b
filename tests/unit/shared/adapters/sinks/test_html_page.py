"""The page of cards stands alone, and shows what a card holds as text."""

from datetime import timedelta

import pytest

from shared.adapters.sinks.html_page import UnknownElementError, html_page
from shared.adapters.sinks.teams.card import alert_card
from shared.adapters.sinks.teams.digest import digest_card
from shared.adapters.sinks.teams.elements import Element, message, open_link, text
from shared.adapters.sinks.teams.options import CardOptions
from tests.card_alerts import ACCOUNT, alert, hostile, longest, storm

OPTIONS = CardOptions()


def test_every_card_can_be_drawn_without_anything_else() -> None:
    """No script, no picture, no address but those of our buttons."""
    cards = [
        alert_card(alert(), OPTIONS),
        alert_card(longest(), OPTIONS),
        digest_card(storm(100), timedelta(seconds=60), OPTIONS),
    ]

    page = html_page(cards, "Alerts & more")

    assert page.count("<article>") == 3
    assert "<title>Alerts &amp; more</title>" in page
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "<img" not in page
    assert f'<a href="https://portal.azure.com/#resource{ACCOUNT}"' in page


def test_data_is_text_in_the_page() -> None:
    """What others write makes no tag."""
    page = html_page([alert_card(hostile("<b>\"x'&amp;</b>"), OPTIONS)])

    assert "<b>" not in page
    assert page.count("<a ") == 0


def test_text_of_a_card_that_is_not_ours_is_escaped_too() -> None:
    """The page does not rely on the card."""
    page = html_page([message([text("<script>alert(1)</script>")], [], "")])

    assert "&lt;script&gt;" in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("body", "actions"),
    [
        ([{"type": "Image", "url": "https://x.example"}], []),
        ([], [open_link("x", "javascript:alert(1)")]),
        ([], [{"type": "Action.Submit", "title": "x"}]),
    ],
)
def test_what_cannot_be_drawn_is_refused(body: list[Element], actions: list[Element]) -> None:
    """A page that leaves something out would be believed."""
    with pytest.raises(UnknownElementError):
        html_page([message(body, actions, "")])
