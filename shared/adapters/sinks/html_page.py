"""Cards as a page of HTML that needs nothing else: for seeing by eye what a channel is sent.

It draws the elements that our cards are made of, in the way of Teams but without its program; how
the real renderer draws them is tested in tests/integration/cards.
"""

from collections.abc import Iterable, Mapping
from html import escape
from string import Template
from typing import cast
from urllib.parse import urlsplit

Element = Mapping[str, object]


class UnknownElementError(ValueError):
    """A card holds an element that this page cannot draw; the message names it."""


STYLE = """
:root { color-scheme: light dark; --page: #f5f5f5; --card: #fff; --ink: #252424; --soft: #605e5c;
  --emphasis: #f3f2f1; --accent: #c7def9; --good: #ccffcc; --attention: #ffc5b2;
  --warning: #ffe2b2; --button: #5b5fc7 }
@media (prefers-color-scheme: dark) { :root { --page: #1f1f1f; --card: #2d2c2c; --ink: #fff;
  --soft: #c8c6c4; --emphasis: #201f1f; --accent: #0f3b6f; --good: #14451a; --attention: #6b1d12;
  --warning: #5c4208; --button: #a6a7dc } }
body { margin: 0; padding: 12px; background: var(--page); color: var(--ink);
  font: 14px/1.4 "Segoe UI", system-ui, sans-serif }
article { max-width: 700px; margin: 0 auto 24px; background: var(--card); border-radius: 6px;
  overflow: hidden; padding: 4px 16px 16px; overflow-wrap: anywhere }
p { margin: 12px 0 0; white-space: pre-wrap }
.spacing-none { margin-top: 0 } .spacing-small { margin-top: 8px }
.spacing-medium { margin-top: 16px } .spacing-large { margin-top: 20px }
.size-small { font-size: 12px } .size-large { font-size: 18px; line-height: 1.3 }
.weight-bolder { font-weight: 600 } .subtle { color: var(--soft) }
.mono { font-family: "Cascadia Mono", "Courier New", monospace }
section { margin-top: 12px; padding: 4px 16px 16px; border-radius: 4px }
.bleed { margin: -4px -16px 0; border-radius: 0 } .bleed .subtle { color: inherit; opacity: .8 }
.emphasis { background: var(--emphasis) } .accent { background: var(--accent) }
.good { background: var(--good) } .attention { background: var(--attention) }
.warning { background: var(--warning) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 12px 0 0 }
dt { font-weight: 600 } dd { margin: 0 }
nav { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 16px }
nav a { color: var(--button); border: 1px solid; border-radius: 4px; padding: 4px 12px;
  text-decoration: none; font-weight: 600 }
"""
_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$title</title>
<style>$style</style>
</head>
<body>
$cards
</body>
</html>
""")


def html_page(messages: Iterable[Element], title: str = "Alerts") -> str:
    """Return a page with the cards of these messages below each other.

    Raises:
        UnknownElementError: a card is not made of our elements.
    """
    cards = "\n".join(_article(_content(message)) for message in messages)
    return _PAGE.substitute(title=escape(title), style=STYLE, cards=cards)


def _content(message: Element) -> Element:
    """Return the card in a message to Teams."""
    attachments = cast("list[Element]", message["attachments"])
    return cast("Element", attachments[0]["content"])


def _article(card: Element) -> str:
    """Draw a card with its buttons."""
    buttons = "".join(map(_button, _children(card, "actions")))
    below = f"<nav>{buttons}</nav>" if buttons else ""
    return f"<article>{_drawn(_children(card, 'body'))}{below}</article>"


def _children(element: Element, key: str) -> list[Element]:
    return cast("list[Element]", element.get(key, []))


def _drawn(elements: Iterable[Element]) -> str:
    return "\n".join(map(_element, elements))


def _element(element: Element) -> str:
    """Draw one element.

    Raises:
        UnknownElementError: it is none of ours.
    """
    kind = element.get("type")
    if kind == "TextBlock":
        classes = _classes(element, "spacing", "size", "weight")
        classes += ["subtle"] if element.get("isSubtle") else []
        classes += ["mono"] if element.get("fontType") == "Monospace" else []
        return f'<p dir="auto"{_class(classes)}>{_escaped(element["text"])}</p>'
    if kind == "Container":
        classes = [_escaped(element.get("style", "default")), *_classes(element, "spacing")]
        classes += ["bleed"] if element.get("bleed") else []
        return f"<section{_class(classes)}>{_drawn(_children(element, 'items'))}</section>"
    if kind == "FactSet":
        rows = "".join(
            f'<dt>{_escaped(fact["title"])}</dt><dd dir="auto">{_escaped(fact["value"])}</dd>'
            for fact in _children(element, "facts")
        )
        return f"<dl>{rows}</dl>"
    raise UnknownElementError(f"a card element of the type {kind!r} cannot be drawn")


def _button(action: Element) -> str:
    """Draw a button.

    Raises:
        UnknownElementError: it opens no web address.
    """
    url = str(action.get("url", ""))
    if action.get("type") != "Action.OpenUrl" or urlsplit(url).scheme not in {"https", "http"}:
        raise UnknownElementError(f"an action of the type {action.get('type')!r} cannot be drawn")
    link = f'<a href="{escape(url)}" rel="noopener noreferrer">'
    return f"{link}{_escaped(action['title'])}</a>"


def _classes(element: Element, *keys: str) -> list[str]:
    return [f"{key}-{_escaped(element[key]).lower()}" for key in keys if key in element]


def _class(names: list[str]) -> str:
    return f' class="{" ".join(names)}"' if names else ""


def _escaped(text: object) -> str:
    return escape(str(text))
