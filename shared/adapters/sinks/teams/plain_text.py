"""Data as text that no reader of cards acts on: no markup, link, mention or hidden character.

Names, tags, claims and values are written by whoever can write a resource. Teams reads Markdown in
a card, makes links of addresses, and its phones make links of bare domains too. So a character that
could begin any of it is replaced by its twin: one that looks the same and means nothing.
"""

import re
import unicodedata
from functools import lru_cache

ELLIPSIS = "…"
NOTHING = "\u2013"
"""Stands for a text of which nothing is visible."""
NOTE_FROM = 100
"""From this limit on, a cut text says how much was left out."""
_AHEAD = 4

_TWINS = {
    "<": "\u2039",
    ">": "\u203a",
    "[": "\u2772",
    "]": "\u2773",
    "(": "\u2768",
    ")": "\u2769",
    "{": "\u2774",
    "}": "\u2775",
    "*": "\u2217",
    "~": "\u02dc",
    "`": "\u2018",
    "#": "\u266f",
    "|": "\u00a6",
    "\\": "\u2216",
}
"""Of links, tags, emphasis, code, headings and tables; the braces of `${…}` and `{{…}}` as well.

Chosen among the characters that the fonts of Windows, macOS, iOS, Android and Linux all have.
"""
_ALWAYS = str.maketrans(_TWINS)
_LINE, _COLON, _SLASH, _DOT, _AMPERSAND = "\u02cd", "\u2236", "\u2044", "\u2024", "\uff06"
_LEADING = str.maketrans({"-": "\u2010", "+": "\u207a"})

# An underscore between letters or digits is part of a name everywhere; elsewhere it is emphasis.
_LOOSE_LINE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_SCHEME = re.compile(r"(?<=[^\W\d_]):(?=\S)|:(?=/)")
_SLASHES = re.compile(r"/(?=/)|(?<=/)/")
# A domain needs a dot before a letter; so do property paths, for which the twin does as well.
_DOMAIN_DOT = re.compile(r"(?<=\S)\.(?=[^\W\d_])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_BULLET = re.compile(r"[-+]+(?=\s|$)")
_NUMBERED = re.compile(r"(\d+)\.(?=\s|$)")

_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that show nothing; Unicode does not class them as formatting."""
_STACKED = 3
"""So many combining marks on one letter are writing; more are a smear over the lines around it."""

# What a text may not hold if it is to be shown to the letter: see `exact`.
_ACTED_ON = re.compile(
    r"[<>*`~\\|#&]|\]\(|://|//|\{\{|\$\{|\bwww\.|\bmailto:|[\w.+-]@\w|[^ -~]"
    # Endings of domains that are made links without a scheme; others (`.json`, `.state`) are not.
    r"|\.(?:[a-z]{2}|xn--[\w-]+|com|net|org|edu|gov|mil|int|biz|info|name|pro|web|xxx|aero|asia"
    r"|coop|museum|shop|app|dev|cloud|online|site|xyz|tech|store|live|link|click|zip|example)"
    r"(?![\w-])",
    re.IGNORECASE,
)


def plain(text: str, limit: int) -> str:
    """Return a text on one line, without anything that a reader of cards acts on.

    At most about `limit` characters; what is cut shows `…`, and a long text says how much it was.
    """
    # What is far behind the limit is counted, not read: a text may be megabytes.
    whole = _visible(text[: limit * _AHEAD])
    length = len(whole) + max(len(text) - limit * _AHEAD, 0)
    kept = whole if length <= limit else whole[:limit].rstrip() + ELLIPSIS
    safe = _defused(kept)
    if length > limit >= NOTE_FROM:
        left = length - limit
        safe += f" {left:,} more character{'' if left == 1 else 's'}"
    return safe or NOTHING


def exact(text: str, limit: int) -> str:
    """Return a text of ours to the letter; as `plain` where names in it could be acted on.

    For commands, which are copied. To the letter are printable ASCII texts in which nothing is
    markup, link or mention.
    """
    text = text.strip(" ")
    harmless = not _ACTED_ON.search(text) and not _LOOSE_LINE.search(text)
    if harmless and text[:1].isalpha() and len(text) <= limit:
        return text
    return plain(text, limit)


def _visible(text: str) -> str:
    """Fold every kind of space into one, and drop what is not seen."""
    if not text.isascii():
        text = _seen(text)
    elif not text.isprintable():
        text = "".join(each if each.isprintable() else _instead(each) for each in text)
    return " ".join(text.split())


def _seen(text: str) -> str:
    """Drop the invisible, and combining marks beyond what writing needs."""
    kept: list[str] = []
    stacked = 0
    for each in _BLANK.sub("", text):
        category = unicodedata.category(each)
        stacked = stacked + 1 if category[0] == "M" else 0
        if category[0] in "ZC":
            kept.append(_instead(each))
        elif stacked <= _STACKED:
            kept.append(each)
    return "".join(kept)


def _instead(character: str) -> str:
    """Return a space for a space or a line end, nothing for control and formatting characters."""
    return " " if character.isspace() else ""


@lru_cache(maxsize=1024)
def _defused(text: str) -> str:
    """Replace by its twin every character that could be markup or part of a link."""
    text = _ENTITY.sub(_AMPERSAND, _LOOSE_LINE.sub(_LINE, text)).translate(_ALWAYS)
    text = _DOMAIN_DOT.sub(_DOT, text)
    if "/" in text or ":" in text:
        text = _SLASHES.sub(_SLASH, _SCHEME.sub(_COLON, text))
    if text[:1] in "-+":
        return _BULLET.sub(lambda at: at[0].translate(_LEADING), text, count=1)
    return _NUMBERED.sub(rf"\1{_DOT}", text, count=1) if text[:1].isdigit() else text
