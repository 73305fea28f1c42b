"""Progress is shown when it is worth it, and leaves nothing behind."""

import io
import sys
import time

import pytest

from shared.adapters.terminal.progress import Headway


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """Return yes."""
        return True


class Watch:
    """A clock that is set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = 0.0
        monkeypatch.setattr("shared.adapters.terminal.progress.time.monotonic", lambda: self.time)


@pytest.fixture(name="watch")
def _watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Set the time by hand."""
    assert time.monotonic() > 0
    return Watch(monkeypatch)


def test_where_there_is_no_terminal_a_line_comes_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch, watch: Watch
) -> None:
    """Short work is silent."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with Headway("Looking at roots", total=100) as headway:
        for second in range(1, 26):
            watch.time = second
            headway.advance()

    assert stream.getvalue().splitlines() == [
        "Looking at roots: 10 of 100, about 0:01:30 left",
        "Looking at roots: 20 of 100, about 0:01:20 left",
    ]


def test_a_terminal_sees_nothing_of_short_work(
    monkeypatch: pytest.MonkeyPatch, watch: Watch
) -> None:
    """Less than a second."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with Headway("Reading files") as headway:
        watch.time = 0.9
        headway.advance()

    assert stream.getvalue() == ""


def test_a_terminal_sees_the_count_of_long_work_and_then_nothing(
    monkeypatch: pytest.MonkeyPatch, watch: Watch
) -> None:
    """The line is taken away at the end, and when something else is to be written."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    with Headway("Reading files") as headway:
        watch.time = 2
        headway.advance(5)
        headway.hide()
        headway.expect(20)
        watch.time = 3
        headway.advance(5)

    assert "Reading files" in stream.getvalue()
    assert "10/20" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[2K")
