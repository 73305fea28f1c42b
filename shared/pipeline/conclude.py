"""What a look concludes from a snapshot: which findings change, and what is looked at again.

Pure but for the log: the same snapshot, memory, message and time always give the same commit.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.control import Catalogue
from shared.domain.finding import Attribution, Finding, Transition, finding_key
from shared.domain.root_state import Commit, RootState, Unreadable, open_findings
from shared.domain.snapshot import Snapshot
from shared.domain.topology import DEEP_SOURCES, ROOT_TYPES, Source, sources_of
from shared.pipeline.attribution import attributable, attribute, still_waiting
from shared.pipeline.blind_spots import judge_readability, unreadable_now
from shared.pipeline.coverage_controls import RESOURCE_READABLE
from shared.pipeline.covered import NEVER
from shared.pipeline.evaluate import evaluate
from shared.pipeline.messages import FOLLOWS_A_WRITE, LookMessage, Trigger
from shared.pipeline.presence import Presence, presence
from shared.pipeline.reconcile import Reconciler, Reconciliation
from shared.pipeline.retries import retry_due, wait


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Everything that a look knows when it has read: what is there, what was, and who asked.

    `state` and `findings` are what the store knew when the look began; `second_look_after` is how
    long the inventory may lag behind a write. `unchanged`: the state was concluded from the very
    same snapshot, so that its verdicts stand.
    """

    snapshot: Snapshot
    state: RootState
    findings: dict[str, Finding]
    message: LookMessage
    now: datetime
    catalogue: Catalogue
    second_look_after: timedelta | None
    unchanged: bool = False

    def commit(self) -> Commit:
        """Return what is to be committed."""
        root, state = self.snapshot.root, self.state
        found = self._presence()
        readings = self.snapshot.readings.values()
        # Nothing of a root that is gone is left to be read, nor what this version does not read.
        is_gone = root.key in found.gone
        wanted = () if is_gone else sources_of(root.type)
        before = {each: why for each, why in state.unreadable.items() if each in wanted}
        unreadable = {} if is_gone else unreadable_now(before, readings, self.now)
        result = self._reconcile(found, unreadable)
        read_at = {each.source: each.read_at for each in readings if each.read_at is not None}
        seen_at = read_at.get(ROOT_TYPES[root.type.lower()], self.now)
        new = attributable(
            result.transitions, seen_at, self._shown(), self._needs(result.transitions)
        )
        waiting, attributions = attribute(
            still_waiting(state.attributable, new, self.now), self.message
        )
        # A sweep looks at what is gone where a list shows it, which may be ahead of the answer.
        is_listed = state.gone and self.message.trigger is Trigger.SWEEP
        second_look_at, second_look_sources = self._second_look(
            missing=bool(found.missing) or (is_gone and is_listed)
        )
        delay = wait(unreadable, self.snapshot.readings, self.now)
        after = RootState(
            version=state.version,
            sequence=state.sequence + len(result.transitions),
            gone=is_gone,
            read_at={**state.read_at, **read_at},
            verdicts=dict(result.verdicts),
            missing=found.missing,
            unreadable=unreadable,
            attributable=waiting,
            depends_on=() if is_gone else depends_on(self.snapshot, state),
            second_look_at=second_look_at,
            second_look_sources=second_look_sources,
            retry_at=retry_due(self.message, state.retry_at, delay, self.now),
            baseline_at=state.baseline_at,
            deep_baseline_at=state.deep_baseline_at,
        )
        transitions = _with_attributions(result.transitions, attributions)
        recorded = {each.id for each in transitions}
        earlier = {key: value for key, value in attributions.items() if key not in recorded}
        return Commit(root.key, after, tuple(result.findings), transitions, earlier)

    def _shown(self) -> dict[str, datetime]:
        """Return until when each source that was read before showed every change.

        A folder is changed at other times than the events say that tell of it. What is missing was
        absent before it was found gone: whoever deleted it did so before that.
        """
        state, lag = self.state, self.second_look_after
        if lag is None or state.missing:
            return {}
        readable = state.read_at.keys() - state.unreadable.keys()
        return {source: state.read_at[source] - lag for source in readable}

    def _needs(self, transitions: Sequence[Transition]) -> dict[str, frozenset[Source]]:
        """Return what the controls of these read of this root beside what they judge."""
        ours = frozenset(sources_of(self.snapshot.root.type))
        controls = {each.control for each in transitions if each.control is not None}
        monitors = map(self.catalogue.get, controls)
        return {each.id: ours.intersection(each.needs) for each in monitors if each is not None}

    def _presence(self) -> Presence:
        """Sort what was known into what is there, gone, or undecided."""
        still_open = open_findings(self.findings)
        root, missing = self.snapshot.root.key, self.state.missing
        return presence(
            self.snapshot,
            {root, *(finding.resource_id for finding in still_open)},
            # What was proven gone need not be proven again.
            missing_before={**missing, root: NEVER} if self.state.gone else missing,
            change=self.message.change,
            now=self.now,
            second_look_after=self.second_look_after,
        )

    def _reconcile(self, found: Presence, unreadable: dict[Source, Unreadable]) -> Reconciliation:
        """Judge the snapshot and fold the verdicts into the findings."""
        root = self.snapshot.root
        blind_key = finding_key(RESOURCE_READABLE, root.key)
        was_blind = any(each.key == blind_key for each in open_findings(self.findings))
        if self.unchanged and not (found.gone or found.missing or unreadable or was_blind):
            return Reconciliation(verdicts=Counter(self.state.verdicts))
        reconciler = Reconciler(
            root.key, self.findings, self.state.sequence, self.now, quiet=self.message.baseline
        )
        if root.key not in found.gone:
            reconciler.observe(evaluate(self.snapshot, self.catalogue))
            reconciler.observe(judge_readability(root, unreadable, self.now, was_blind=was_blind))
            if was_blind and unreadable:
                reconciler.leave(blind_key)
        reconciler.resolve_unobserved(found.gone, found.undecided)
        return reconciler.result

    def _second_look(self, *, missing: bool) -> tuple[datetime | None, tuple[Source, ...]]:
        """Return when a second look is due and what it reads beside the core sources.

        It reads again whatever this look has read, and replaces one that is due already.
        """
        state, message = self.state, self.message
        done = message.trigger is Trigger.SECOND_LOOK
        pending = () if done else state.second_look_sources
        wanted = message.trigger in FOLLOWS_A_WRITE or missing
        if self.second_look_after is None or not wanted:
            return None if done else state.second_look_at, pending
        deep = DEEP_SOURCES.get(self.snapshot.root.type.lower(), ())
        read = {each: self.snapshot.reading(each).read_at for each in deep}
        fresh = {each for each in deep if read[each] != state.read_at.get(each)}
        if not missing:
            # What the second look was to read, and this one has, as much later.
            fresh -= (done_with := set(pending) & self._settled(read, self.second_look_after))
            pending = tuple(each for each in pending if each not in done_with)
        sources = tuple(sorted({*pending, *message.sources, *fresh}))
        return self.now + self.second_look_after, sources

    def _settled(self, read: dict[Source, datetime | None], lag: timedelta) -> set[Source]:
        """Return the sources that were read again so long after they were read before."""
        before = self.state.read_at
        return {
            each
            for each, at in read.items()
            if at is not None and each in before and at - before[each] >= lag
        }


def depends_on(snapshot: Snapshot, state: RootState) -> tuple[str, ...]:
    """Return the roots that decide about this one; unreadable, those that were known."""
    body = snapshot.root_reading.items
    if not body:
        return state.depends_on
    hub = body[0].text("properties.hubResourceId").value
    return (hub.lower().rstrip("/"),) if hub else ()


def _with_attributions(
    transitions: Sequence[Transition], found: dict[str, Attribution]
) -> tuple[Transition, ...]:
    """Put on new transitions what is known already of who made the change."""
    return tuple(
        replace(each, attribution=found[each.id]) if each.id in found else each
        for each in transitions
    )
