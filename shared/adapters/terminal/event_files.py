"""The events of recorded files, one after the other; a file that cannot be read stops no other."""

import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from shared.adapters.terminal.notes import LeftOut
from shared.events.outcome import Malformed
from shared.events.recording import read_events

STDIN = "-"


class _RefusedError(OSError):
    """What is named is no file."""


def events_in(names: Sequence[str], unusable: list[LeftOut]) -> Iterator[object | Malformed]:
    """Go through the events of every file (`-`: standard input).

    Files that cannot be read are added to `unusable`.
    """
    for name in names:
        shown_name = "standard input" if name == STDIN else name
        try:
            with ExitStack() as stack:
                file = sys.stdin.buffer if name == STDIN else stack.enter_context(_opened(name))
                yield from read_events(file)
        except (OSError, ValueError) as error:
            words = error.strerror if isinstance(error, OSError) and error.strerror else error
            unusable.append(LeftOut(shown_name, "", f"cannot be read: {words}"))


def _opened(name: str) -> BinaryIO:
    """Open a file; anything else that can be opened might never end.

    Raises:
        OSError: there is no such file, or it cannot be opened.
    """
    path = Path(name)
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise _RefusedError("is a folder; name the files in it, such as folder/*.json")
    if not stat.S_ISREG(mode):
        raise _RefusedError("is no regular file; pipe it in and name it -")
    return path.open("rb")
