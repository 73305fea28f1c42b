"""Did you mean …? For whatever people type: options' values and the ids of controls."""

from collections.abc import Callable, Iterable
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


def choice(kind: type[E]) -> Callable[[str], E]:
    """Return the parser of an option that takes one of these words, in any case."""

    def parse(given: str) -> E:
        try:
            return kind(given.strip().lower())
        except ValueError:
            words = ", ".join(kind)
            raise typer.BadParameter(
                f"{given!r} is none of {words}.{did_you_mean(given, kind)}"
            ) from None

    return parse
