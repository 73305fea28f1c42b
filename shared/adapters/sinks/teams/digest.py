"""A storm of alerts as one card: how many, how bad, where, and the worst of them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from heapq import nsmallest

from shared.adapters.formats.times import lasted
from shared.adapters.sinks.teams.elements import (
    Element,
    banner,
    facts,
    heading,
    message,
    open_link,
    text,
)
from shared.adapters.sinks.teams.looks import (
    SEVERITY_MARKS,
    Tone,
    headline,
    look_of,
    severity_words,
)
from shared.adapters.sinks.teams.options import CardOptions
from shared.adapters.sinks.teams.plain_text import plain
from shared.adapters.sinks.teams.room import Room, in_bounds
from shared.adapters.sinks.teams.title import title_of
from shared.adapters.sinks.teams.words import clock, counted, joined, name_of, parsed
from shared.domain.finding import Transition
from shared.domain.verdict import Severity

WORST = 10
ROOTS = 8
_GOOD = frozenset({Tone.GOOD, Tone.CALM})


@dataclass(frozen=True, slots=True)
class Storm:
    """The alerts of one channel and window, put in order once."""

    alerts: Sequence[Transition]
    window: timedelta
    worst: Sequence[Transition]
    """Worst first; bad news before good."""
    roots: Sequence[Sequence[Transition]]
    """The alerts of each root that is shown, the worst root first."""
    root_count: int


def digest_card(
    alerts: Sequence[Transition],
    window: timedelta,
    options: CardOptions,
    list_link: str | None = None,
) -> Element:
    """Return the message that tells of all alerts of a window, under 20 KB however many.

    `alerts` holds at least one; `list_link` shows them all.
    """
    by_root: dict[str, list[Transition]] = defaultdict(list)
    for alert in alerts:
        by_root[alert.root].append(alert)
    roots = nsmallest(ROOTS, by_root.values(), key=lambda each: (min(map(_rank, each)), -len(each)))
    worst = nsmallest(WORST, alerts, key=_rank)
    storm = Storm(alerts, window, worst, roots, len(by_root))
    return in_bounds(lambda room: _drawn(storm, options, list_link, room))


def _rank(alert: Transition) -> tuple[bool, int, float]:
    """Order alerts, worst first, then latest."""
    return _is_good(alert), -alert.severity.rank, -alert.at.timestamp()


def _is_good(alert: Transition) -> bool:
    return look_of(alert.kind).tone in _GOOD


def _drawn(storm: Storm, options: CardOptions, list_link: str | None, room: Room) -> Element:
    """Draw the card with so much room."""
    count, places = counted(len(storm.alerts), "alert"), counted(storm.root_count, "resource")
    title = f"{count} on {places} within {lasted(storm.window)}"
    first, last = (pick(each.at for each in storm.alerts) for pick in (min, max))
    span = clock(first) if first == last else f"{clock(first)} to {clock(last)}"
    tone = Tone.GOOD if all(map(_is_good, storm.alerts)) else Tone.BAD
    body = [banner("🌩 Many alerts at once", title, span, tone), *facts(_counts(storm))]
    body += [heading(f"The {len(storm.worst)} worst" if len(storm.worst) > 1 else "The alert")]
    for alert in storm.worst:
        body += _line(alert, options, room)
    left = len(storm.alerts) - len(storm.worst)
    if left:
        body.append(text(f"… and {counted(left, 'more alert')}", subtle=True, spacing="Small"))
    body += [heading("Where"), *_places(storm, room)]
    actions = [open_link("Open the list", list_link)] if list_link else []
    return message(body, actions, title)


def _counts(storm: Storm) -> list[tuple[str, str]]:
    """Return how many alerts of each severity tell of something bad, and how many of each kind."""
    bad = Counter(each.severity for each in storm.alerts if not _is_good(each))
    kinds = Counter(headline(each.kind, each.reason) for each in storm.alerts)
    pairs = [(severity_words(each), f"{bad[each]:,}") for each in reversed(Severity) if bad[each]]
    return [*pairs, ("Kinds", joined(f"{n:,} {kind.lower()}" for kind, n in kinds.most_common()))]


def _line(alert: Transition, options: CardOptions, room: Room) -> list[Element]:
    """Return an alert in two lines: what, then where and by whom."""
    mark = look_of(alert.kind).mark if _is_good(alert) else SEVERITY_MARKS[alert.severity]
    what = f"{mark} {title_of(alert, options, room)}"
    by = alert.attribution
    who = f"by {plain(by.actor, room.name)}" if by is not None and by.actor else ""
    where = joined((headline(alert.kind, alert.reason), _place(alert, room), who))
    return [text(what, spacing="Small"), text(where, size="Small", subtle=True, spacing="None")]


def _place(alert: Transition, room: Room) -> str:
    """Return the name of the resource, a child's with that of its root."""
    name, root = name_of(alert.resource_id, room.name), name_of(_root_text(alert), room.name)
    return name if alert.resource_id.lower() == alert.root else f"{name} of {root}"


def _places(storm: Storm, room: Room) -> list[Element]:
    """Return the roots, the worst first, each with how many alerts it has."""
    shown = []
    for alerts in storm.roots[: room.rows]:
        worst = min(alerts, key=_rank)
        mark = look_of(worst.kind).mark if _is_good(worst) else SEVERITY_MARKS[worst.severity]
        words = joined(
            (f"{mark} {name_of(_root_text(worst), room.name)}", counted(len(alerts), "alert"))
        )
        shown.append(text(words, spacing="Small"))
    left = storm.root_count - len(shown)
    if left:
        shown.append(text(f"… and {counted(left, 'more resource')}", subtle=True, spacing="Small"))
    return shown


def _root_text(alert: Transition) -> str:
    """Return the root's id as the resource's own spelling has it: `root` is in lower case."""
    resource = parsed(alert.resource_id)
    return alert.root if resource is None or resource.root.key != alert.root else resource.root.text
