"""The row of a root and its findings as they are read, with what a commit left half-written done.

A row that was read is remembered, so that the commit need not read it again; the commit itself is
conditional on it. So is the row that a commit leaves: as long as its etag is the same, what it says
is known. Findings are remembered too, and count for whoever has read the row and found it the same.
"""

from collections import OrderedDict
from dataclasses import dataclass, field, replace

from shared.adapters.azure.storage.operations import Columns
from shared.adapters.azure.storage.recent_findings import RecentFindings
from shared.adapters.azure.storage.root_rows import RootRow, decode_root_row, row_key
from shared.adapters.azure.storage.row_bodies import body_columns, body_of
from shared.adapters.azure.storage.table_keys import (
    FINDINGS,
    beyond,
    digest,
    forward,
    key,
    microseconds,
    partition_of,
)
from shared.adapters.azure.storage.tables import Table
from shared.adapters.azure.storage.write_ahead import marks_a_commit, roll_forward
from shared.adapters.encoding.findings import decode_finding, encode_finding
from shared.domain.finding import Finding
from shared.ports import PortError

MOST_REMEMBERED = 1000
"""More than one worker has in hand; the row not read or committed for longest is forgotten."""
TRIES = 5


@dataclass(frozen=True, slots=True)
class RootMemory:
    """What a worker knows of the roots that it had in hand last."""

    table: Table
    _rows: OrderedDict[str, RootRow] = field(default_factory=OrderedDict)
    _findings: RecentFindings = field(default_factory=RecentFindings)

    async def row(self, root: str) -> RootRow | None:
        """Read the row of a root; None for one never committed.

        Raises:
            PortError: storage failed.
        """
        partition = partition_of(root)
        for _ in range(TRIES):
            stored = await self.table.read(partition, row_key(root))
            if stored is None:
                return None
            row = self._rows.get(root)
            if row is None or row.etag != stored.etag:
                row = decode_root_row(stored)
            if not row.staged:
                self._remember(row)
                return row
            await roll_forward(self.table, row)
        msg = f"what was committed of {root} could not be completed"
        raise PortError(msg)

    async def findings(self, root: str, of: int | None) -> dict[str, Finding]:
        """Return the findings of a root by key; `of` is the version of its row as it was just read.

        Raises:
            PortError: storage failed.
        """
        row = self._rows.get(root)
        if row is not None and row.state.version == of:
            known = self._findings.get(root, row.etag)
            if known is not None:
                return known
        partition, name = partition_of(root), digest(root)
        for _ in range(TRIES):
            row = self._rows.get(root)
            found: dict[str, Finding] = {}
            rows = self.table.rows(partition, key(FINDINGS, name, ""), beyond(FINDINGS, name))
            async for stored in rows:
                if marks_a_commit(stored.key):
                    break
                finding = decode_finding(body_of(stored.columns))
                found[finding.key] = finding
            else:
                # Should somebody have committed since, the row is another when it is read next.
                if row is not None:
                    self._findings.read(root, row.etag, found)
                return found
            await self.row(root)
        msg = f"what was committed of {root} could not be completed"
        raise PortError(msg)

    def remembered(self, root: str, version: int) -> RootRow | None:
        """Return the row as it was read or committed last, if of this version, and forget it."""
        row = self._rows.pop(root, None)
        return row if row is not None and row.state.version == version else None

    def committed(
        self, before: RootRow, after: RootRow, etag: str, changed: tuple[Finding, ...]
    ) -> None:
        """Learn what a commit made of a row and of these findings, and the etag of the row since.

        "": it is not known.
        """
        self._findings.committed(before.root, before.etag, etag, changed)
        if etag:
            self._remember(replace(after, etag=etag))

    def _remember(self, row: RootRow) -> None:
        self._rows[row.root] = row
        self._rows.move_to_end(row.root)
        if len(self._rows) > MOST_REMEMBERED:
            self._rows.popitem(last=False)


def finding_row(root: str, finding: Finding) -> tuple[str, Columns]:
    """Return the row of a finding: its key and its columns."""
    resolved = finding.resolved_at
    columns = {
        "root": root,
        "control": finding.control,
        "resource": finding.resource_id,
        "state": finding.state.value,
        "severity": finding.severity.value,
        # For retention; an open finding never has it.
        "resolved": "" if resolved is None else forward(microseconds(resolved)),
        **body_columns(encode_finding(finding)),
    }
    return key(FINDINGS, digest(root), digest(finding.key)), columns
