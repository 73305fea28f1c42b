"""State, findings, history and outbox of every root, in SQLite.

What one look changes is one transaction.
"""

import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from shared.adapters.encoding.findings import (
    decode_finding,
    decode_state,
    decode_transition,
    encode_finding,
    encode_state,
    encode_transition,
)
from shared.adapters.local.outbox import SqliteOutbox
from shared.domain.canary import CANARY
from shared.domain.finding import Attribution, Finding, FindingState, Transition, finding_key
from shared.domain.root_state import Commit, Posture, RootState
from shared.domain.verdict import Severity, Verdict
from shared.ports import ConflictError, TransitionQuery

_LIST = TypeAdapter(list[str])
_RELEASE = "DELETE FROM leases WHERE root = ? AND worker = ?"
OPEN_AT_ONCE = 500
"""Open findings that are read at once when all of them are gone through."""


@dataclass(frozen=True, slots=True)
class SqliteFindingStore(SqliteOutbox):
    """`FindingStore` on tables; the sweeps are in `SqliteSweepLedger`."""

    async def lease(self, root: str, worker: str, duration: timedelta) -> bool:
        """Take or prolong a lease."""
        now = self.clock.now()
        changed = self.database.run(
            "INSERT INTO leases (root, worker, until) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET worker = excluded.worker, until = excluded.until"
            " WHERE leases.worker = excluded.worker OR leases.until <= ?",
            root,
            worker,
            (now + duration).timestamp(),
            now.timestamp(),
        )
        return changed == 1

    async def release(self, root: str, worker: str) -> None:
        """Give a lease back."""
        self.database.run(_RELEASE, root, worker)

    async def state(self, root: str) -> RootState:
        """Return the state of a root."""
        rows = self.database.rows("SELECT version, state FROM roots WHERE root = ?", root)
        if not rows:
            return RootState()
        version, body = rows[0]
        return decode_state(_text(body), int(str(version)))

    async def findings(self, root: str, *, of: int | None = None) -> dict[str, Finding]:
        """Return the findings of a root by key, always as they are now."""
        _ = of
        rows = self.database.rows("SELECT body FROM findings WHERE root = ?", root)
        return {
            finding.key: finding for finding in (decode_finding(_text(body)) for (body,) in rows)
        }

    async def open_findings(self) -> AsyncIterator[tuple[str, Finding]]:
        """Go through the open findings, a part at a time: others can write in between."""
        root = key = ""
        while True:
            rows = self.database.rows(
                "SELECT root, key, body FROM findings WHERE state = 'open'"
                " AND (root, key) > (?, ?) ORDER BY root, key LIMIT ?",
                root,
                key,
                OPEN_AT_ONCE,
            )
            for found, _, body in rows:
                yield str(found), decode_finding(_text(body))
            if len(rows) < OPEN_AT_ONCE:
                return
            root, key = str(rows[-1][0]), str(rows[-1][1])

    async def commit(self, commit: Commit) -> None:
        """Write what a look changes, if nobody else committed the root since."""
        with self.database.transaction() as connection:
            self._write_state(connection, commit)
            connection.executemany(
                "INSERT INTO findings (root, key, state, severity, body) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET state = excluded.state, severity = excluded.severity,"
                " body = excluded.body",
                [
                    (commit.root, f.key, str(f.state), str(f.severity), encode_finding(f))
                    for f in commit.findings
                ],
            )
            connection.executemany(
                "INSERT INTO transitions"
                " (id, root, sequence, at, control, severity, finding, alerts, resource, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_transition_row(each) for each in commit.transitions],
            )
            for transition_id, attribution in commit.attributions.items():
                _attribute(connection, transition_id, attribution)
            if commit.ends_lease_of is not None:
                connection.execute(_RELEASE, (commit.root, commit.ends_lease_of))

    def _write_state(self, connection: sqlite3.Connection, commit: Commit) -> None:
        """Write the root's row on condition of its version."""
        state, counts = commit.state, commit.state.verdicts
        values = (
            state.version + 1,
            state.gone,
            counts.get(Verdict.PASS, 0),
            counts.get(Verdict.UNKNOWN, 0),
            counts.get(Verdict.NOT_APPLICABLE, 0),
            encode_state(state),
        )
        if state.version == 0:
            written = connection.execute(
                "INSERT INTO roots"
                " (version, gone, passed, unknown, not_applicable, state, root, subscription)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (*values, commit.root, commit.root.split("/")[2]),
            )
        else:
            written = connection.execute(
                "UPDATE roots SET version = ?, gone = ?, passed = ?, unknown = ?,"
                " not_applicable = ?, state = ? WHERE root = ? AND version = ?",
                (*values, commit.root, state.version),
            )
        if written.rowcount != 1:
            msg = f"{commit.root} was committed by somebody else"
            raise ConflictError(msg)
        connection.execute("DELETE FROM dependencies WHERE root = ?", (commit.root,))
        connection.executemany(
            "INSERT INTO dependencies (root, depends_on) VALUES (?, ?)",
            [(commit.root, each) for each in state.depends_on],
        )

    async def subscriptions(self) -> frozenset[str]:
        """Return the subscriptions that are known."""
        return frozenset(
            str(each)
            for (each,) in self.database.rows(
                "SELECT DISTINCT subscription FROM roots WHERE root <> ?", CANARY.key
            )
        )

    async def last_look(self) -> datetime | None:
        """Return when the newest reading of any committed look began."""
        rows = self.database.rows(
            "SELECT max(CAST(strftime('%s', each.value) AS INTEGER)) FROM roots,"
            " json_each(CAST(roots.state AS TEXT), '$.read_at') AS each WHERE roots.root <> ?",
            CANARY.key,
        )
        return None if rows[0][0] is None else datetime.fromtimestamp(int(str(rows[0][0])), UTC)

    async def roots(self, subscription: str) -> Sequence[str]:
        """Return the roots of a subscription that are not gone, without the subscription."""
        rows = self.database.rows(
            "SELECT root FROM roots WHERE subscription = ? AND NOT gone AND root <> ?",
            subscription,
            f"/subscriptions/{subscription}",
        )
        return [str(root) for (root,) in rows]

    async def dependents(self, root: str) -> Sequence[str]:
        """Return the roots that were judged by reading this one too."""
        return [
            str(each)
            for (each,) in self.database.rows(
                "SELECT root FROM dependencies WHERE depends_on = ?", root
            )
        ]

    async def transitions(self, query: TransitionQuery) -> Sequence[Transition]:
        """Return transitions, newest first."""
        conditions, values = _conditions(query)
        limit = "" if query.limit is None else f" LIMIT {int(query.limit)}"
        rows = self.database.rows(
            f"SELECT t.body FROM transitions t WHERE {conditions}"  # noqa: S608 - fixed texts
            f" ORDER BY t.at DESC, t.position DESC{limit}",
            *values,
        )
        return [decode_transition(_text(body)) for (body,) in rows]

    async def open_by_severity(self, subscription: str) -> Counter[Severity]:
        """Count the open findings of a subscription."""
        rows = self.database.rows(
            "SELECT f.severity, count(*) FROM findings f JOIN roots r ON r.root = f.root"
            " WHERE f.state = 'open' AND r.subscription = ? GROUP BY f.severity",
            subscription,
        )
        return Counter({Severity(str(severity)): int(str(count)) for severity, count in rows})

    async def posture(self) -> Posture:
        """Fold the findings of every root into counts."""
        ((open_findings,),) = self.database.rows(
            "SELECT count(*) FROM findings WHERE state = 'open'"
        )
        ((passed, unknown, other),) = self.database.rows(
            "SELECT total(passed), total(unknown), total(not_applicable) FROM roots"
        )
        verdicts = Counter(
            {
                Verdict.PASS: int(float(str(passed))),
                Verdict.UNKNOWN: int(float(str(unknown))),
                Verdict.NOT_APPLICABLE: int(float(str(other))),
            }
        )
        return Posture.of(int(str(open_findings)), verdicts)


def _text(body: object) -> bytes:
    """Narrow a BLOB column."""
    if not isinstance(body, bytes):
        msg = "a stored body is no blob"
        raise TypeError(msg)
    return body


def _transition_row(each: Transition) -> tuple[object, ...]:
    """Return the columns of a transition."""
    finding = None if each.control is None else finding_key(each.control, each.resource_id)
    at = each.at.isoformat(timespec="microseconds")
    body = encode_transition(each)
    resource = each.resource_id.lower()
    return (
        each.id,
        each.root,
        each.sequence,
        at,
        each.control,
        str(each.severity),
        finding,
        each.alerts,
        resource,
        body,
    )


def _attribute(
    connection: sqlite3.Connection, transition_id: str, attribution: Attribution
) -> None:
    """Complete a recorded transition."""
    row = connection.execute(
        "SELECT body FROM transitions WHERE id = ?", (transition_id,)
    ).fetchone()
    if row is not None:
        completed = replace(decode_transition(row[0]), attribution=attribution)
        connection.execute(
            "UPDATE transitions SET body = ? WHERE id = ?",
            (encode_transition(completed), transition_id),
        )


def _conditions(query: TransitionQuery) -> tuple[str, list[object]]:
    """Return the WHERE text of a query and its values."""
    parts: list[str] = ["1"]
    values: list[object] = []
    if not query.canaries:
        parts.append("t.root <> ?")
        values.append(CANARY.key)
    if query.alerts_only:
        parts.append("t.alerts = 1")
    if query.since is not None:
        parts.append("t.at >= ?")
        values.append(query.since.astimezone(UTC).isoformat(timespec="microseconds"))
    if query.severities:
        parts.append("t.severity IN (SELECT value FROM json_each(?))")
        values.append(_LIST.dump_json(sorted(query.severities)).decode())
    if query.controls:
        parts.append("t.control IN (SELECT value FROM json_each(?))")
        values.append(_LIST.dump_json(sorted(query.controls)).decode())
    if query.ids is not None:
        parts.append("t.id IN (SELECT value FROM json_each(?))")
        values.append(_LIST.dump_json(sorted(query.ids)).decode())
    if query.resource:
        parts.append("instr(t.resource, ?) > 0")
        values.append(query.resource.lower())
    if query.state is not None:
        parts.append(
            "EXISTS (SELECT 1 FROM findings f"
            " WHERE f.root = t.root AND f.key = t.finding AND f.state = ?)"
        )
        values.append(FindingState(query.state))
    return " AND ".join(parts), values
