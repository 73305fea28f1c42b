"""Commits of more rows than one transaction takes: written ahead, decided, then done.

All rows but the root's are first staged, packed into a few rows that no reader looks at. One
transaction then decides the commit: it writes the row of the root on condition of its version,
names in it what is staged, and sets a mark among the findings. From then on the commit holds:
whoever meets the name or the mark copies the staged rows to where they belong, and clears up with a
last transaction. The mark counts what is copied, in the transaction that copies it: each row is
copied once, however many workers are at it. What was done to a row since (an alert told, and so
gone from the outbox) is not undone, and neither is what a later commit wrote. Staged rows that no
commit came to name are left over from a crash; the next large commit of the root, or retention,
removes them.
"""

import base64
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

import orjson

from shared.adapters.azure.storage.operations import Act, Columns, Operation
from shared.adapters.azure.storage.root_rows import RootRow, row_key
from shared.adapters.azure.storage.row_bodies import LARGEST, binary_columns, binary_of, size_of
from shared.adapters.azure.storage.table_keys import (
    FINDINGS,
    STAGED,
    beyond,
    digest,
    key,
    partition_of,
)
from shared.adapters.azure.storage.tables import (
    LARGEST_TRANSACTION,
    MOST_OPERATIONS,
    RowChangedError,
    Table,
)

_EVER = datetime.max.replace(tzinfo=UTC)

UNPACKED = 4 * LARGEST
"""Bytes that go into a staged row before they are packed: what is found of many resources is much
the same, and takes a tenth. There can be no more staged rows than a transaction decides at once."""

NewRow = tuple[str, Columns]


async def stage(table: Table, root: str, name: str, rows: Sequence[NewRow]) -> list[str]:
    """Stage the rows of a commit; return the keys of the rows that they are staged in.

    Raises:
        PortError: storage failed, or they are more than can be staged.
    """
    partition = partition_of(root)
    await remove_left_over(table, partition, digest(root))
    staged = []
    for number, part in enumerate(_parts(rows)):
        staged.append(key(STAGED, digest(root), name, f"{number:03}"))
        await table.put(partition, staged[-1], {"decided": False, **binary_columns("rows", part)})
    return staged


def deciding(row: RootRow, staged: Sequence[str]) -> list[Operation]:
    """Return the operations that make a staged commit hold, beside that on the row of the root."""
    mark = Operation(Act.INSERT, _mark(row.root, row.commit))
    # Fails where they were taken for left over; and from here on they cannot be.
    return [mark, *(Operation(Act.MERGE, each, {"decided": True}) for each in staged)]


async def roll_forward(table: Table, row: RootRow) -> None:
    """Do what a decided commit has left to do; it does not matter how many workers do it.

    Raises:
        PortError: storage failed; the next reader goes on.
    """
    partition, mark = partition_of(row.root), _mark(row.root, row.staged)
    first = key(STAGED, digest(row.root), row.staged)
    staged = [each async for each in table.rows(partition, key(first, ""), beyond(first))]
    if len(staged) != row.staged_rows:
        # Another worker was quicker: so few are there only once the mark is gone.
        return
    rows = [each for part in staged for each in _unpacked(binary_of("rows", part.columns))]
    cleared = [
        Operation(Act.MERGE, row_key(row.root), {"staged": "", "staged_rows": 0}),
        *(Operation(Act.DELETE, part.key) for part in staged),
    ]
    # Whenever a try fails, somebody else has written at least one of the rows.
    for _ in range(len(rows) + 2):
        held = await table.read(partition, mark)
        if held is None:
            return
        done = int(str(held.columns.get("done", 0)))
        batch = next(batches(rows[done:], MOST_OPERATIONS - 1), [])
        counted = {"done": done + len(batch)}
        operations = (
            [Operation(Act.MERGE, mark, counted, held.etag), *batch]
            if batch
            else [Operation(Act.DELETE, mark, etag=held.etag), *cleared]
        )
        try:
            await table.apply(partition, operations)
        except RowChangedError:
            continue


async def remove_left_over(
    table: Table, partition: str, root: str = "", *, before: datetime = _EVER
) -> None:
    """Remove staged rows that no commit came to name: those of a root, by its digest, or all.

    `before`: only what was staged before this time.

    Raises:
        PortError: storage failed.
    """
    within = (STAGED, root) if root else (STAGED,)
    async for each in table.rows(partition, key(*within, ""), beyond(*within)):
        if each.columns["decided"] or each.written_at >= before:
            continue
        try:
            await table.delete(partition, each.key, each.etag)
        except RowChangedError:
            # Its commit was decided just now.
            continue


def marks_a_commit(row: str) -> bool:
    """Whether a row among the findings is the mark of a decided commit."""
    return "--" in row


def batches(rows: Iterable[NewRow], most: int) -> Iterator[list[Operation]]:
    """Lay rows out over transactions of at most so many operations."""
    batch: list[Operation] = []
    size = 0
    for row, columns in rows:
        more = size_of(columns)
        if batch and (len(batch) == most or size + more > LARGEST_TRANSACTION):
            yield batch
            batch, size = [], 0
        batch.append(Operation(Act.PUT, row, columns))
        size += more
    if batch:
        yield batch


def _mark(root: str, name: str) -> str:
    """Return the key of the mark: before every finding of the root."""
    return key(FINDINGS, digest(root), "", name)


def _parts(rows: Sequence[NewRow]) -> Iterator[bytes]:
    """Pack rows, as many into a part as a row is likely to hold."""
    part: list[bytes] = []
    size = 0
    for row, columns in rows:
        each = orjson.dumps([row, {name: _plain(value) for name, value in columns.items()}])
        if part and size + len(each) > UNPACKED:
            yield from _packed(part)
            part, size = [], 0
        part.append(each)
        size += len(each)
    yield from _packed(part)


def _packed(part: Sequence[bytes]) -> Iterator[bytes]:
    """Pack a part, in halves where a row cannot hold it."""
    data = zlib.compress(b"[" + b",".join(part) + b"]", level=1)
    half = len(part) // 2
    if len(data) <= LARGEST or not half:
        yield data
        return
    yield from _packed(part[:half])
    yield from _packed(part[half:])


def _unpacked(data: bytes) -> list[NewRow]:
    return [
        (row, {name: _value(value) for name, value in columns.items()})
        for row, columns in orjson.loads(zlib.decompress(data))
    ]


def _plain(value: object) -> object:
    """Return a column's value as JSON has it."""
    return [base64.b64encode(value).decode()] if isinstance(value, bytes) else value


def _value(value: object) -> object:
    """Read a column's value back."""
    return base64.b64decode(value[0]) if isinstance(value, list) else value
