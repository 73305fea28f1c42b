"""Changes of open findings that no look makes: each read anew, and committed on condition.

A look that commits the same root at the same time makes one of the two begin again, so neither
loses what the other has recorded.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.finding import Finding, FindingState, Transition, TransitionKind
from shared.domain.root_state import Commit
from shared.pipeline.reconcile import transition_of
from shared.ports import Clock, ConflictError, FindingStore, PortError

TRIES = 20
"""Each conflict is somebody else's success, so it takes many at once to use them all up."""
PAUSE = timedelta(milliseconds=5)
"""Before the second try; longer before each further one."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the history of a root the next transition stands, and when it is recorded."""

    root: str
    sequence: int
    now: datetime

    def transition(self, finding: Finding, kind: TransitionKind) -> Transition:
        """Return a transition that stands here, with the finding as it is after it."""
        made = transition_of(finding, kind, self.root, self.sequence, self.now)
        return replace(made, attribution=finding.attribution)


Change = Callable[[Finding, Place], tuple[Finding, Transition] | None]
"""Given a finding as it is stored, returns it as it is afterwards and the transition; None: as is.

It is called again when others were faster.
"""


async def follow_up(
    store: FindingStore, clock: Clock, root: str, keys: Collection[str], change: Change
) -> tuple[Transition, ...]:
    """Change those of the open findings of a root that are named; return what was recorded.

    Raises:
        PortError: the store failed, or others committed the root all the time.
    """
    for attempt in range(TRIES):
        if attempt:
            await clock.sleep(attempt * PAUSE)
        state = await store.state(root)
        stored = await store.findings(root) if state.version else {}
        now = clock.now()
        made: list[tuple[Finding, Transition]] = []
        for key in sorted(keys):
            finding = stored.get(key)
            if finding is None or finding.state is not FindingState.OPEN:
                continue
            changed = change(finding, Place(root, state.sequence + len(made) + 1, now))
            if changed is not None:
                made.append(changed)
        if not made:
            return ()
        after = replace(state, sequence=state.sequence + len(made))
        findings = tuple(finding for finding, _ in made)
        transitions = tuple(transition for _, transition in made)
        try:
            await store.commit(Commit(root, after, findings, transitions))
        except ConflictError:
            # A look at the root, or somebody else who does the same.
            continue
        return transitions
    raise PortError(f"{root} was committed by others all the time; try again")
