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
from shared.runtime.sink_settings import SinkSettings
from shared.runtime.sinks import AzureAccess, SinkParts, set_sinks
from shared.settings import SettingsError


def names_of(settings: SinkSettings) -> frozenset[str]:
    """Return the names of the sinks that are set: what all of them were told of can be cleared."""
    return frozenset(each.name for each in set_sinks(settings))


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
    if escalate_to:
        _check_escalation(escalate_to, names_of(settings))
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


def _check_escalation(name: str, known: frozenset[str]) -> None:
    """Refuse a sink that there is not, and one beside which there is none for other alerts.

    Raises:
        SettingsError: it is so.
    """
    if name not in known:
        raise SettingsError(
            "the settings cannot be used:\n  COMPLIANCE_ESCALATE_TO: is the name of no sink; "
            f"set are {', '.join(sorted(known)) or 'none'}"
        )
    if known == {name}:
        raise SettingsError(
            "the settings cannot be used:\n  COMPLIANCE_ESCALATE_TO: is the only sink that is set, "
            "and would be told of reminders alone; set another one for the other alerts"
        )
