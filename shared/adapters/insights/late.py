"""The observer of the function app, which is silent until the first invocation is over.

The libraries cost a start 250 ms, and nobody who waits for an alert should wait for them. So the
first invocation of a worker is told by the host's own record and by the log alone; when it is over
a thread imports them, and what comes then is watched.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

from shared.ports import Attribute, Measure, Observer, Span

log = logging.getLogger(__name__)

Open = Callable[[ContextVar[str]], Observer]
"""Makes the real observer, which reads the parent of an invocation from what it is given."""


class _Unwatched:
    def note(self, **attributes: Attribute) -> None:
        """Say nothing."""


class LateObserver:
    """Silent until `open_observer` has made the real one; None: for good."""

    def __init__(self, open_observer: Open | None) -> None:
        self._open = open_observer
        self._real: Observer | None = None
        self._parent: ContextVar[str] = ContextVar("traceparent", default="")
        self._opening: threading.Thread | None = None

    @contextmanager
    def invocation(self, traceparent: str | None) -> Iterator[None]:
        """Let what is watched inside belong to an invocation of the host (W3C `traceparent`)."""
        token = self._parent.set(traceparent or "")
        try:
            yield
        finally:
            self._parent.reset(token)
            if self._open is not None and self._opening is None:
                self._opening = threading.Thread(target=self._begin, name="insights", daemon=True)
                self._opening.start()

    def wait(self) -> None:
        """Wait until the real observer is there, where one was begun; tests and benches do."""
        if self._opening is not None:
            self._opening.join()

    def span(self, name: str, /, **attributes: Attribute) -> AbstractContextManager[Span]:
        """Watch a piece of work, if somebody does by now."""
        real = self._real
        return nullcontext(_UNWATCHED) if real is None else real.span(name, **attributes)

    def count(self, measure: Measure, amount: int = 1, /, **attributes: Attribute) -> None:
        """Count something, if somebody does by now."""
        if self._real is not None:
            self._real.count(measure, amount, **attributes)

    def record(self, measure: Measure, value: float, /, **attributes: Attribute) -> None:
        """Tell a measured value, if somebody listens by now."""
        if self._real is not None:
            self._real.record(measure, value, **attributes)

    def _begin(self) -> None:
        """Make the real observer; the work of the monitor does not depend on it."""
        if self._open is None:
            return
        try:
            self._real = self._open(self._parent)
        except Exception as error:  # noqa: BLE001 - whatever it is, alerts go out without spans
            # Its text may quote the connection string.
            log.warning("nothing is told to Application Insights: %s", type(error).__name__)


_UNWATCHED = _Unwatched()
