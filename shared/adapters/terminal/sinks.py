"""The sink `console`: alerts on the page as they come."""

from collections.abc import Callable, Sequence

from shared.adapters.terminal.alert_lines import write_alert
from shared.adapters.terminal.page import Page
from shared.adapters.terminal.use_cases import CONSOLE
from shared.domain.finding import Transition


class ReaderGoneError(BaseException):
    """Nobody reads the output any more: as an interrupt, that is no failure of a sink."""


class ConsoleSink:
    """Writes what it is told on a page; `before` makes room for it, `alerts` are oldest first."""

    name = CONSOLE
    batch = 100

    def __init__(self, page: Page, before: Callable[[], None]) -> None:
        self.alerts: list[Transition] = []
        self._page = page
        self._before = before

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Write the alerts.

        Raises:
            ReaderGoneError: nobody reads them; they count as not told.
        """
        self._before()
        try:
            for alert in alerts:
                write_alert(self._page, alert)
            self._page.flush()
        except BrokenPipeError as error:
            raise ReaderGoneError from error
        self.alerts += alerts
