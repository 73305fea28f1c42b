"""The sinks that are told over the network, as worlds of the sinks' contract."""

import contextlib
from collections.abc import Iterator

from shared.adapters.sinks.alert_keys import key_of
from shared.adapters.sinks.log_tables import ALERTS
from shared.adapters.sinks.teams.options import CardOptions
from shared.adapters.sinks.teams_webhook import TRACKING, TeamsWebhook
from shared.adapters.sinks.webhook import Webhook
from shared.ports import BusyError, Sink
from tests.local_azure.faults import Fault, Faults
from tests.records import transition
from tests.sink_worlds import HookWorld, TopicWorld, running_hooks, running_logs, running_topic

_DOWN = Fault("^POST ", status=503)


@contextlib.contextmanager
def _down(faults: Faults) -> Iterator[None]:
    """Answer every post with 503 for a while."""
    faults.add(_DOWN)
    yield
    faults.clear(_DOWN.match)


class _HookBackend:
    """A receiver of webhooks."""

    failure = BusyError
    sink: Sink
    _world: HookWorld

    def __init__(self) -> None:
        self._running = contextlib.AsyncExitStack()

    async def start(self) -> None:
        """Start the receiver."""
        self._world = await self._running.enter_async_context(running_hooks())

    async def close(self) -> None:
        """Stop it."""
        await self._running.aclose()

    def down(self) -> contextlib.AbstractContextManager[None]:
        """Let it take nothing for a while."""
        return _down(self._world.hooks.faults)


class WebhookBackend(_HookBackend):
    """`Webhook` on a receiver of objects."""

    async def start(self) -> None:
        """Start the receiver."""
        await super().start()
        self.sink = Webhook(self._world.endpoint(), "secret", self._world.clock)

    def told(self) -> list[str]:
        """Return the ids in the objects, one or several a post."""
        contents = [post.content for post in self._world.hooks.posts]
        objects = [each if isinstance(each, list) else [each] for each in contents]
        return [alert["id"] for each in objects for alert in each]


class TeamsBackend(_HookBackend):
    """`TeamsWebhook` on a receiver of cards."""

    async def start(self) -> None:
        """Start the receiver."""
        await super().start()
        self.sink = TeamsWebhook(self._world.endpoint(), CardOptions())

    def told(self) -> list[str]:
        """Return the ids of the alerts by the tracking ids of the posts."""
        known = {key_of([each]): each.id for each in map(transition, range(1, 10))}
        return [known[post.headers[TRACKING]] for post in self._world.hooks.posts]


class EventGridBackend:
    """`EventGridTopic` on a topic of the local Azure."""

    failure = BusyError
    sink: Sink
    _world: TopicWorld

    def __init__(self) -> None:
        self._running = contextlib.AsyncExitStack()

    async def start(self) -> None:
        """Start the local Azure."""
        self._world = await self._running.enter_async_context(running_topic())
        self.sink = self._world.sink

    async def close(self) -> None:
        """Stop it."""
        await self._running.aclose()

    def told(self) -> list[str]:
        """Return the ids of the events."""
        return [each["id"] for each in self._world.service.events]

    def down(self) -> contextlib.AbstractContextManager[None]:
        """Let the topic take nothing for a while."""
        return _down(self._world.azure.faults)


class LogAnalyticsBackend:
    """`LogAnalytics` on a data collection rule of the local Azure."""

    failure = BusyError
    sink: Sink

    def __init__(self) -> None:
        self._running = contextlib.AsyncExitStack()

    async def start(self) -> None:
        """Start the local Azure."""
        self._world = await self._running.enter_async_context(running_logs())
        self.sink = self._world.sink

    async def close(self) -> None:
        """Stop it."""
        await self._running.aclose()

    def told(self) -> list[str]:
        """Return the ids in the rows."""
        return [str(each["AlertId"]) for each in self._world.service.rows[ALERTS.stream]]

    def down(self) -> contextlib.AbstractContextManager[None]:
        """Let the rule take nothing for a while."""
        return _down(self._world.azure.faults)
