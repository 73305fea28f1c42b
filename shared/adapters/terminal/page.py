"""Lines for people: escaped, wrapped to the stream's width, in colour only on a terminal."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self, TextIO

from rich.cells import cell_len, chop_cells

from shared.adapters.terminal.escape import shown

NARROWEST = 40
NARROWEST_TEXT = 10
"""Behind long spans a text is written all the same, though the line gets too wide."""
WIDEST = 120
"""Longer lines are hard to read."""
ADDRESS = "https://"
COMMAND = "az "
"""Steps of a remediation that begin so, or go on so after a colon, are commands to copy."""

_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "magenta": "35",
    "cyan": "36",
    "bold red": "1;31",
}
_WORD = re.compile(r"""(?:'[^']*'|"(?:[^"\\]|\\.)*"|\S)+""")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line that is not wrapped; `cells` pads it."""

    text: str
    style: str = ""
    cells: int = 0


class Page:
    """Writes lines to a stream; whatever text comes in is escaped here."""

    def __init__(self, stream: TextIO, *, width: int, colour: bool) -> None:
        """Write to a stream that has this many columns."""
        self._stream = stream
        self._colour = colour
        self.width = max(NARROWEST, min(width, WIDEST))

    @classmethod
    def on(cls, stream: TextIO) -> Self:
        """Return a page as wide as the terminal, else 80 columns; plain where none is wanted."""
        colour = (
            stream.isatty()
            and not os.environ.get("NO_COLOR")
            and os.environ.get("TERM", "") != "dumb"
        )
        return cls(stream, width=shutil.get_terminal_size((80, 24)).columns, colour=colour)

    def flush(self) -> None:
        """Hand on what is written."""
        self._stream.flush()

    def blank(self) -> None:
        """Write an empty line."""
        self._stream.write("\n")

    def text(self, text: str, style: str = "", *, indent: int = 0) -> None:
        """Write a paragraph."""
        self.row((), text, style, indent=indent)

    def row(self, spans: tuple[Span, ...], text: str, style: str = "", *, indent: int = 0) -> None:
        """Write spans and, behind them, a text that is wrapped under its own beginning."""
        start = " " * indent + "".join(self._painted(each) for each in spans)
        taken = indent + sum(max(each.cells, cell_len(shown(each.text))) for each in spans)
        for line in wrapped(shown(text), max(self.width - taken, NARROWEST_TEXT)):
            self._stream.write(f"{start}{self._paint(line, style)}".rstrip(" ") + "\n")
            start = " " * taken

    def steps(self, remediation: str, *, indent: int) -> None:
        """Write the steps of a remediation, one a line; commands can be copied as they stand."""
        # Not splitlines: a name may hold other line separators, and what follows is no command.
        for step in remediation.split("\n"):
            words, colon, command = step.partition(f": {COMMAND}")
            if step.startswith(COMMAND):
                self.command(step, indent)
            elif colon and words.count("'") % 2 == 0:
                self.text(f"{words}:", indent=indent)
                self.command(COMMAND + command, indent + 2)
            else:
                self.text(step, indent=indent)

    def command(self, command: str, indent: int) -> None:
        r"""Write a shell command, continued with `\` and never broken inside a word."""
        lines = [""]
        for word in _arguments(shown(command)):
            longer = f"{lines[-1]} {word}" if lines[-1] else word
            if lines[-1] and cell_len(longer) > self.width - indent - 4:
                lines.append(word)
            else:
                lines[-1] = longer
        for at, line in enumerate(lines):
            end = " \\" if at < len(lines) - 1 else ""
            space = " " * (indent + (2 if at else 0))
            self._stream.write(f"{space}{self._paint(line, 'cyan')}{end}\n")

    def _painted(self, span: Span) -> str:
        text = shown(span.text)
        return self._paint(text, span.style) + " " * (span.cells - cell_len(text))

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if style and self._colour else text


def _arguments(command: str) -> Iterator[str]:
    """Go through the words of a command; an option and its value stay together."""
    words = _WORD.findall(command)
    while words:
        word = words.pop(0)
        while words and word.startswith("-") and not words[0].startswith("-"):
            word = f"{word} {words.pop(0)}"
        yield word


def wrapped(text: str, width: int) -> list[str]:
    """Break a text into lines of at most `width` cells: at spaces, or within longer words."""
    lines = [""]
    for word in _pieces(text, width):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if not lines[-1] or cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pieces(text: str, width: int) -> Iterator[str]:
    """Go through the words; one longer than a line comes in pieces, unless it is an address."""
    for word in text.split():
        if cell_len(word) <= width or word.startswith(ADDRESS):
            yield word
        else:
            yield from chop_cells(word, width)
