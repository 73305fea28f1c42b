"""How far the sweeps have come, in SQLite."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import TypeAdapter

from shared.adapters.local.database import Database
from shared.domain.sweep import RootOutcome, Sweep, SweepCoverage, SweptRoot, coverage_of

_OUTCOME = TypeAdapter(RootOutcome)
_COVERAGE = TypeAdapter(SweepCoverage)
_TEXTS = TypeAdapter(list[str])

_WHOLE = ""
"""The outcome of a root that was read whole, as it is stored: nearly all of them."""
_COLUMNS = "id, subscription, deep, baseline, started_at, roots"


@dataclass(frozen=True, slots=True)
class SqliteSweepLedger:
    """`SweepLedger` on tables."""

    database: Database

    async def begin(self, sweep: Sweep) -> None:
        """Record a sweep."""
        self.database.run(
            "INSERT INTO sweeps (id, subscription, deep, baseline, started_at, roots, listed)"
            " VALUES (?, ?, ?, ?, ?, 0, 0)",
            sweep.id,
            sweep.subscription,
            sweep.deep,
            sweep.baseline,
            sweep.started_at.isoformat(timespec="microseconds"),
        )

    async def add(self, sweep_id: str, roots: Sequence[str], *, listed: bool) -> frozenset[str]:
        """Add roots; return those of them that are still to be looked at."""
        with self.database.transaction() as connection:
            connection.executemany(
                "INSERT INTO sweep_roots (sweep, root, listed) VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET listed = max(listed, excluded.listed)",
                [(sweep_id, root, listed) for root in roots],
            )
            found = connection.execute(
                "SELECT root FROM sweep_roots WHERE sweep = ? AND outcome IS NULL"
                " AND root IN (SELECT value FROM json_each(?))",
                (sweep_id, _TEXTS.dump_json(list(roots)).decode()),
            ).fetchall()
        return frozenset(root for (root,) in found)

    async def close_list(self, sweep_id: str, reasons: Sequence[str]) -> Sweep | None:
        """Record that all roots are added; return the sweep when none is left."""
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE sweeps SET listed = 1, reasons = ? WHERE id = ?",
                (_TEXTS.dump_json(list(reasons)).decode(), sweep_id),
            )
            return _with_nothing_left(connection, sweep_id)

    async def swept(self, sweep_id: str, root: str, outcome: RootOutcome) -> Sweep | None:
        """Record what became of a root; return the sweep when none is left."""
        stored = _WHOLE if outcome == RootOutcome() else _OUTCOME.dump_json(outcome).decode()
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE sweep_roots SET outcome = ? WHERE sweep = ? AND root = ?",
                (stored, sweep_id, root),
            )
            return _with_nothing_left(connection, sweep_id)

    async def left(self, sweep_id: str) -> Sequence[str]:
        """Return the roots that are still to be looked at."""
        rows = self.database.rows(
            "SELECT root FROM sweep_roots WHERE sweep = ? AND outcome IS NULL ORDER BY root",
            sweep_id,
        )
        return [str(root) for (root,) in rows]

    async def finish(self, sweep_id: str, at: datetime) -> None:
        """Record that a sweep is over, and fold what became of its roots."""
        with self.database.transaction() as connection:
            found = connection.execute(
                f"SELECT {_COLUMNS}, listed, reasons FROM sweeps WHERE id = ? AND NOT finished",  # noqa: S608 - fixed texts
                (sweep_id,),
            ).fetchone()
            if found is None:
                return
            coverage = replace(_coverage(connection, found), ended_at=at)
            connection.execute(
                "UPDATE sweeps SET finished = 1, coverage = ?, roots = ? WHERE id = ?",
                (_COVERAGE.dump_json(coverage), coverage.sweep.roots, sweep_id),
            )
            connection.execute("DELETE FROM sweep_roots WHERE sweep = ?", (sweep_id,))
            connection.execute(
                "DELETE FROM sweeps WHERE subscription = ?1 AND deep = ?2 AND finished"
                " AND started_at < (SELECT max(started_at) FROM sweeps"
                " WHERE subscription = ?1 AND deep = ?2 AND finished)",
                (coverage.sweep.subscription, coverage.sweep.deep),
            )

    async def coverage(self, subscription: str) -> Sequence[SweepCoverage]:
        """Return that of the last core and the last deep sweep, the newest first."""
        with self.database.transaction() as connection:
            return list(_coverages(connection, subscription))


def _with_nothing_left(connection: sqlite3.Connection, sweep_id: str) -> Sweep | None:
    """Return a sweep that has only to be finished."""
    left = connection.execute(
        # By itself SQLite takes the primary key, and walks over all that is done already.
        "SELECT 1 FROM sweep_roots INDEXED BY sweep_roots_left"
        " WHERE sweep = ? AND outcome IS NULL LIMIT 1",
        (sweep_id,),
    ).fetchone()
    if left is not None:
        return None
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM sweeps WHERE id = ? AND listed AND NOT finished",  # noqa: S608 - fixed texts
        (sweep_id,),
    ).fetchone()
    if row is None:
        return None
    sweep = _sweep(row)
    (roots,) = connection.execute(
        "SELECT count(*) FROM sweep_roots WHERE sweep = ? AND root <> ?",
        (sweep_id, f"/subscriptions/{sweep.subscription}"),
    ).fetchone()
    return replace(sweep, roots=roots)


def _coverages(connection: sqlite3.Connection, subscription: str) -> Iterator[SweepCoverage]:
    """Go through the last sweep of each depth."""
    rows = connection.execute(
        f"SELECT {_COLUMNS}, listed, reasons, coverage FROM sweeps s WHERE subscription = ?"  # noqa: S608 - fixed texts
        " AND NOT EXISTS (SELECT 1 FROM sweeps WHERE subscription = s.subscription"
        " AND deep = s.deep AND started_at > s.started_at) ORDER BY started_at DESC",
        (subscription,),
    ).fetchall()
    for *row, folded in rows:
        yield _coverage(connection, row) if folded is None else _COVERAGE.validate_json(folded)


def _coverage(connection: sqlite3.Connection, row: Sequence[object]) -> SweepCoverage:
    """Fold what became of the roots so far."""
    *columns, listed, reasons = row
    sweep = _sweep(columns)
    roots = connection.execute(
        "SELECT root, listed, outcome FROM sweep_roots WHERE sweep = ? ORDER BY root", (sweep.id,)
    )
    return coverage_of(
        sweep,
        (SweptRoot(root, bool(was_listed), _outcome(text)) for root, was_listed, text in roots),
        is_listed=bool(listed),
        reasons=_TEXTS.validate_json(str(reasons)),
        ended_at=None,
    )


def _outcome(text: str | None) -> RootOutcome | None:
    """Read an outcome back."""
    if text is None:
        return None
    return _OUTCOME.validate_json(text) if text else RootOutcome()


def _sweep(row: Sequence[object]) -> Sweep:
    """Make a sweep of its columns."""
    name, subscription, deep, baseline, started_at, roots = row
    return Sweep(
        str(name),
        str(subscription),
        bool(deep),
        bool(baseline),
        datetime.fromisoformat(str(started_at)),
        int(str(roots)),
    )
