"""The first sweep of a subscription as one card: how much was found, not each thing of it."""

from collections.abc import Mapping

from shared.adapters.formats.portal import portal_link
from shared.adapters.sinks.teams.elements import Element, banner, facts, message, open_link, text
from shared.adapters.sinks.teams.looks import look_of, severity_words
from shared.adapters.sinks.teams.options import CardOptions
from shared.adapters.sinks.teams.plain_text import exact
from shared.adapters.sinks.teams.room import ROOMS
from shared.adapters.sinks.teams.title import subscription_words
from shared.adapters.sinks.teams.words import clock, joined, parsed
from shared.domain.finding import Transition
from shared.domain.verdict import Severity

MESSAGE = 400


def baseline_card(
    alert: Transition,
    options: CardOptions,
    opened: Mapping[Severity, int] | None = None,
    list_link: str | None = None,
) -> Element:
    """Return the message that tells of a baseline.

    `opened` are its findings by severity, where the caller has them; the alert says them in words.
    `list_link` shows them all.
    """
    look = look_of(alert.kind)
    resource = parsed(alert.resource_id)
    where = subscription_words(
        resource.subscription if resource else alert.resource_id, options, ROOMS[0]
    )
    title = "First sweep of a subscription"
    body = [
        banner(f"{look.mark} {look.words}", title, where, look.tone),
        text(exact(alert.message, MESSAGE), spacing="Medium"),
    ]
    if opened:
        body += facts(
            (severity_words(each), f"{opened[each]:,}")
            for each in reversed(Severity)
            if opened.get(each)
        )
    told = "From now on, changes are told one by one; what was found is told here only."
    body += [
        text(told, subtle=True),
        text(f"Recorded at {clock(alert.at)}", size="Small", subtle=True, spacing="Small"),
    ]
    actions = [open_link("Open the list", list_link)] if list_link else []
    link = portal_link(alert.resource_id, options.portal) if options.portal is not None else None
    if link is not None:
        actions.append(open_link("Open in portal", link))
    return message(body, actions, joined((title, where)))
