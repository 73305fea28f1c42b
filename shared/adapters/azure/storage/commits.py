"""Commits: everything that a look changes becomes rows, written all or none."""

import logging
import uuid
from dataclasses import dataclass, replace

from shared.adapters.azure.storage.attributions import attributed_pages, completed
from shared.adapters.azure.storage.history_rows import pages_of
from shared.adapters.azure.storage.leases import Leases
from shared.adapters.azure.storage.operations import Act, Operation
from shared.adapters.azure.storage.root_memory import RootMemory, finding_row
from shared.adapters.azure.storage.root_rows import RootRow, row_key
from shared.adapters.azure.storage.table_keys import (
    DEPENDENTS,
    digest,
    key,
    microseconds,
    partition_of,
)
from shared.adapters.azure.storage.tables import MOST_OPERATIONS, RowChangedError, Table
from shared.adapters.azure.storage.write_ahead import (
    NewRow,
    batches,
    deciding,
    roll_forward,
    stage,
)
from shared.domain.root_state import Commit
from shared.ports import Clock, ConflictError, PortError

log = logging.getLogger(__name__)

TRIES = 3


@dataclass(frozen=True, slots=True)
class Commits:
    """Writes commits on condition of the version that they were made for."""

    table: Table
    memory: RootMemory
    leases: Leases
    clock: Clock

    async def write(self, commit: Commit) -> None:
        """Write everything or nothing.

        Raises:
            ConflictError: the stored version is another.
            PortError: storage failed. Should that be after the commit was decided, it holds: the
            next reader of the root sees it.
        """
        ending = None
        if commit.ends_lease_of is not None:
            ending = self.leases.ending(commit.root, commit.ends_lease_of)
        if await self._written(commit, ending) or commit.ends_lease_of is None:
            return
        await self.leases.give_back(commit.root, commit.ends_lease_of)

    async def _written(self, commit: Commit, ending: Operation | None) -> bool:
        """Write everything or nothing; return whether the operation on the lease was done too.

        Raises:
            ConflictError: the stored version is another.
            PortError: storage failed.
        """
        before = self.memory.remembered(commit.root, commit.state.version)
        name = uuid.uuid4().hex
        for _ in range(TRIES):
            if before is None and commit.state.version:
                before = await self.memory.row(commit.root)
            before = before or RootRow(commit.root)
            if before.state.version != commit.state.version:
                break
            try:
                return await self._write(commit, before, name, ending)
            except RowChangedError:
                log.info("%s has changed since it was read", commit.root)
            # It may be the lease alone that is another's by now, which is no reason not to commit.
            ending = None
            # The answer to our own write may have been lost on the way.
            before = await self.memory.row(commit.root)
            if before is not None and before.commit == name:
                return False
        msg = f"{commit.root} was committed by somebody else"
        raise ConflictError(msg)

    async def _write(
        self, commit: Commit, before: RootRow, name: str, ending: Operation | None
    ) -> bool:
        """Write a commit over what is there now; return whether a lease was ended with it.

        Raises:
            RowChangedError: the row of the root is not as it was.
        """
        now = microseconds(self.clock.now())
        # A clock that is behind another worker's must not turn the order of a history round.
        recorded = max(now, before.recorded + 1)
        after = replace(
            before,
            state=replace(commit.state, version=commit.state.version + 1),
            open=before.open_after(commit.findings),
            sequence=_sequence(commit, before),
            recorded=recorded,
            commit=name,
        )
        rows = await self._rows(commit, before, recorded)
        partition = partition_of(commit.root)
        also = [] if ending is None else [ending]
        together = list(batches(rows, MOST_OPERATIONS - 1 - len(also)))
        if len(together) <= 1:
            own = together[0] if together else []
            etags = await self.table.apply(partition, [_condition(after), *own, *also])
            self.memory.committed(before, after, etags[0], commit.findings)
            return ending is not None
        staged = await stage(self.table, commit.root, name, rows)
        after = replace(after, staged=name, staged_rows=len(staged))
        await self.table.apply(partition, [_condition(after), *deciding(after, staged)])
        await roll_forward(self.table, after)
        return False

    async def _rows(self, commit: Commit, before: RootRow, recorded: int) -> list[NewRow]:
        """Return every row but that of the root, those that tell sinks last."""
        rows = [finding_row(commit.root, each) for each in commit.findings]
        depends = set(commit.state.depends_on)
        rows += [
            (_dependence(each, commit.root), {"root": commit.root, "holds": each in depends})
            for each in sorted(depends.symmetric_difference(before.state.depends_on))
        ]
        new = completed(commit.transitions, commit.attributions)
        recorded_before = commit.attributions.keys() - {each.id for each in new}
        if recorded_before:
            named = {each: commit.attributions[each] for each in recorded_before}
            pages = await attributed_pages(self.table, commit.root, named)
            rows += [(each.key, each.columns()) for each in pages]
        for page in pages_of(commit.root, new, recorded):
            rows += page.rows()
        # A transaction takes a row once; of one finding twice, the last counts.
        return list(dict(rows).items())


def _condition(after: RootRow) -> Operation:
    """Return the operation on the row of the root, by which all the others stand or fall."""
    if after.etag:
        return Operation(Act.REPLACE, row_key(after.root), after.columns(), after.etag)
    return Operation(Act.INSERT, row_key(after.root), after.columns())


def _dependence(depends_on: str, root: str) -> str:
    return key(DEPENDENTS, digest(depends_on), digest(root))


def _sequence(commit: Commit, before: RootRow) -> int:
    """Return the highest sequence number of any transition after the commit.

    Raises:
        PortError: a transition was recorded before, or two are the same.
    """
    new = [each.sequence for each in commit.transitions]
    distinct = len(set(new)) == len({each.id for each in commit.transitions}) == len(new)
    if not distinct or any(each <= before.sequence for each in new):
        msg = f"{commit.root} has transitions that are recorded already"
        raise PortError(msg)
    return max(new, default=before.sequence)
