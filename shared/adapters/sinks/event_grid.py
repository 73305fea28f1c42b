"""The sink `event_grid`: CloudEvents 1.0 to a custom topic, their data an OCSF finding."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import quote

from shared.adapters.formats.product import NAME
from shared.adapters.sinks.azure_calls import AzureCalls
from shared.adapters.sinks.portions import portions
from shared.adapters.sinks.whole_text import whole_json, whole_text
from shared.domain.finding import Transition, TransitionKind

if TYPE_CHECKING:
    from azure.core.messaging import CloudEvent
    from azure.eventgrid.aio import EventGridPublisherClient

BATCH = 100
ENVELOPE_BYTES = 4096
"""More than the attributes of an event take beside its data."""

_OF_THE_WATCH = frozenset(
    {TransitionKind.BASELINE, TransitionKind.BLIND_SPOT, TransitionKind.BLIND_SPOT_CLEARED}
)


class EventGridTopic:
    """Publishes an event for each alert; `batch` is how many it takes at once.

    `data_of` gives the data of an event. The client asks for tokens for
    `https://eventgrid.azure.net`, in whatever cloud it is.
    """

    name = "event_grid"
    batch = BATCH

    def __init__(
        self,
        endpoint: str,
        calls: AzureCalls,
        data_of: Callable[[Transition], Mapping[str, object]],
    ) -> None:
        self._endpoint = endpoint
        self._calls = calls
        self._data_of = data_of
        self._client: EventGridPublisherClient | None = None

    async def send(self, alerts: Sequence[Transition]) -> None:
        """Publish the alerts, oldest first; after a failure some of them may have arrived.

        Raises:
            BusyError: send them again later.
            RefusedError: at least one of them will never be taken.
        """
        sized = ((each, whole_json(dict(self._data_of(each)))) for each in alerts)
        for portion in portions(sized, lambda each: ENVELOPE_BYTES + len(json.dumps(each[1]))):
            events = [_event(alert, data) for alert, data in portion]
            async with self._calls.calling("Event Grid"):
                await self._opened().send(events)

    def _opened(self) -> "EventGridPublisherClient":
        """Return the client, made at the first use: its library costs 80 ms of a start."""
        if self._client is None:
            from azure.eventgrid.aio import (  # noqa: PLC0415 - see above
                EventGridPublisherClient,
            )

            self._client = EventGridPublisherClient(self._endpoint, **self._calls.client_options())
        return self._client

    async def close(self) -> None:
        """Close the connections, if there are any; the next use opens others."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()


def _event(alert: Transition, data: dict[str, object]) -> "CloudEvent[dict[str, object]]":
    """Return the event of an alert: its id is the alert's, however often it is sent."""
    from azure.core.messaging import CloudEvent  # noqa: PLC0415 - costs a start what few need

    return CloudEvent(
        id=alert.id,
        # A URI reference: whatever a name holds is escaped.
        source=f"/{NAME}{quote(whole_text(alert.root))}",
        type=event_type(alert.kind),
        subject=whole_text(alert.resource_id),
        time=alert.at.astimezone(UTC),
        datacontenttype="application/json",
        data=data,
    )


def event_type(kind: str) -> str:
    """Return the type of an event: `Compliance.Finding.Opened` for `opened`.

    What is about the watch and not about a finding is `Compliance.Watch.…`.
    """
    subject = "Watch" if kind in _OF_THE_WATCH else "Finding"
    return f"Compliance.{subject}.{''.join(each.capitalize() for each in kind.split('_'))}"
