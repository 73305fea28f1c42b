"""The sinks that are set, or named on a command line, made ready to be told."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from shared.adapters.formats.ocsf import compliance_finding_of_alert
from shared.adapters.formats.portal import PUBLIC
from shared.adapters.formats.product import PARTITIONS, Producer, version
from shared.adapters.sinks.azure_calls import AzureCalls
from shared.adapters.sinks.connections import Connections
from shared.adapters.sinks.endpoint import Endpoint
from shared.adapters.sinks.event_grid import EventGridTopic
from shared.adapters.sinks.log_analytics import AUDIENCES, Collection, LogAnalytics, LogIngestion
from shared.adapters.sinks.secret_address import SecretAddress
from shared.adapters.sinks.teams.options import CardOptions
from shared.adapters.sinks.teams_webhook import TeamsWebhook
from shared.adapters.sinks.webhook import Webhook
from shared.domain.control import Control
from shared.domain.finding import Transition
from shared.ports import Clock, Sink
from shared.runtime.sink_settings import SinkSettings
from shared.settings import SettingsError

if TYPE_CHECKING:
    from shared.adapters.azure.cloud import Cloud
    from shared.adapters.azure.credential import Tokens

AzureAccess = Callable[[], "tuple[Cloud, Tokens]"]
"""Opens a cloud, with the tokens that are asked for in it."""

EXAMPLE = "such as webhook:https://example.com/hook"


class SinkKind(StrEnum):
    """The kinds of sinks."""

    CONSOLE = "console"
    WEBHOOK = "webhook"
    TEAMS = "teams"
    LOG_ANALYTICS = "log_analytics"
    EVENT_GRID = "event_grid"


_ONCE = frozenset({SinkKind.LOG_ANALYTICS, SinkKind.EVENT_GRID})
IN_AZURE = _ONCE
"""Sinks that are told with a token of Azure's."""


@dataclass(frozen=True, slots=True)
class ChosenSink:
    """A sink that alerts are to go to; of its address the scheme and host alone are shown.

    `rule_id` and `audience` are of Log Analytics, `list_link` of Teams.
    """

    kind: SinkKind
    name: str
    address: SecretAddress
    rule_id: str = ""
    audience: str | None = None
    list_link: str | None = None


def named_sinks(texts: Sequence[str]) -> list[ChosenSink]:
    """Read what a command line names: `KIND:URL` each, or `console`, which is left out.

    The URL of Log Analytics ends with the id of the rule: `https://<endpoint>/<rule id>`.

    Raises:
        SettingsError: one is no sink; the message shows nothing but its place and its kind.
    """
    count: Counter[SinkKind] = Counter()
    found = []
    for number, text in enumerate(texts, start=1):
        word, _, address = text.partition(":")
        try:
            kind = SinkKind(
                word.strip().lower().replace("-", "_").replace("eventgrid", "event_grid")
            )
        except ValueError:
            kinds = ", ".join(SinkKind)
            raise SettingsError(
                f"--sink number {number} is not KIND:URL, {EXAMPLE}; KIND is one of {kinds}"
            ) from None
        if kind is SinkKind.CONSOLE:
            continue
        count[kind] += 1
        if kind in _ONCE and count[kind] > 1:
            raise SettingsError(f"--sink {kind} can be given once only")
        name = str(kind) if count[kind] == 1 else f"{kind}:{count[kind]}"
        try:
            found.append(_chosen(kind, name, address))
        except ValueError as error:
            raise SettingsError(f"--sink {kind} cannot be used: {error}") from None
    return found


def _chosen(kind: SinkKind, name: str, text: str) -> ChosenSink:
    if kind is not SinkKind.LOG_ANALYTICS:
        return ChosenSink(kind, name, SecretAddress.parse(text))
    endpoint, _, rule = text.rpartition("/")
    if not rule.isascii() or not rule.replace("-", "").isalnum() or endpoint.endswith("/"):
        raise ValueError("its URL must read https://<endpoint>/<rule id>")
    return ChosenSink(kind, name, SecretAddress.parse(endpoint), rule_id=rule)


def set_sinks(settings: SinkSettings) -> list[ChosenSink]:
    """Return the sinks that are set."""
    sinks = settings.sinks
    found = []
    if (teams := sinks.teams) is not None:
        address = SecretAddress.parse(teams.url.get_secret_value())
        kind = SinkKind.TEAMS
        found.append(ChosenSink(kind, kind, address, list_link=teams.list_link))
    if (webhook := sinks.webhook) is not None:
        address = SecretAddress.parse(webhook.url.get_secret_value())
        found.append(ChosenSink(SinkKind.WEBHOOK, SinkKind.WEBHOOK, address))
    if (logs := sinks.log_analytics) is not None:
        address = SecretAddress.parse(logs.endpoint.rstrip("/"))
        kind = SinkKind.LOG_ANALYTICS
        found.append(ChosenSink(kind, kind, address, logs.rule_id, logs.audience))
    if (topic := sinks.event_grid) is not None:
        address = SecretAddress.parse(topic.topic)
        found.append(ChosenSink(SinkKind.EVENT_GRID, SinkKind.EVENT_GRID, address))
    return found


@dataclass(frozen=True, slots=True)
class SinkParts:
    """What sinks are made of.

    `secret` signs webhooks. `azure` opens a cloud with its tokens, for the sinks in Azure; whoever
    gives it closes them. `ca_file` is trusted by webhooks in place of the system's store. `portal`
    is the address of the cloud's portal, None where there is none.
    """

    clock: Clock
    controls: Mapping[str, Control]
    secret: str | None = field(default=None, repr=False)
    azure: AzureAccess | None = None
    ca_file: Path | None = None
    portal: str | None = PUBLIC
    closing: AsyncExitStack = field(default_factory=AsyncExitStack)

    def open(self, chosen: Sequence[ChosenSink]) -> list[Sink]:
        """Make sinks ready, inside the event loop that tells them; `closing` closes them.

        Raises:
            SettingsError: one cannot be made of this.
        """
        connections = Connections(self.ca_file)
        self.closing.push_async_callback(connections.close)
        return [self._opened(each, connections) for each in chosen]

    def _opened(self, chosen: ChosenSink, connections: Connections) -> Sink:
        match chosen.kind:
            case SinkKind.WEBHOOK:
                endpoint = Endpoint(chosen.address, connections, self.clock)
                name, portal = chosen.name, self.portal
                try:
                    return Webhook(endpoint, self.secret, self.clock, name=name, portal=portal)
                except ValueError as error:
                    raise SettingsError(str(error)) from None
            case SinkKind.TEAMS:
                endpoint = Endpoint(chosen.address, connections, self.clock)
                words = {name: each.requirement for name, each in self.controls.items()}
                options, link = (
                    CardOptions(requirements=words, portal=self.portal),
                    chosen.list_link,
                )
                return TeamsWebhook(endpoint, options, name=chosen.name, list_link=link)
            case SinkKind.LOG_ANALYTICS:
                cloud, calls = self._calls(chosen)
                audience = chosen.audience or AUDIENCES.get(cloud.name, AUDIENCES["public"])
                ingestion = LogIngestion(
                    Collection(chosen.address.url, chosen.rule_id, audience), calls
                )
                self.closing.push_async_callback(ingestion.close)
                return LogAnalytics(ingestion)
            case SinkKind.EVENT_GRID:
                cloud, calls = self._calls(chosen)
                producer = Producer(version(), PARTITIONS.get(cloud.name))
                topic = EventGridTopic(chosen.address.url, calls, partial(self._ocsf, producer))
                self.closing.push_async_callback(topic.close)
                return topic
            case SinkKind.CONSOLE:
                raise SettingsError("the console is the command's own")

    def _calls(self, chosen: ChosenSink) -> "tuple[Cloud, AzureCalls]":
        """Return how a service in Azure is called."""
        # Imported here: the Azure libraries cost a start what other sinks do not need.
        from shared.adapters.azure.session import open_session  # noqa: PLC0415 - see above

        if self.azure is None:
            raise SettingsError(f"the sink {chosen.kind} needs Azure's settings")
        cloud, tokens = self.azure()
        url = chosen.address.url
        return cloud, AzureCalls(tokens, partial(open_session, cloud, url), self.clock)

    def _ocsf(self, producer: Producer, alert: Transition) -> Mapping[str, object]:
        """Return the data of an event."""
        control = self.controls.get(alert.control or "")
        return compliance_finding_of_alert(alert, control, producer)
