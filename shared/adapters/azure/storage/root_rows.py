"""The row of a root: its state, and what is asked of many roots at once as columns of its own."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.adapters.azure.storage.row_bodies import (
    binary_columns,
    binary_of,
    body_columns,
    body_of,
)
from shared.adapters.azure.storage.row_json import StoredRow
from shared.adapters.azure.storage.table_keys import ROOTS, digest, key
from shared.adapters.encoding.findings import decode_state, encode_state
from shared.domain.finding import Finding, FindingState
from shared.domain.root_state import RootState
from shared.domain.verdict import Severity, Verdict

_SEVERITIES = tuple(Severity)
_DIGEST = 16


@dataclass(frozen=True, slots=True)
class RootRow:
    """What the row says.

    `sequence` is the highest of any transition. `recorded` is when the last commit was recorded, by
    the clock of whoever did; it never goes back. `open` are the open findings: digest of the key →
    severity. `commit` is a name of the last commit, by which its writer knows it again. `staged` is
    that name while rows of the commit still wait to be written where they belong, in `staged_rows`
    rows. `etag` is that of the row as it was read, "" for one that is not there yet.
    """

    root: str
    state: RootState = field(default_factory=RootState)
    sequence: int = 0
    recorded: int = 0
    open: Mapping[str, Severity] = field(default_factory=dict)
    commit: str = ""
    staged: str = ""
    staged_rows: int = 0
    etag: str = ""

    def columns(self) -> dict[str, object]:
        """Return the columns.

        Raises:
            RowTooLargeError: they do not fit into a row.
        """
        verdicts, by_severity = self.state.verdicts, Counter(self.open.values())
        return {
            "root": self.root,
            "subscription": self.root.split("/")[2],
            "version": self.state.version,
            "gone": self.state.gone,
            "passed": verdicts.get(Verdict.PASS, 0),
            "unknown": verdicts.get(Verdict.UNKNOWN, 0),
            "not_applicable": verdicts.get(Verdict.NOT_APPLICABLE, 0),
            **{open_column(each): by_severity[each] for each in Severity},
            "sequence": self.sequence,
            # Longer than the service's numbers are without a type of their own.
            "recorded": str(self.recorded),
            "commit": self.commit,
            "staged": self.staged,
            "staged_rows": self.staged_rows,
            **binary_columns("open", _packed(self.open)),
            **body_columns(encode_state(self.state)),
        }

    def open_after(self, changed: tuple[Finding, ...]) -> Mapping[str, Severity]:
        """Return the open findings as they are after a change."""
        after = dict(self.open)
        for each in changed:
            name = digest(each.key)
            if each.state is FindingState.OPEN:
                after[name] = each.severity
            else:
                after.pop(name, None)
        return after


def row_key(root: str) -> str:
    """Return the key of the row of a root."""
    return key(ROOTS, digest(root))


def open_column(severity: Severity) -> str:
    """Return the column that counts the open findings of a severity."""
    return f"open_{severity}"


def decode_root_row(stored: StoredRow) -> RootRow:
    """Read a row."""
    columns = stored.columns
    version = int(str(columns["version"]))
    return RootRow(
        root=str(columns["root"]),
        state=decode_state(body_of(columns), version),
        sequence=int(str(columns["sequence"])),
        recorded=int(str(columns["recorded"])),
        open=_unpacked(binary_of("open", columns)),
        commit=str(columns["commit"]),
        staged=str(columns["staged"]),
        staged_rows=int(str(columns["staged_rows"])),
        etag=stored.etag,
    )


def _packed(severities: Mapping[str, Severity]) -> bytes:
    """Return the open findings in 17 bytes each."""
    return b"".join(
        bytes.fromhex(name) + bytes([_SEVERITIES.index(each)]) for name, each in severities.items()
    )


def _unpacked(data: bytes) -> dict[str, Severity]:
    """Read the open findings back."""
    step = _DIGEST + 1
    return {
        data[at : at + _DIGEST].hex(): _SEVERITIES[data[at + _DIGEST]]
        for at in range(0, len(data), step)
    }
