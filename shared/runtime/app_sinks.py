"""The sinks that are set, opened for the function app."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from shared.adapters.formats.controls import known_controls
from shared.adapters.formats.portal import PORTALS
from shared.adapters.sinks.log_analytics import LogAnalytics
from shared.adapters.sinks.log_tables import EVALUATIONS, HEALTH
from shared.domain.control import Catalogue
from shared.pipeline.keep import Keep
from shared.pipeline.told import Rules
from shared.ports import Clock, Sink
from shared.runtime.alerts import AppSinks, LogTables
from shared.runtime.sink_settings import SinkSettings, check_escalation
from shared.runtime.sinks import AzureAccess, SinkParts, set_sinks


def app_sinks(
    settings: SinkSettings,
    catalogue: Catalogue,
    clock: Clock,
    azure: AzureAccess | None,
    escalate_to: str | None = None,
) -> tuple[AppSinks, SinkParts]:
    """Open the sinks that are set, inside the event loop that tells them; the parts close them.

    Raises:
        SettingsError: one needs what is not set.
    """
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else None
    check_escalation(escalate_to, settings.sinks.names)
    parts = SinkParts(clock, known_controls(catalogue), secret, azure)
    if azure is not None:
        cloud, _tokens = azure()
        parts = replace(parts, ca_file=cloud.ca_file, portal=PORTALS.get(cloud.name))
    rules = Rules(
        window=settings.window,
        give_up_after=settings.give_up_after,
        escalation=frozenset({escalate_to} if escalate_to else ()),
    )
    sinks = parts.open(set_sinks(settings))
    return AppSinks(sinks, rules, _tables(sinks, settings.evaluations)), parts


def _tables(sinks: Sequence[Sink], keep: Keep) -> LogTables | None:
    """Return who writes the tables of health and evaluations, where the one of alerts is set."""
    for each in sinks:
        if isinstance(each, LogAnalytics):
            write = each.ingestion.write
            return LogTables(partial(write, HEALTH), partial(write, EVALUATIONS), keep)
    return None
