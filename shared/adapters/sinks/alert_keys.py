"""Ids in headers: what the other side can know a repeat by."""

import hashlib
import re
from collections.abc import Sequence

from shared.domain.finding import Transition

LONGEST = 128
_PLAIN = re.compile(r"[\w.~-]+", re.ASCII)


def key_of(alerts: Sequence[Transition]) -> str:
    """Return the id of one alert, or one that stands for several, fit for a header."""
    if len(alerts) == 1 and len(alerts[0].id) <= LONGEST and _PLAIN.fullmatch(alerts[0].id):
        return alerts[0].id
    together = "\n".join(each.id for each in alerts).encode("utf-8", "surrogatepass")
    return f"sha256-{hashlib.sha256(together).hexdigest()}"
