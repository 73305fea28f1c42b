"""The sink `teams`: cards to the Workflows webhook of a channel.

Workflows answers 202 before the flow runs: it was accepted, which does not prove that anybody saw
it. What becomes of a card is in the flow's run history, which knows it by its tracking id.
"""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta

from shared.adapters.sinks.alert_keys import key_of
from shared.adapters.sinks.endpoint import Endpoint
from shared.adapters.sinks.teams.card import alert_card
from shared.adapters.sinks.teams.digest import digest_card
from shared.adapters.sinks.teams.elements import Element
from shared.adapters.sinks.teams.options import Applied, CardOptions, applied_to
from shared.adapters.sinks.whole_text import whole_text
from shared.domain.finding import Transition
from shared.domain.sink_state import Rate

TRACKING = "x-ms-client-tracking-id"
"""By it the run history of a flow finds a post ("Monitor logic apps", Microsoft Learn)."""
MARGIN = timedelta(seconds=1)
"""Posts can arrive closer together than they were sent."""
RATES = tuple(
    Rate(posts, within + MARGIN)
    for posts, within in (
        (4, timedelta(seconds=1)),
        (60, timedelta(seconds=30)),
        (100, timedelta(hours=1)),
        (1_800, timedelta(days=1)),
    )
)
"""The limits of a channel's connector.

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using#rate-limiting-for-connectors
"""


class TeamsWebhook:
    """Posts a card for each alert, or one digest for all of a window; never looks at the pace.

    The delivery keeps Teams' limits: it calls `send` with one alert (`batch`), or `send_digest`.
    `applied` tells what applied to an alert, `list_link` is where a digest sends its readers.
    """

    batch = 1
    rates = RATES

    def __init__(
        self,
        endpoint: Endpoint,
        options: CardOptions,
        *,
        name: str = "teams",
        applied: Callable[[Transition], Applied] = applied_to,
        list_link: str | None = None,
    ) -> None:
        self.name = name
        self._endpoint = endpoint
        self._options = options
        self._applied = applied
        self._list_link = list_link

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Post a card for each alert, oldest first.

        Raises:
            BusyError: one was not taken; those before it were.
            RefusedError: one will never be; those before it were taken.
        """
        for alert in alerts:
            await self._post(alert_card(alert, self._options, self._applied(alert)), [alert])

    async def send_digest(self, alerts: Sequence[Transition], window: timedelta) -> None:
        """Post one card for all alerts of a window.

        Raises:
            BusyError: it was not taken.
            RefusedError: it will never be.
        """
        if alerts:
            await self._post(digest_card(alerts, window, self._options, self._list_link), alerts)

    async def _post(self, card: Element, alerts: Sequence[Transition]) -> None:
        body = json.dumps(card, ensure_ascii=False, separators=(",", ":"))
        await self._endpoint.post(whole_text(body).encode(), {TRACKING: key_of(alerts)})
