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


def short(text: str) -> str:
    """Put a text on one line of at most `LONGEST`, without what could be a secret."""
    line = _UNPRINTABLE.sub(" ", _SECRET.sub("…", text[: 10 * LONGEST])).strip()
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
