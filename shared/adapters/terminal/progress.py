"""How far long work has come, on standard error.

On a terminal one line that goes away again, elsewhere a line now and then.
"""

import sys
import time
from datetime import timedelta
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

PATIENCE = 1.0
"""Seconds that work may take before anything is shown."""
INTERVAL = 10.0
"""Seconds between two lines where standard error is no terminal."""


class Headway:
    """Counts steps of the work `what`; `total` is how many there will be, if that is known."""

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._live: Progress | None = None
        self._on_terminal = sys.stderr.isatty()
        self._began = time.monotonic()
        self._next_at = self._began + (PATIENCE if self._on_terminal else INTERVAL)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave nothing behind on the terminal."""
        self.hide()

    def advance(self, steps: int = 1) -> None:
        """Count steps, and show the count when it is time to."""
        self._done += steps
        now = time.monotonic()
        if now < self._next_at:
            return
        if self._on_terminal:
            self._show()
            self._next_at = now + 0.1
        else:
            of = f" of {self._total}" if self._total is not None else ""
            sys.stderr.write(f"{self._what}: {self._done}{of}{self._left(now)}\n")
            self._next_at = now + INTERVAL

    def expect(self, total: int) -> None:
        """Say how many steps there will be."""
        self._total = total

    def hide(self) -> None:
        """Take the line away to make room; the next step shows it again."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _left(self, now: float) -> str:
        """Return an estimate of how long the rest takes, at the speed so far."""
        if not self._total or not self._done or self._done >= self._total:
            return ""
        seconds = (now - self._began) / self._done * (self._total - self._done)
        return f", about {timedelta(seconds=round(seconds))} left"

    def _show(self) -> None:
        if self._live is None:
            counter = MofNCompleteColumn() if self._total else TextColumn("{task.completed}")
            left: list[ProgressColumn] = []
            if self._total:
                left = [TextColumn("about"), TimeRemainingColumn(), TextColumn("left")]
            self._live = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                counter,
                TimeElapsedColumn(),
                *left,
                console=Console(stderr=True),
                transient=True,
            )
            self._live.add_task(self._what, total=self._total)
            self._live.start()
        self._live.update(self._live.task_ids[0], completed=self._done, total=self._total)
