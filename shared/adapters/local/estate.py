"""A folder of ARM JSON as the estate: what is in it exists, what is not does not.

Files are read again when they change. A file that cannot be read proves nothing: while there is
one, what is not found may be in it and does not count as gone.
"""

import os
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.adapters.local.documents import Skipped, UnusableInputError, parse_json, resources_in
from shared.adapters.local.files import Unusable, json_files, read_bytes
from shared.adapters.local.readings import estate_reading
from shared.adapters.local.resource_index import ResourceIndex
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem, SourceReading
from shared.domain.topology import ROOT_TYPES, Source
from shared.domain.verdict import Cause
from shared.ports import Clock, Listed, Pace, PortError

SETTLED = timedelta(seconds=3)
"""A file changed so shortly before it was read may change again within a tick of its time.

Of all file systems, FAT's time ticks slowest: every two seconds.
"""

VANISHED = "it was there when the folder was listed, and then it was not"
TRIES = 5
"""How often the folder is listed because a file vanished meanwhile: it may only have moved."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it was read: its state on disk (None: read it again), and what it held."""

    state: tuple[int, ...] | None
    resources: tuple[Resource, ...]
    skipped: tuple[Skipped, ...]
    unusable: str | None


class EstateFolder:
    """`Inventory` on a folder; every input form of `documents` is understood."""

    second_look_after = None

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Remember the folder; nothing is read before it is needed.

        Raises:
            PortError: there is no such folder.
        """
        self._folder = folder
        self._check_folder()
        self._clock = clock
        self._files: dict[Path, _File] = {}
        self._index = ResourceIndex()
        self._unusable: list[Unusable] = []
        self._read_at = datetime.min.replace(tzinfo=UTC)

    @property
    def unusable(self) -> list[Unusable]:
        """Files that could not be read the last time."""
        return self._unusable

    @property
    def skipped(self) -> list[tuple[str, Skipped]]:
        """What was left out of files the last time, with the name of the file."""
        return [(str(path), each) for path, file in self._files.items() for each in file.skipped]

    @property
    def twice(self) -> list[str]:
        """Ids that stand in the folder more than once; the last counts."""
        return self._index.twice

    async def read(
        self,
        root: ResourceId,
        sources: Collection[Source],
        *,
        after: datetime,
        pace: Pace = Pace.EVENT,  # noqa: ARG002 - nothing is short here
    ) -> Mapping[Source, SourceReading]:
        """Read sources of a root; the folder is read again unless it was after `after`."""
        self._refresh(after)
        return {source: self._reading(root, source) for source in sources}

    async def roots(self, subscription: str) -> AsyncIterator[Listed]:
        """List the roots of a subscription, also those of which only a child is here."""
        self._refresh(self._clock.now())
        for root in list(self._index.roots()):
            if root.subscription == subscription.lower():
                yield Listed(root)

    async def subscriptions(self, *, after: datetime) -> frozenset[str]:
        """Return the subscriptions in the folder as it is after `after`."""
        self._refresh(after)
        return frozenset(root.subscription for root in self._index.roots())

    def _reading(self, root: ResourceId, source: Source) -> SourceReading:
        """Return one source of a root."""
        reading = estate_reading(self._index, root, source, self._read_at)
        if not self._unusable or reading.problem is not None:
            return reading
        # A file's name need not be text, and what is said here is stored.
        name = self._unusable[0].name.encode(errors="backslashreplace").decode()
        why = f"{name} cannot be read: {self._unusable[0].reason}"
        if source is ROOT_TYPES[root.type.lower()] and not reading.items:
            problem = Problem(Cause.UNREADABLE, f"not found, and {why}")
        else:
            # Of what is here nothing is lost; whether there is more, the folder does not say.
            problem = Problem(Cause.UNDETERMINED, f"there may be more, as {why}")
        return replace(reading, problem=problem, complete=False)

    def _check_folder(self) -> None:
        """Refuse a folder that is not there (or no more)."""
        if not os.path.isdir(self._folder):  # noqa: PTH112 - Path.is_dir raises where it may not look
            raise PortError(f"the estate {self._folder} is no folder")

    def _list(self) -> list[Path]:
        """Return the files; refuse a folder without any: it would prove everything absent.

        Raises:
            PortError: it is not there, cannot be listed, or holds no file.
        """
        self._check_folder()
        files = json_files(self._folder)
        if self._folder in files:
            raise PortError(f"the estate {self._folder} cannot be listed; may it be read?")
        if not files:
            raise PortError(f"the estate {self._folder} holds no .json files; is it mounted?")
        return files

    def _refresh(self, after: datetime) -> None:
        """Bring the index up to date, unless the folder was read after `after`."""
        if self._read_at > after:
            return
        began = self._clock.now()
        files = self._load_all()
        if files != self._files:
            index = ResourceIndex()
            index.add(resource for file in files.values() for resource in file.resources)
            self._files, self._index = files, index
            self._unusable = [
                Unusable(str(path), file.unusable) for path, file in files.items() if file.unusable
            ]
        self._read_at = began

    def _load_all(self) -> dict[Path, _File]:
        """Read every file of the folder, as it was at one time."""
        files: dict[Path, _File] = {}
        for _ in range(TRIES):
            files = {path: self._load(path) for path in self._list()}
            if all(file.unusable != VANISHED for file in files.values()):
                break
        return files

    def _load(self, path: Path) -> _File:
        """Read a file, unless it is as it was."""
        known = self._files.get(path)
        try:
            before = path.stat()
            # The change time is the kernel's: a copy that keeps its old date cannot hide behind it.
            state = (before.st_ctime_ns, before.st_mtime_ns, before.st_size, before.st_ino)
            if known is not None and known.state == state:
                return known
            found = list(resources_in(parse_json(read_bytes(path))))
            settled = self._clock.now().timestamp() - before.st_ctime > SETTLED.total_seconds()
        except (OSError, UnusableInputError) as error:
            vanished = not os.path.lexists(path)
            return _File(None, (), (), VANISHED if vanished else str(error))
        resources = tuple(each for each in found if isinstance(each, Resource))
        skipped = tuple(each for each in found if isinstance(each, Skipped))
        return _File(state if settled else None, resources, skipped, None)
