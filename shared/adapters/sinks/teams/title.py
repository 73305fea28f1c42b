"""What an alert is about, in a line: its control, its subscription."""

import re

from shared.adapters.sinks.teams.looks import look_of
from shared.adapters.sinks.teams.options import CardOptions
from shared.adapters.sinks.teams.plain_text import exact, plain
from shared.adapters.sinks.teams.room import Room
from shared.adapters.sinks.teams.words import joined
from shared.domain.finding import Transition

_CONTROL = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*\.[a-z][a-z0-9]*(?:_[a-z0-9]+)+")


def title_of(alert: Transition, options: CardOptions, room: Room) -> str:
    """Return the requirement that the alert is about, or its control's id in words."""
    if alert.control is None:
        return look_of(alert.kind).words
    known = options.requirements.get(alert.control)
    if known is not None:
        return exact(known.removesuffix("."), room.name * 2)
    family, _, name = alert.control.partition(".")
    return plain(f"{family}: {name}".replace("_", " ").capitalize(), room.name)


def subscription_words(subscription: str, options: CardOptions, room: Room) -> str:
    """Return a subscription by its name where that is known, and its id."""
    name = options.subscriptions.get(subscription.lower())
    shown = plain(subscription, room.name)
    return shown if name is None else joined((plain(name, room.name), shown))


def control_words(control: str | None, room: Room) -> str:
    """Return a control's id to the letter, for it is searched for; what is no id as plain text."""
    if control is None:
        return ""
    well_formed = len(control) <= room.name and _CONTROL.fullmatch(control)
    return control if well_formed else plain(control, room.name)
