"""Alerts drawn as their cards: the sinks' drawing for the command line."""

from collections.abc import Mapping, Sequence

from shared.adapters.sinks.html_page import html_page
from shared.adapters.sinks.teams.card import alert_card
from shared.adapters.sinks.teams.options import CardOptions
from shared.domain.control import Control
from shared.domain.finding import Transition


def card_page(alerts: Sequence[Transition], controls: Mapping[str, Control]) -> str:
    """Return the page of these alerts; `controls`, by id, give them their titles."""
    options = CardOptions(requirements={name: each.requirement for name, each in controls.items()})
    return html_page(alert_card(each, options) for each in alerts)
