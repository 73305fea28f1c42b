"""Which resources are gone.

Proven by a delete event, by a second absence, or by an inventory that is never stale.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Snapshot, SourceReading
from shared.domain.topology import Source, source_of
from shared.pipeline.messages import ChangeNote


@dataclass(frozen=True, slots=True)
class Presence:
    """What a look learnt about resources (by key) that it did not find.

    `gone`: proven absent. `undecided`: absent without proof, or not readable; what is known of them
    stays. `missing`: those of the undecided that were read and not found, with the time at
    which the first such reading began.
    """

    gone: set[str]
    undecided: set[str]
    missing: dict[str, datetime]


def presence(  # noqa: PLR0913 - one value for each thing that proves or disproves absence
    snapshot: Snapshot,
    known: Iterable[str],
    *,
    missing_before: dict[str, datetime],
    change: ChangeNote | None,
    now: datetime,
    second_look_after: timedelta | None,
) -> Presence:
    """Sort the resources in `known` (ids) that the snapshot does not show."""
    found = Presence(set(), set(), {})
    deleted = change.resource_id.lower() if change is not None and change.deletes else None
    for key in {each.lower() for each in known}:
        if snapshot.find(key) is not None:
            continue
        source = source_of(ResourceId.parse(key).type)
        if source is None and snapshot.root_reading.items:
            # Of a type that is not looked at any more: neither there nor gone.
            continue
        if not _is_absent(snapshot, source):
            found.undecided.add(key)
            continue
        # By when it was read: to judge by one reading twice is no second absence.
        seen_at = _reading(snapshot, source).read_at or now
        first = missing_before.get(key, seen_at)
        by_event = deleted is not None and (key == deleted or key.startswith(deleted + "/"))
        if by_event or second_look_after is None or seen_at - first >= second_look_after:
            found.gone.add(key)
        else:
            found.undecided.add(key)
            found.missing[key] = first
    if snapshot.root.key in found.gone:
        # Nothing is left below a root that is gone, whatever its lists say.
        return Presence(found.gone | found.undecided, set(), {})
    return found


def _is_absent(snapshot: Snapshot, source: Source | None) -> bool:
    """Whether the reading that would show a resource says that it is not there."""
    reading = _reading(snapshot, source)
    return reading.problem is None and reading.complete


def _reading(snapshot: Snapshot, source: Source | None) -> SourceReading:
    """Return the reading that would show a resource."""
    return snapshot.root_reading if source is None else snapshot.reading(source)
