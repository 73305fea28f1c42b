"""How much of an alert is shown: less of each thing when all of it together would be too large."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.adapters.sinks.teams.elements import Element, fits


@dataclass(frozen=True, slots=True)
class Room:
    """Most characters of a name, a text, a value and a command; most rows, steps and notes.

    A resource group may have a name of 90 characters, other resources less.
    """

    name: int
    text: int
    value: int
    command: int
    rows: int
    steps: int
    notes: int


ROOMS = (
    Room(name=90, text=500, value=120, command=900, rows=6, steps=6, notes=6),
    Room(name=60, text=300, value=90, command=500, rows=5, steps=5, notes=3),
    Room(name=24, text=160, value=60, command=120, rows=3, steps=3, notes=2),
    Room(name=20, text=80, value=24, command=40, rows=2, steps=2, notes=1),
)
"""The last is so small that its card fits even when every character takes 12 bytes."""


def in_bounds(draw: Callable[[Room], Element]) -> Element:
    """Return the card with most room that is not too large."""
    for room in ROOMS[:-1]:
        card = draw(room)
        if fits(card):
            return card
    return draw(ROOMS[-1])
