"""How far the sweeps have come, in SQLite."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.adapters.local.database import Database
from shared.ports import Sweep


@dataclass(frozen=True, slots=True)
class SqliteSweepLedger:
    """`SweepLedger` on tables."""

    database: Database

    async def begin(self, sweep: Sweep, roots: Sequence[str]) -> None:
        """Record a sweep and its roots; one without roots is finished at once."""
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT INTO sweeps (id, subscription, deep, baseline, started_at, roots, finished)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    sweep.id,
                    sweep.subscription,
                    sweep.deep,
                    sweep.baseline,
                    sweep.started_at.isoformat(),
                    sweep.roots,
                    not roots,
                ),
            )
            connection.executemany(
                "INSERT INTO sweep_roots (sweep, root) VALUES (?, ?)",
                [(sweep.id, root) for root in roots],
            )

    async def swept(self, sweep_id: str, root: str) -> Sweep | None:
        """Strike a root off; return the sweep when none is left."""
        with self.database.transaction() as connection:
            connection.execute(
                "DELETE FROM sweep_roots WHERE sweep = ? AND root = ?", (sweep_id, root)
            )
            left = connection.execute(
                "SELECT 1 FROM sweep_roots WHERE sweep = ? LIMIT 1", (sweep_id,)
            ).fetchone()
            if left is not None:
                return None
            connection.execute("UPDATE sweeps SET finished = 1 WHERE id = ?", (sweep_id,))
            row = connection.execute(
                "SELECT subscription, deep, baseline, started_at, roots FROM sweeps WHERE id = ?",
                (sweep_id,),
            ).fetchone()
        if row is None:
            return None
        return Sweep(
            sweep_id, row[0], bool(row[1]), bool(row[2]), datetime.fromisoformat(row[3]), row[4]
        )

    async def is_baselined(self, subscription: str, *, deep: bool) -> bool:
        """Whether a sweep of this subscription has been completed; `deep`: a deep one."""
        return bool(
            self.database.rows(
                "SELECT 1 FROM sweeps WHERE subscription = ? AND finished AND deep >= ? LIMIT 1",
                subscription,
                deep,
            )
        )
