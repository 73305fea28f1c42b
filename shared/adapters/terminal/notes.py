"""What people should know beside the result, on standard error."""

import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from shared.adapters.terminal.escape import shown

UNUSABLE = 2
MOST_NAMED = 20
"""So many are named one by one; more are counted by reason."""
LONGEST = 400
"""Characters of a line; longer ones lose their middle: the name is in front, the reason behind."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something of an input that is not used: its file, the part (empty: all), and why."""

    file: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class InputNotes:
    """What was not used of an input; `twice` are ids that stood in it more than once."""

    unusable: Sequence[LeftOut] = ()
    skipped: Sequence[LeftOut] = ()
    twice: Sequence[str] = ()


def error(words: str) -> None:
    """Say what stopped the command, or part of it."""
    _say("error", words)


def note(words: str) -> None:
    """Say something that people should know."""
    _say("note", words)


def _say(kind: str, words: str) -> None:
    half = LONGEST // 2
    cut = words if len(words) <= LONGEST else f"{words[:half]}…{words[-half:]}"
    sys.stderr.write(f"{kind}: {shown(cut)}\n")


def tell_unusable(unusable: Sequence[LeftOut]) -> None:
    """Name the files that could not be used."""
    for each in unusable[:MOST_NAMED]:
        error(f"{each.file}: {each.why}")
    if len(unusable) > MOST_NAMED:
        error(f"and {len(unusable) - MOST_NAMED} more files that could not be used")


def tell_skipped(skipped: Sequence[LeftOut]) -> None:
    """Name what was skipped; when it is much, count it by file and reason."""
    if len(skipped) <= MOST_NAMED:
        for each in skipped:
            note(f"{each.file}: skipped {each.what}: {each.why}")
        return
    alike: dict[str, list[LeftOut]] = defaultdict(list)
    for each in skipped:
        alike[each.why].append(each)
    groups = sorted(alike.values(), key=len, reverse=True)
    for group in groups[:MOST_NAMED]:
        first = group[0]
        note(f"skipped {len(group)}: {first.why}; the first is {first.what} in {first.file}")
    left = sum(len(group) for group in groups[MOST_NAMED:])
    if left:
        note(f"skipped {left} for other reasons")


def tell_twice(twice: Sequence[str]) -> None:
    """Say which resources stood in the input more than once."""
    if not twice:
        return
    more = f" and {len(twice) - 1} more" if len(twice) > 1 else ""
    note(f"given twice, the last one counts: {twice[0]}{more}")


def tell_estate(notes: InputNotes, status: int) -> int:
    """Say what of an estate could not be used; return the status of a run that went on without it.

    `status` is what the run itself came to.
    """
    tell_unusable(notes.unusable)
    tell_twice(notes.twice)
    if notes.skipped:
        first = notes.skipped[0]
        more = f" and {len(notes.skipped) - 1} more" if len(notes.skipped) > 1 else ""
        note(f"not of the estate: {first.what} in {first.file} ({first.why}){more}")
    return UNUSABLE if notes.unusable else status
