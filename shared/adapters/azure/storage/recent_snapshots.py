"""The snapshots that this process saw last, so that most writes need not read first."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from shared.adapters.azure.storage.snapshot_blob import Part

OVERHEAD = 600
"""Bytes that a snapshot takes beside its readings, about."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A snapshot as it was at one moment; `etag` is that of its blob, None while there is none."""

    etag: str | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)

    def size(self) -> int:
        """Return about how many bytes of memory it takes."""
        return OVERHEAD + sum(OVERHEAD // 2 + len(each.body) for each in self.parts.values())

    def with_newer(self, parts: Mapping[str, Part]) -> Self:
        """Return it with those parts that are not older than its own."""
        newer = {
            source: part
            for source, part in parts.items()
            if (own := self.parts.get(source)) is None or part.read_at >= own.read_at
        }
        return type(self)(self.etag, {**self.parts, **newer})


class RecentSnapshots:
    """Snapshots by the key of their root, within a bound of bytes.

    The one that was not asked for longest goes first.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._stored: OrderedDict[str, Stored] = OrderedDict()

    def get(self, root: str) -> Stored | None:
        """Return what was seen of a root, or None."""
        found = self._stored.get(root)
        if found is not None:
            self._stored.move_to_end(root)
        return found

    def put(self, root: str, stored: Stored) -> None:
        """Remember what was seen of a root."""
        self.drop(root)
        self._stored[root] = stored
        self._size += stored.size()
        while self._size > self._limit:
            _, oldest = self._stored.popitem(last=False)
            self._size -= oldest.size()

    def drop(self, root: str) -> None:
        """Forget what was seen of a root."""
        gone = self._stored.pop(root, None)
        if gone is not None:
            self._size -= gone.size()
