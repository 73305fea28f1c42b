"""Texts of others, of errors above all, made fit to be stored and shown."""

import re

LONGEST = 300
"""Characters."""

_SECRET = re.compile(
    r"eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|(?i:bearer\s+)\S+|(?<=sig=)[^&\s]+|(?<=://)[^\s/]+(?=@)"
)
"""A token, a signature, or who is meant by the address of a proxy: `http://user:password@proxy`."""
# Half a surrogate pair, which is no text that could be stored, is among them.
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def short(text: str, longest: int = LONGEST) -> str:
    """Put a text on one line of at most so many characters, without what could be a secret."""
    line = _UNPRINTABLE.sub(" ", _SECRET.sub("…", text[: 10 * longest])).strip()
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
