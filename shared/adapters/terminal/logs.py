"""Log lines on standard error: short, escaped, and with a traceback only when asked for."""

import logging
import sys

from shared.adapters.terminal.escape import shown


class _Line(logging.Formatter):
    """One line a record; with `tracebacks` the lines of the traceback after it."""

    def __init__(self, *, tracebacks: bool) -> None:
        super().__init__()
        self._tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        lines = [f"{record.levelname.lower()}: {shown(record.getMessage())}"]
        if record.exc_info and self._tracebacks:
            lines += [shown(line) for line in self.formatException(record.exc_info).splitlines()]
        return "\n".join(lines)


def show_logs(*, verbose: bool) -> None:
    """Show warnings and worse; with `verbose` what the monitor does too, and tracebacks."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line(tracebacks=verbose))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO if verbose else logging.WARNING)
    # They tell at WARNING what the command then says in its own words.
    for name in ("azure.core", "azure.identity"):
        logging.getLogger(name).setLevel(logging.INFO if verbose else logging.ERROR)
    # It tells at INFO how an event loop was chosen.
    logging.getLogger("asyncio").setLevel(logging.WARNING)


def be_verbose(asked: bool) -> None:  # noqa: FBT001 - the value of an option
    """Show more, when the option asks for it."""
    if asked:
        show_logs(verbose=True)
