"""Did you mean …? For whatever people type: options' values and the ids of controls."""

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

import typer

E = TypeVar("E", bound=StrEnum)


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for what is nearest to what was given, or nothing."""
    names = {name.lower(): str(name) for name in known}
    wanted = given.strip().lower()
    near = get_close_matches(wanted, names, n=1)
    if not near and wanted:
        near = [name for name in names if wanted in name]
    if not near:
        # The part behind the dot is what people remember.
        ends = {name.rpartition(".")[2]: name for name in names}
        near = [ends[end] for end in get_close_matches(wanted.rpartition(".")[2], ends, n=1)]
    return f" Did you mean {names[near[0]]!r}?" if near else ""


def choice(kind: type[E], among: Sequence[E] | None = None) -> Callable[[str], E]:
    """Return the parser of an option that takes one of these words, in any case.

    `among` are those that this option takes; None: all.
    """
    taken = tuple(kind) if among is None else tuple(among)

    def parse(given: str) -> E:
        word = given.strip().lower()
        if word not in taken:
            raise typer.BadParameter(
                f"{given!r} is none of {', '.join(taken)}.{did_you_mean(given, taken)}"
            )
        return kind(word)

    return parse
