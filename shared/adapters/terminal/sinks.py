"""The sink `console`: alerts on the page as they come, or kept for a result at the end."""

from collections.abc import Callable, Sequence

from shared.adapters.terminal.alert_lines import write_alert
from shared.adapters.terminal.page import Page
from shared.domain.finding import Transition

NAME = "console"


class ReaderGoneError(BaseException):
    """Nobody reads the output any more: as an interrupt, that is no failure of a sink."""


class CollectingSink:
    """Keeps what it is told; `alerts` are oldest first."""

    name = NAME

    def __init__(self) -> None:
        self.alerts: list[Transition] = []

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Keep the alerts."""
        self.alerts += alerts


class ConsoleSink(CollectingSink):
    """Writes what it is told on the page too; `before` makes room for it."""

    def __init__(self, page: Page, before: Callable[[], None]) -> None:
        super().__init__()
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
        await super().send(alerts)
