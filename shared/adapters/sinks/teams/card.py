"""An alert as a card: what happened, to what, who did it, and how to mend it."""

from shared.adapters.formats.portal import portal_link
from shared.adapters.formats.times import delay_words, lasted
from shared.adapters.sinks.teams.baseline import baseline_card
from shared.adapters.sinks.teams.elements import (
    Element,
    banner,
    facts,
    heading,
    message,
    open_link,
    text,
)
from shared.adapters.sinks.teams.evidence import evidence_rows
from shared.adapters.sinks.teams.looks import SEVERITY_MARKS, headline, look_of
from shared.adapters.sinks.teams.options import Applied, CardOptions, applied_to
from shared.adapters.sinks.teams.plain_text import plain
from shared.adapters.sinks.teams.remedy import steps
from shared.adapters.sinks.teams.room import Room, in_bounds
from shared.adapters.sinks.teams.title import control_words, subscription_words, title_of
from shared.adapters.sinks.teams.words import (
    clock,
    joined,
    name_of,
    parsed,
    type_words,
)
from shared.domain.finding import Transition, TransitionKind, finding_uid

_OVER = frozenset({"resolved", "blind_spot_cleared"})
"""Kinds that tell of an end: their severity is not urgent, so it has no mark."""


def alert_card(alert: Transition, options: CardOptions, applied: Applied | None = None) -> Element:
    """Return the message that shows one alert, under 20 KB whatever it holds.

    `applied` is by default what the alert itself tells of.
    """
    if alert.kind == TransitionKind.BASELINE:
        return baseline_card(alert, options)
    told = applied or applied_to(alert)
    return in_bounds(lambda room: _drawn(alert, options, told, room))


def _drawn(alert: Transition, options: CardOptions, applied: Applied, room: Room) -> Element:
    """Draw the card with so much room."""
    look = look_of(alert.kind)
    title, status = title_of(alert, options, room), _status(alert)
    body = [
        banner(status, title, control_words(alert.control, room), look.tone),
        text(plain(alert.message, room.text), spacing="Medium"),
        *facts(_facts(alert, options, applied, room)),
    ]
    rows = evidence_rows(alert.evidence, applied.before, room, past=alert.kind in _OVER)
    if rows:
        body += [heading(look.evidence), *rows]
    shown, buttons = steps(alert.remediation, room) if look.steps else ([], [])
    if shown:
        body += [heading(look.steps), *shown]
    finding = alert.control and f"Finding {finding_uid(alert.control, alert.resource_id)}"
    ids = joined((f"Alert {plain(alert.id, room.name)}", finding or ""))
    body.append(text(ids, size="Small", subtle=True))
    link = portal_link(alert.resource_id, options.portal) if options.portal is not None else None
    actions = [open_link("Open in portal", link)] if link is not None else []
    if options.details is not None:
        actions.append(open_link("All details", options.details(alert)))
    name = name_of(alert.resource_id, room.name)
    return message(body, [*actions, *buttons], joined((status, title, name)))


def _status(alert: Transition) -> str:
    """Return what happened and how bad it is, for the top line."""
    severity = f"{alert.severity} severity"
    if alert.kind not in _OVER:
        severity = f"{SEVERITY_MARKS[alert.severity]} {severity}"
    look = look_of(alert.kind)
    return joined((f"{look.mark} {headline(alert.kind, alert.reason)}", severity))


def _facts(
    alert: Transition, options: CardOptions, applied: Applied, room: Room
) -> list[tuple[str, str]]:
    """Return what the alert is about, who did it, when, and what applied."""
    pairs = _where(alert, options, room)
    by = alert.attribution
    if by is not None:
        who = plain(by.actor, room.name) if by.actor else "not told by Azure"
        pairs.append(("Changed by", who))
        pairs.append(("Changed at", clock(by.occurred_at)))
        if alert.detected_after is not None:
            delay = delay_words(alert.detected_after)
            pairs.append(("Detected", f"{delay}, {clock(alert.at)}"))
        if not by.exact:
            pairs.append(("Change of", "something that this resource depends on"))
    else:
        pairs.append(("Recorded at", clock(alert.at)))
    if applied.open_since is not None:
        pairs.append(("Open for", lasted(alert.at - applied.open_since)))
    if applied.route:
        pairs.append(("Route", plain(applied.route, room.name)))
    if applied.exemption:
        pairs.append(("Exemption", plain(applied.exemption, room.value)))
    for title, note in list(applied.notes.items())[: room.notes]:
        pairs.append((plain(title, 20), plain(note, room.value)))
    return pairs


def _where(alert: Transition, options: CardOptions, room: Room) -> list[tuple[str, str]]:
    """Return the resource, what it is a part of, its group and subscription."""
    resource = parsed(alert.resource_id)
    kind = type_words(alert.resource_type)
    if resource is None:
        return [("Resource", joined((plain(alert.resource_id, room.name), kind)))]
    if not resource.segments and not resource.extension:
        return [("Subscription", subscription_words(resource.subscription, options, room))]
    pairs = [("Resource", name_of(resource.text, room.name)), ("Type", kind)]
    root = resource.root
    if root != resource:
        pairs.append(("Part of", joined((name_of(root.text, room.name), type_words(root.type)))))
    if resource.resource_group:
        pairs.append(("Group", plain(resource.resource_group, room.name)))
    return [*pairs, ("Subscription", subscription_words(resource.subscription, options, room))]
