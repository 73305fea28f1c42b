"""The few elements of Adaptive Cards that our cards are made of.

All are of version 1.2 or older, which every client of Teams shows, phones included; newer
properties (`heading`) are ones that an older client passes over. Texts are expected to be plain.
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
"""

import json
from collections.abc import Iterable, Sequence

Element = dict[str, object]

VERSION = "1.5"
CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"
MOST_BYTES = 20_000
"""Of a message as JSON. Workflows refuses messages over 28 KB, Teams adds to them."""
_WIDEST_WORD = 24
"""A longer word in a table of facts is cut off on a phone: tables do not break words."""


def text(
    words: str,
    *,
    size: str = "Default",
    weight: str = "Default",
    subtle: bool = False,
    spacing: str = "Default",
) -> Element:
    """Return a paragraph; defaults are left out, for size."""
    element: Element = {"type": "TextBlock", "text": words, "wrap": True}
    if size != "Default":
        element["size"] = size
    if weight != "Default":
        element["weight"] = weight
    if subtle:
        element["isSubtle"] = True
    if spacing != "Default":
        element["spacing"] = spacing
    return element


def heading(words: str) -> Element:
    """Return the title of a section, apart from what is above it."""
    return text(words, weight="Bolder", spacing="Large")


def code(words: str) -> Element:
    """Return a command on a ground of its own, in letters of one width."""
    inner = text(words, size="Small") | {"fontType": "Monospace"}
    return container([inner], style="emphasis", spacing="Small")


def container(items: Sequence[Element], *, style: str, spacing: str = "Default") -> Element:
    """Return a box with a ground of the theme."""
    element: Element = {"type": "Container", "style": style, "items": list(items)}
    if spacing != "Default":
        element["spacing"] = spacing
    return element


def banner(status: str, title: str, below: str, style: str) -> Element:
    """Return the top of a card, from edge to edge: what happened, to which rule."""
    items = [
        text(status, weight="Bolder"),
        text(title, size="Large", weight="Bolder", spacing="Small") | {"style": "heading"},
    ]
    if below:
        items.append(text(below, size="Small", subtle=True, spacing="Small"))
    return container(items, style=style) | {"bleed": True}


def facts(pairs: Iterable[tuple[str, str]]) -> list[Element]:
    """Return titles and values in a table; what is too wide for a phone's follows as text."""
    narrow: list[Element] = []
    wide: list[Element] = []
    for title, value in pairs:
        if max(map(len, value.replace("-", " ").split()), default=0) <= _WIDEST_WORD:
            narrow.append({"title": title, "value": value})
        else:
            wide.append(text(f"{title}: {value}", spacing="Small"))
    return [{"type": "FactSet", "facts": narrow}, *wide] if narrow else wide


def open_link(title: str, url: str) -> Element:
    """Return a button that opens an address."""
    return {"type": "Action.OpenUrl", "title": title, "url": url}


def message(body: Sequence[Element], actions: Sequence[Element], fallback: str) -> Element:
    """Return what a Workflows webhook is sent: a message with the card attached."""
    card: Element = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": VERSION,
        "fallbackText": fallback,
        "msteams": {"width": "Full"},
        "body": list(body),
    }
    if actions:
        card["actions"] = list(actions)
    attachment = {"contentType": CONTENT_TYPE, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def fits(card: Element) -> bool:
    """Whether a message is small enough, even with every letter beyond ASCII escaped."""
    return len(json.dumps(card)) <= MOST_BYTES
