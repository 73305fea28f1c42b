"""A store with open findings, for tests of what is decided about them and of reminders."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.domain.finding import Finding, Transition, TransitionKind
from shared.domain.verdict import Severity
from shared.pipeline.lifecycle import Lifecycle
from shared.pipeline.reconcile import Reconciler
from shared.pipeline.remind import Reminders
from shared.ports import FindingStore, TransitionQuery
from tests.fakes import FakeClock
from tests.records import ACCOUNT, CONTROL, ROOT, commit, finding
from tests.unit.shared.pipeline.stub_monitors import fail, observation

KEY = finding().key


@dataclass
class Desk:
    """A store, its clock, and what people and the timer do to its findings."""

    clock: FakeClock
    findings: FindingStore
    lifecycle: Lifecycle = field(init=False)

    def __post_init__(self) -> None:
        """Put the use cases on the store."""
        self.lifecycle = Lifecycle(self.findings, self.clock)

    async def open(self, *found: Finding, root: str = ROOT) -> None:
        """Open findings now."""
        state = await self.findings.state(root)
        now = self.clock.now()
        opened = [replace(each, opened_at=now) for each in found or (finding(),)]
        await self.findings.commit(
            commit(root=root, findings=opened, state=replace(state, sequence=state.sequence))
        )

    async def finding(self, root: str = ROOT, key: str = KEY) -> Finding:
        """Return a finding as it is stored."""
        return (await self.findings.findings(root))[key]

    async def look(self, severity: Severity | None = Severity.HIGH) -> None:
        """Look: the control fails with this severity, or passes."""
        state = await self.findings.state(ROOT)
        stored = await self.findings.findings(ROOT)
        folded = Reconciler(ROOT, stored, state.sequence, self.clock.now(), quiet=False)
        if severity is not None:
            folded.observe(
                [observation(fail(), control_id=CONTROL, resource=ACCOUNT, severity=severity)]
            )
        folded.resolve_unobserved(frozenset(), frozenset())
        made = folded.result
        after = replace(state, sequence=state.sequence + len(made.transitions))
        await self.findings.commit(
            commit(*made.transitions, root=ROOT, findings=made.findings, state=after)
        )

    async def history(self) -> list[Transition]:
        """Return everything that was recorded, oldest first."""
        found = await self.findings.transitions(TransitionQuery(alerts_only=False))
        return list(found)[::-1]

    async def kinds(self) -> list[TransitionKind]:
        """Return the kinds of what was recorded, oldest first."""
        return [each.kind for each in await self.history()]

    def reminders(self, escalate_to: str | None = None, most: int = 1_000) -> Reminders:
        """Return the reminders by the default service levels."""
        return Reminders(self.findings, self.clock, escalate_to=escalate_to, most=most)

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**time))


def desk(store: Path | str = ":memory:") -> Desk:
    """Return an empty store."""
    clock = FakeClock()
    return Desk(clock, SqliteFindingStore(Database(Path(store)), clock))


def on_other_roots(count: int, severity: Severity = Severity.HIGH) -> Sequence[tuple[str, Finding]]:
    """Return findings, each on a root of its own."""
    made = [finding(f"{ACCOUNT}{number}", severity=severity) for number in range(count)]
    return [(each.resource_id.lower(), each) for each in made]
