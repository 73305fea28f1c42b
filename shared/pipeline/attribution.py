"""Which change in Azure a transition follows from.

Changes are coalesced: one look can record what several changes did, and messages that ask for no
look of their own any more still tell who made the change. So a transition stays open for
attribution
for a day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shared.domain.finding import Attribution, Transition
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Attributable
from shared.domain.topology import resource_type
from shared.pipeline.messages import ChangeNote

KEPT_FOR = timedelta(days=1)
"""Activity Log rows are known to be hours late."""
KEPT_AT_MOST = 100
CLOCK_SLACK = timedelta(minutes=1)
"""Azure stamps a change when it completes, which can be just after a look has seen its effect."""


def attributable(transitions: Iterable[Transition], seen_at: datetime) -> tuple[Attributable, ...]:
    """Open new transitions for attribution; `seen_at` is when the look began reading."""
    return tuple(Attributable(each.id, each.resource_id, seen_at, None) for each in transitions)


def attribute(
    waiting: Sequence[Attributable], change: ChangeNote | None, now: datetime
) -> tuple[tuple[Attributable, ...], dict[str, Attribution]]:
    """Attach a change to the transitions that it explains.

    Returns what still waits, and the attributions that are new or better, by transition id. A
    change made to the very resource explains more than one made to something that decides about
    it; of two alike, the later one does, as long as it came before the look.
    """
    kept = [each for each in waiting if now - each.seen_at < KEPT_FOR][-KEPT_AT_MOST:]
    found: dict[str, Attribution] = {}
    if change is None:
        return tuple(kept), found
    changed = ResourceId.parse(change.resource_id)
    for at, each in enumerate(kept):
        better = _explains(each, change, changed)
        if better is not None:
            kept[at] = replace(each, attribution=better)
            found[each.transition_id] = better
    return tuple(kept), found


def _explains(waiting: Attributable, change: ChangeNote, changed: ResourceId) -> Attribution | None:
    """Return the attribution by this change.

    None when it explains nothing, or less than is known.
    """
    subject = waiting.resource_id.lower()
    exact = changed.key == subject
    if not exact and not _decides(changed, subject):
        return None
    known = waiting.attribution
    if known is None:
        fits = change.occurred_at <= waiting.seen_at + CLOCK_SLACK
    else:
        earlier = (known.exact, known.occurred_at) < (exact, change.occurred_at)
        fits = earlier and change.occurred_at <= waiting.seen_at
    if not fits:
        return None
    return Attribution(change.actor, change.occurred_at, change.correlation_id, exact)


def _decides(changed: ResourceId, subject: str) -> bool:
    """Whether a change of one resource can change the verdict on another.

    Not between judged siblings.
    """
    if subject.startswith(changed.key + "/"):
        return True
    root = changed.root.key
    same_root = subject == root or subject.startswith(root + "/")
    return not same_root or resource_type(changed.type) is None
