"""Text that can be written as UTF-8: half a surrogate pair, from somebody's tag, cannot.

One such half would have a service refuse everything that it was sent with.
"""

import json
from typing import TypeVar

T = TypeVar("T")


def whole_text(text: str) -> str:
    """Return a text with a `?` in place of every half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode()


def whole_json(value: T) -> T:
    """Return what can be written as JSON, all its texts whole."""
    text = json.dumps(value, ensure_ascii=False)
    if text.isascii():
        return value
    found: T = json.loads(whole_text(text))
    return found
