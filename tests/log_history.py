"""A monitor's history in a store and in Log Analytics at once, for whoever compares the two.

What a look concludes is committed to a SQLite store; its alerts and evaluations go through the real
client into the local rule of data collection, and from there into the workspace: in any order, some
of them twice, as Azure has it.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.sinks.log_tables import EVALUATIONS, HEALTH, TABLES
from shared.domain.finding import Transition
from shared.domain.health import HealthRecord
from shared.domain.root_state import Commit, RootState
from shared.pipeline.evaluate import Observation
from shared.pipeline.evaluated import Evaluated
from shared.pipeline.reconcile import Reconciler
from tests.fakes import FakeClock
from tests.kql.saved_functions import definitions
from tests.local_azure.log_analytics import LogAnalytics
from tests.local_azure.server import LOGS_AUDIENCE
from tests.sink_worlds import LogsWorld, running_logs
from tests.workspace import WORKSPACE

Row = Mapping[str, object]


@dataclass
class History:
    """The store, the rule that rows are sent to, and the workspace that they come to."""

    clock: FakeClock
    store: SqliteFindingStore
    sent: LogsWorld
    logs: LogAnalytics

    async def look(
        self,
        root: str,
        seen: Sequence[Observation],
        *,
        quiet: bool = False,
        gone: Iterable[str] = (),
        undecided: Iterable[str] = (),
    ) -> None:
        """Look at a root (its key): reconcile, commit, and tell."""
        began = self.clock.now()
        state, stored = await self.store.state(root), await self.store.findings(root)
        now = self.clock.now()
        reconciler = Reconciler(root, stored, state.sequence, now, quiet=quiet)
        reconciler.observe(seen)
        reconciler.resolve_unobserved(frozenset(gone), frozenset(undecided))
        result = reconciler.result
        sequence = state.sequence + len(result.transitions)
        after = RootState(state.version, sequence, verdicts=dict(result.verdicts))
        found, history = tuple(result.findings), tuple(result.transitions)
        await self.store.commit(Commit(root, after, found, history))
        await self.tell(each for each in history if each.alerts)
        evaluated = [Evaluated(root, began, each) for each in seen]
        await self.sent.ingestion.write(EVALUATIONS, evaluated)

    async def tell(self, alerts: Iterable[Transition]) -> None:
        """Send alerts."""
        await self.sent.sink.send(list(alerts))

    async def say_how_it_is(self, *records: HealthRecord) -> None:
        """Send records of health."""
        await self.sent.ingestion.write(HEALTH, records)

    def arrive(self, random: Random | None = None) -> None:
        """Let what was sent come in; with `random` in any order, and some of it twice."""
        for table in TABLES:
            rows = self.sent.service.rows.pop(table.stream, [])
            if random is not None:
                rows += random.sample(rows, len(rows) // 3)
                random.shuffle(rows)
            self.logs.ingest(rows, self.clock.now(), table.name)

    def ask(self, query: str, now: datetime | None = None) -> list[Row]:
        """Run a query, at the present of the history or another time."""
        self.logs.now = now or self.clock.now()
        found = self.logs.run(query)
        names = [each[0] for each in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@asynccontextmanager
async def running_history(folder: Path) -> AsyncIterator[History]:
    """Run an empty history."""
    clock = FakeClock()
    logs = LogAnalytics(WORKSPACE, LOGS_AUDIENCE, functions=definitions())
    with closing(Database(folder / "history.db")) as database, closing(logs):
        async with running_logs(clock) as sent:
            yield History(clock, SqliteFindingStore(database, clock), sent, logs)
