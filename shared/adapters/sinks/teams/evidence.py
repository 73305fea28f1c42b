"""Evidence on a card: what was found, what it was before, what is wanted."""

from collections.abc import Sequence

from shared.adapters.sinks.teams.elements import Element, text
from shared.adapters.sinks.teams.plain_text import plain
from shared.adapters.sinks.teams.room import Room
from shared.adapters.sinks.teams.words import counted, joined, value_words
from shared.domain.verdict import Evidence


def evidence_rows(
    evidence: Sequence[Evidence], before: Sequence[Evidence], room: Room, *, past: bool
) -> list[Element]:
    """Return the evidence, row by row, and how many rows were left out.

    `before` is what was found there earlier. `past`: it tells of an end, so that what was before is
    the matter, and what was found is so no more.
    """
    shown, others = (before or evidence, evidence) if past else (evidence, before)
    compared = {(each.source, each.path): each for each in others}
    rows: list[Element] = []
    for each in shown[: room.rows]:
        seen = each.bounded()
        place = joined((plain(seen.source.replace("_", " "), 60), plain(seen.path, room.value)))
        rows.append(text(place, size="Small", subtle=True, spacing="Small"))
        other = compared.get((each.source, each.path))
        rows.append(text(_change(seen, other, room.value, past=past), spacing="None"))
    left = len(shown) - room.rows
    if left > 0:
        rows.append(text(f"… and {counted(left, 'more row')}", subtle=True, spacing="Small"))
    return rows


def _change(seen: Evidence, other: Evidence | None, limit: int, *, past: bool) -> str:
    """Say what is there, after what was, against what is wanted; of the past, before what is."""
    found, wanted = value_words(seen.observed, limit), value_words(seen.expected, limit)
    if other is None or other.bounded().observed == seen.observed:
        return f"{'Was' if past else 'Found'} {found} · wanted {wanted}"
    compared = value_words(other.bounded().observed, limit)
    if past:
        return f"Was {found} → now {compared} · wanted {wanted}"
    return f"Before {compared} → now {found} · wanted {wanted}"
