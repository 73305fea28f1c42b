"""Forgetting what is old, in SQLite."""

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.adapters.local.database import Database

_OLD_HISTORY = """
DELETE FROM transitions WHERE position IN (
    SELECT position FROM transitions t WHERE at < ?
    AND (alerts = 0 OR position <= (SELECT min(position) FROM told))
    AND NOT EXISTS (SELECT 1 FROM put_back b WHERE b.id = t.id)
    AND NOT EXISTS (
        SELECT 1 FROM findings f WHERE f.root = t.root AND f.key = t.finding AND f.state = 'open'
    ) ORDER BY at LIMIT ?
)
"""
# The times in a body are UTC, but written with as many digits as they need.
_OLD_FINDINGS = """
DELETE FROM findings WHERE (root, key) IN (
    SELECT root, key FROM findings WHERE state = 'resolved'
    AND julianday(json_extract(CAST(body AS TEXT), '$.resolved_at')) < julianday(?) LIMIT ?
)
"""


# What is parked goes with the history that it is of.
_OLD_PARKED = "DELETE FROM parked WHERE id NOT IN (SELECT id FROM transitions)"


@dataclass(frozen=True, slots=True)
class SqliteRetention:
    """`Retention` on tables; the sinks that count are those that were ever told of anything."""

    database: Database

    async def purge(self, before: datetime, limit: int) -> int:
        """Remove what is older."""
        text = before.astimezone(UTC).isoformat(timespec="microseconds")
        findings = self.database.run(_OLD_FINDINGS, text, limit)
        history = self.database.run(_OLD_HISTORY, text, limit - findings)
        self.database.run(_OLD_PARKED)
        return findings + history
