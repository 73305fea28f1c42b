"""Entries of a list in a message, which must not grow with the list."""

from collections.abc import Sequence

from shared.domain.resource import LONGEST_SHOWN

MOST_NAMED = 5


def listed(entries: Sequence[str]) -> str:
    """Return the first entries, each cut to a length, and how many more there are."""
    named = ", ".join(
        each if len(each) <= LONGEST_SHOWN else f"{each[:LONGEST_SHOWN]}…"
        for each in entries[:MOST_NAMED]
    )
    more = len(entries) - MOST_NAMED
    return f"{named} and {more} more" if more > 0 else named
