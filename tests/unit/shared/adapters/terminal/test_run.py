"""However a command ends, it ends with a status and at most one line."""

import errno
import io
import logging
import sys
from collections.abc import Iterator
from typing import NoReturn

import pytest
import typer

from shared.adapters.terminal.logs import show_logs
from shared.adapters.terminal.run import CannotRunError, ends_with_status
from shared.ports import StoreUnusableError


def ended(problem: BaseException | None, status: int = 0) -> int:
    """Run a command that ends so, and return its exit status."""

    def command() -> int:
        if problem is not None:
            raise problem
        return status

    with pytest.raises(typer.Exit) as exited:
        ends_with_status(command)()
    return exited.value.exit_code


@pytest.mark.parametrize("status", [0, 1, 2])
def test_a_command_ends_with_the_status_that_it_returns(status: int) -> None:
    """Nothing is added."""
    assert ended(None, status) == status


@pytest.mark.parametrize(
    ("problem", "status", "said"),
    [
        (StoreUnusableError("the store is broken"), 2, "error: the store is broken\n"),
        (CannotRunError("no control 'x'"), 2, "error: no control 'x'\n"),
        (KeyboardInterrupt(), 130, "error: interrupted\n"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 141, ""),
        (OSError(errno.ENOSPC, "No space left"), 2, "error: the system refused: [Errno 28]"),
        (
            ZeroDivisionError("\x1bdivision"),
            2,
            r"error: a fault of the monitor itself (ZeroDivisionError: \x1bdivision); run again",
        ),
    ],
)
def test_a_problem_is_one_line_and_a_status(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    problem: BaseException,
    status: int,
    said: str,
) -> None:
    """Never a traceback."""
    monkeypatch.setattr(sys, "stdout", io.StringIO())

    assert ended(problem) == status

    err = capsys.readouterr().err
    assert err.startswith(said)
    assert err.count("\n") == bool(said)


def test_an_exit_on_purpose_stays_as_it_is() -> None:
    """An option that ends the command decides its status."""
    assert ended(typer.Exit(7)) == 7


@pytest.fixture
def _levels() -> Iterator[None]:
    """Loggers tell as much after a test as before it; other tests count what is told."""
    loggers = [logging.getLogger(each) for each in ("", "azure.core", "azure.identity", "asyncio")]
    before = [each.level for each in loggers]
    yield
    for each, level in zip(loggers, before, strict=True):
        each.setLevel(level)


@pytest.mark.usefixtures("_levels")
def test_logs_show_a_traceback_only_when_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Warnings and worse as one escaped line; with --verbose more, and the traceback."""
    root, log = logging.getLogger(), logging.getLogger("tests")
    monkeypatch.setattr(root, "handlers", [])

    def fail() -> NoReturn:
        raise ZeroDivisionError("\x1bnothing")

    for verbose in (False, True):
        show_logs(verbose=verbose)
        log.info("reading")
        try:
            fail()
        except ZeroDivisionError:
            log.exception("crashed on \x1b[2J%s", "x")

    quiet, *loud = capsys.readouterr().err.splitlines()
    assert quiet == r"error: crashed on \x1b[2Jx"
    assert loud[:3] == [
        "info: reading",
        r"error: crashed on \x1b[2Jx",
        "Traceback (most recent call last):",
    ]
    assert loud[-1] == r"ZeroDivisionError: \x1bnothing"
