"""What a card is told beside the alert itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.adapters.formats.portal import PUBLIC
from shared.adapters.sinks.teams.words import clock
from shared.domain.finding import Transition
from shared.domain.verdict import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOptions:
    """The same for every alert of a sink.

    `requirements` are the controls' requirements by id: an alert knows its control by id only.
    `subscriptions` are display names by id (lower case). `portal` is the address of the cloud's
    portal, None where there is none. `details` gives the address that shows all of an alert; the
    addresses come from settings, never from data.
    """

    requirements: Mapping[str, str] = field(default_factory=dict)
    subscriptions: Mapping[str, str] = field(default_factory=dict)
    portal: str | None = PUBLIC
    details: Callable[[Transition], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What applied to one alert on its way.

    `before` is the evidence of the state before this one. `open_since` is when the finding was
    opened. `notes` are further facts by title: who snoozed it and why, whom it escalates to.
    """

    before: tuple[Evidence, ...] = ()
    open_since: datetime | None = None
    route: str | None = None
    exemption: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)


_BEGINNINGS = frozenset({"opened", "reopened", "blind_spot"})


def applied_to(alert: Transition) -> Applied:
    """Return what an alert itself tells: since when it is open, and what was decided about it."""
    notes: dict[str, str] = {}
    if alert.acknowledged is not None:
        notes["Acknowledged by"] = f"{alert.acknowledged.by}: {alert.acknowledged.reason}"
    if alert.snoozed is not None:
        until, snoozed = clock(alert.snoozed.until), alert.snoozed
        notes["Snoozed by"] = f"{snoozed.by}, until {until}: {snoozed.reason}"
    if alert.also_to:
        notes["Escalated to"] = ", ".join(alert.also_to)
    begins = alert.kind in _BEGINNINGS
    return Applied(before=alert.before, open_since=None if begins else alert.opened_at, notes=notes)
