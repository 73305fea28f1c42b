"""How every command ends: a status, and one line that says what is wrong; never a traceback.

0    the command did its work
1    `check` found something failing
2    unusable input or usage; or a fault of the monitor itself
130  interrupted with Ctrl-C
141  nobody reads the output any more (`| head`), as for every Unix command
"""

import logging
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from io import TextIOWrapper
from typing import NoReturn, ParamSpec

import typer

from shared.adapters.terminal.logs import show_logs
from shared.adapters.terminal.notes import error
from shared.ports import PortError
from shared.settings import SettingsError

USAGE, INTERRUPTED, CLOSED = 2, 130, 141

log = logging.getLogger(__name__)

P = ParamSpec("P")


class CannotRunError(Exception):
    """The command cannot do what it is asked; the message says why and what to do."""


def ends_with_status(command: Callable[P, int]) -> Callable[P, None]:
    """Make a function that returns a status a command that ends with it, whatever happens."""

    @wraps(command)
    def run_command(*args: P.args, **options: P.kwargs) -> None:
        try:
            status = command(*args, **options)
            sys.stdout.flush()
        except typer.Exit:
            raise
        except BrokenPipeError:
            _let_go_of_stdout()
            status = CLOSED
        except KeyboardInterrupt:
            error("interrupted")
            status = INTERRUPTED
        except (PortError, SettingsError, CannotRunError) as problem:
            # Settings are refused one a line.
            error("; ".join(str(problem).split("\n  ")).replace(":; ", ": "))
            status = USAGE
        except OSError as problem:
            error(f"the system refused: {problem}")
            _let_go_of_stdout()
            status = USAGE
        except Exception as problem:
            log.info("the traceback:", exc_info=True)
            error(
                f"a fault of the monitor itself ({type(problem).__name__}: {problem});"
                " run again with --verbose and report the traceback"
            )
            status = USAGE
        raise typer.Exit(status)

    return run_command


def ask_for_command(context: typer.Context) -> None:
    """Show the help and end, when no command is named."""
    if context.invoked_subcommand is None:
        sys.stderr.write(f"{context.get_help()}\n")
        raise typer.Exit(USAGE)


def run(app: typer.Typer) -> int:
    """Run the command that the command line names, and return its exit status."""
    _prepare_streams()
    # Otherwise asyncio puts a handler of its own there, which waits for blocking reads to end.
    signal.signal(signal.SIGINT, _interrupt)
    show_logs(verbose=False)
    try:
        status = app(standalone_mode=False)
    except typer.TyperException as problem:
        _tell_usage(problem)
        return USAGE
    except typer.Abort:
        return INTERRUPTED
    return status if isinstance(status, int) else 0


def _tell_usage(problem: typer.TyperException) -> None:
    """Say what is wrong with the command line, and where the help is."""
    context = getattr(problem, "ctx", None)
    near = getattr(problem, "possibilities", None)
    words = getattr(problem, "message", "") if near else problem.format_message()
    words = " ".join(words.split()).rstrip(".")
    if near:
        words += f". Did you mean {near[0]!r}?"
    path = getattr(context, "command_path", "cli.py")
    error(f"{words}{'' if words.endswith('?') else '.'} `{path} --help` tells more")


def _interrupt(_number: int, _frame: object) -> NoReturn:
    """End what is being done at once."""
    raise KeyboardInterrupt


def leave_interrupts_to_asyncio() -> None:
    """Let Ctrl-C cancel what an event loop has under way, in order: connections are closed.

    For work that waits for the network alone; before the loop begins.
    """
    if signal.getsignal(signal.SIGINT) is _interrupt:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _prepare_streams() -> None:
    """Open streams that came closed, and escape what a stream cannot encode."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - open until the end
        elif isinstance(stream, TextIOWrapper) and mode == "w":
            stream.reconfigure(errors="backslashreplace")


def _let_go_of_stdout() -> None:
    """Give what is still buffered to nobody, or the interpreter fails on it at its end."""
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
