"""What a look concludes from a snapshot: which findings change, what is recorded, what is to be looked at again.

Pure but for the log: the same snapshot, memory, message and time always give the same commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.control import Catalogue
from shared.domain.finding import Attribution, Finding, Transition, finding_key
from shared.domain.root_state import Commit, RootState, Unreadable, open_findings
from shared.domain.snapshot import Snapshot
from shared.domain.topology import DEEP_SOURCES, ROOT_TYPES, Source
from shared.pipeline.attribution import attributable, attribute
from shared.pipeline.blind_spots import judge_readability, unreadable_now
from shared.pipeline.evaluate import evaluate
from shared.pipeline.messages import FOLLOWS_A_WRITE, LookMessage, Trigger
from shared.pipeline.presence import Presence, presence
from shared.pipeline.reconcile import RESOURCE_READABLE, Reconciler, Reconciliation


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the store knew of a root when the look began."""

    state: RootState
    findings: dict[str, Finding]


def conclude(  # noqa: PLR0913 - the whole of what a look knows
    snapshot: Snapshot,
    before: Remembered,
    message: LookMessage,
    now: datetime,
    catalogue: Catalogue,
    second_look_after: timedelta | None,
) -> Commit:
    """Turn a snapshot into what is to be committed; pure but for the log."""
    root, state = snapshot.root, before.state
    known = {root.key, *(finding.resource_id for finding in open_findings(before.findings))}
    found = presence(snapshot, known, state.missing, message.change, now, second_look_after)
    unreadable = unreadable_now(state.unreadable, snapshot.readings.values(), now)
    result = _reconcile(snapshot, before, message, now, catalogue, found, unreadable)
    read_at = {
        each.source: each.read_at for each in snapshot.readings.values() if each.read_at is not None
    }
    new = attributable(result.transitions, read_at.get(ROOT_TYPES[root.type.lower()], now))
    waiting, attributions = attribute([*state.attributable, *new], message.change, now)
    second_look_at, second_look_sources = _second_look(
        snapshot, state, message, now, second_look_after, missing=bool(found.missing)
    )
    after = RootState(
        version=state.version,
        sequence=state.sequence + len(result.transitions),
        gone=root.key in found.gone,
        read_at={**state.read_at, **read_at},
        verdicts=dict(result.verdicts),
        missing=found.missing,
        unreadable=unreadable,
        attributable=waiting,
        depends_on=_other_roots(snapshot, state),
        second_look_at=second_look_at,
        second_look_sources=second_look_sources,
        baseline_at=state.baseline_at,
    )
    transitions = _with_attributions(result.transitions, attributions)
    recorded = {each.id for each in transitions}
    earlier = {key: value for key, value in attributions.items() if key not in recorded}
    return Commit(root.key, after, tuple(result.findings), transitions, earlier)


def _second_look(  # noqa: PLR0913 - what it depends on
    snapshot: Snapshot,
    state: RootState,
    message: LookMessage,
    now: datetime,
    after: timedelta | None,
    *,
    missing: bool,
) -> tuple[datetime | None, tuple[Source, ...]]:
    """Return when a second look is due and what it reads beside the core sources.

    It reads again whatever this look has read, and replaces one that is due already.
    """
    done = message.trigger is Trigger.SECOND_LOOK
    pending = () if done else state.second_look_sources
    if after is None or not (message.trigger in FOLLOWS_A_WRITE or missing):
        return None if done else state.second_look_at, pending
    deep = DEEP_SOURCES.get(snapshot.root.type.lower(), ())
    fresh = [each for each in deep if snapshot.reading(each).read_at != state.read_at.get(each)]
    return now + after, tuple(sorted({*pending, *message.sources, *fresh}))


def _reconcile(  # noqa: PLR0913, PLR0917 - see conclude
    snapshot: Snapshot,
    before: Remembered,
    message: LookMessage,
    now: datetime,
    catalogue: Catalogue,
    found: Presence,
    unreadable: dict[Source, Unreadable],
) -> Reconciliation:
    """Judge the snapshot and fold the verdicts into the findings."""
    root = snapshot.root
    blind_key = finding_key(RESOURCE_READABLE, root.key)
    was_blind = any(each.key == blind_key for each in open_findings(before.findings))
    reconciler = Reconciler(
        root.key, before.findings, before.state.sequence, now, quiet=message.baseline
    )
    if root.key not in found.gone:
        reconciler.observe(evaluate(snapshot, catalogue))
    reconciler.observe(judge_readability(root, unreadable, now, was_blind=was_blind))
    if was_blind and unreadable:
        reconciler.leave(blind_key)
    reconciler.resolve_unobserved(found.gone, found.undecided)
    return reconciler.result


def _with_attributions(
    transitions: Sequence[Transition], found: dict[str, Attribution]
) -> tuple[Transition, ...]:
    """Put on new transitions what is known already of who made the change."""
    return tuple(
        replace(each, attribution=found[each.id]) if each.id in found else each
        for each in transitions
    )


def _other_roots(snapshot: Snapshot, state: RootState) -> tuple[str, ...]:
    """Return the roots that decide about this one too; what was known stays while the root cannot be read."""
    body = snapshot.root_reading.items
    if not body:
        return state.depends_on
    hub = body[0].text("properties.hubResourceId").value
    return (hub.lower().rstrip("/"),) if hub else ()
