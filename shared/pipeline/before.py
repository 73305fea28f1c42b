"""What was there before: the evidence of the state before, for findings that a look opens.

A control that passes leaves no finding, so what it saw then is judged again, of the snapshot that
the look replaces.
"""

from collections.abc import Iterator
from dataclasses import replace

from shared.domain.control import Catalogue
from shared.domain.finding import Transition, TransitionKind
from shared.domain.resource_id import ResourceId
from shared.domain.root_state import Commit
from shared.domain.snapshot import Snapshot
from shared.domain.topology import Source, resource_type, source_of, sources_of
from shared.domain.verdict import Evidence, Verdict
from shared.pipeline.evaluate import judge
from shared.ports import SnapshotStore


async def with_before(
    commit: Commit,
    snapshots: SnapshotStore,
    seen: Snapshot,
    catalogue: Catalogue,
    *,
    recent: bool = False,
) -> Commit:
    """Return a commit whose openings tell what was there before, as far as it is still known.

    To be called before what the look has `seen` is stored. `recent`: this process committed the
    state before, and so remembers what it was judged of.

    Raises:
        PortError: the store failed.
    """
    openings = list(_openings(commit))
    if not openings:
        return commit
    wanted = {each.id for each in openings}
    judged = {each for opened in openings for each in _judged_by(opened, catalogue)}
    sources = [each for each in sources_of(seen.root.type) if each in judged]
    readings = await snapshots.load(seen.root, sources, recent=recent)
    previous = replace(seen, readings=readings)
    told = tuple(
        replace(each, before=_evidence(each, previous, catalogue)) if each.id in wanted else each
        for each in commit.transitions
    )
    return replace(commit, transitions=told)


def _openings(commit: Commit) -> Iterator[Transition]:
    """Go through the transitions before which there was no open finding."""
    if commit.state.version == 0:
        return
    for each in commit.transitions:
        if each.kind in {TransitionKind.OPENED, TransitionKind.REOPENED}:
            yield each


def _judged_by(opened: Transition, catalogue: Catalogue) -> Iterator[Source | None]:
    """Go through the sources that a control judges a resource by; no other matters to it."""
    yield source_of(ResourceId.parse(opened.resource_id).type)
    monitor = catalogue.get(opened.control or "")
    if monitor is not None:
        yield from monitor.needs


def _evidence(opened: Transition, previous: Snapshot, catalogue: Catalogue) -> tuple[Evidence, ...]:
    """Return what the control saw of the resource; nothing where that was not good either."""
    resource = previous.find(ResourceId.parse(opened.resource_id))
    kind = None if resource is None else resource_type(resource.id.type)
    if resource is None or kind is None:
        return ()
    for applies, monitor in catalogue.judging(kind):
        if monitor.id == opened.control:
            judgement = judge(applies, monitor, resource, previous)
            if judgement.verdict is Verdict.FAIL:
                return ()
            return tuple(each.bounded() for each in judgement.evidence)
    return ()
