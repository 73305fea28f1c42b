"""The last snapshot of every root, as blobs: one a root, written on condition of its etag."""

import asyncio
import logging
import random
from collections.abc import Collection, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from azure.core import MatchConditions
from azure.core.exceptions import (
    HttpResponseError,
    ResourceNotFoundError,
)

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.direct import ask, etag_of
from shared.adapters.azure.storage.failures import BLOB_ROLE, error_code, port_errors
from shared.adapters.azure.storage.names import SNAPSHOTS
from shared.adapters.azure.storage.on_demand import made_on_demand
from shared.adapters.azure.storage.recent_snapshots import RecentSnapshots, Stored
from shared.adapters.azure.storage.snapshot_blob import (
    Part,
    UnreadableSnapshotError,
    blob_name,
    pack,
    unpack,
)
from shared.adapters.encoding.reading import UnreadableReadingError, decode_reading, encode_reading
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.ports import PortError

if TYPE_CHECKING:
    from azure.storage.blob.aio import BlobClient

TRIES = 12
"""How often another process may come in between before a save is given up."""
FIRST_WAIT: Final = 0.01
"""Seconds, at most, after the first time; each later wait is up to twice as long."""
LONGEST_WAIT: Final = 0.5
"""Seconds; no wait is longer."""
REMEMBERED: Final = 16 * 1024 * 1024
"""Bytes of snapshots that are kept in memory."""

CLIENTS = 256
"""Clients of blobs that are kept."""

LARGEST_DIRECT: Final = 500_000
"""Bytes that are sent at once, past the SDK; what is larger it sends in pieces."""

_PUTTING = {
    "x-ms-version": "2021-12-02",
    "x-ms-blob-type": "BlockBlob",
    "Content-Type": "application/octet-stream",
}
_OVERTAKEN = frozenset({"ConditionNotMet", "BlobAlreadyExists"})

log = logging.getLogger(__name__)


class BlobSnapshotStore:
    """`SnapshotStore` on blobs.

    What this process saw last is remembered with its etag: a load then costs a GET without a body
    and a save one PUT, unless another process has written since. A snapshot is a copy of what ARM
    said: one that cannot be read counts as never stored, is logged, and is replaced by the next
    save.
    """

    def __init__(self, clients: StorageClients, *, remembered: int = REMEMBERED) -> None:
        self._clients = clients
        self._recent = RecentSnapshots(remembered)
        # In one process the writers of a root wait for each other rather than conflict.
        self._writing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        # To make a client takes about as long as to use it.
        self._blob = lru_cache(CLIENTS)(self._new_blob)

    async def load(
        self, root: ResourceId, sources: Collection[Source], *, recent: bool = False
    ) -> Mapping[Source, SourceReading]:
        """Return the stored readings of these sources.

        Raises:
            PortError: the blob cannot be had.
        """
        if not sources:
            return {}
        known = self._recent.get(root.key) if recent else None
        stored = known or await self._fetch(root)
        found = {}
        for source in sources:
            part = stored.parts.get(source)
            if part is not None and (reading := _decoded(root, source, part)) is not None:
                found[source] = reading
        return found

    async def save(self, root: ResourceId, readings: Collection[SourceReading]) -> None:
        """Store readings, each unless a younger one of its source is stored.

        Raises:
            PortError: they could not be stored: save them again.
        """
        known = self._recent.get(root.key) or Stored()
        parts: dict[str, Part] = {}
        for each in readings:
            if each.read_at is not None:
                before = known.parts.get(each.source)
                body = encode_reading(each, None if before is None else before.body)
                parts[each.source] = Part(each.read_at, body)
        if not parts:
            return
        async with self._writing.setdefault(root.key, asyncio.Lock()):
            for tried in range(TRIES):
                stored = self._recent.get(root.key) or await self._fetch(root)
                merged = stored.with_newer(parts)
                if merged == stored or await self._written(root, merged):
                    return
                self._recent.drop(root.key)
                # At random, so that the one who has lost once does not lose every time.
                longest = min(LONGEST_WAIT, FIRST_WAIT * 2**tried)
                await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - keeps nothing secret
        msg = f"storing the snapshot of {root} failed: others wrote it {TRIES} times meanwhile"
        raise PortError(msg)

    async def _fetch(self, root: ResourceId) -> Stored:
        """Return what is stored now."""
        recent = self._recent.get(root.key)
        options: dict[str, Any] = (
            {"etag": recent.etag, "match_condition": MatchConditions.IfModified}
            if recent is not None and recent.etag is not None
            else {}
        )
        with port_errors(f"reading the snapshot of {root}", BLOB_ROLE):
            try:
                answer = await self._blob(root).download_blob(**options)
                data = await answer.readall()
            except ResourceNotFoundError:
                # Nothing stored yet, or not even the container, which the first save makes.
                stored = Stored()
            except HttpResponseError as error:
                if error.status_code != HTTPStatus.NOT_MODIFIED or recent is None:
                    raise
                stored = recent
            else:
                stored = Stored(answer.properties.etag, _unpacked(root, data))
        self._recent.put(root.key, stored)
        return stored

    async def _written(self, root: ResourceId, stored: Stored) -> bool:
        """Write a snapshot; False: another process has written one since."""
        data = pack(root, stored.parts)
        send = self._upload if len(data) > LARGEST_DIRECT else self._put
        with port_errors(f"storing the snapshot of {root}", BLOB_ROLE):
            try:
                etag = await made_on_demand(
                    lambda: send(root, data, stored.etag),
                    lambda: self._clients.blobs.create_container(SNAPSHOTS),
                )
            except HttpResponseError as error:
                if error_code(error) not in _OVERTAKEN:
                    raise
                log.info("another process wrote the snapshot of %s meanwhile", root)
                return False
        self._recent.put(root.key, Stored(etag, stored.parts))
        return True

    async def _put(self, root: ResourceId, data: bytes, etag: str | None) -> str:
        """Write a blob in place of the one with this etag, or of none; return its etag."""
        address = f"{self._clients.account.blob}/{SNAPSHOTS}/{blob_name(root)}"
        condition = {"If-None-Match": "*"} if etag is None else {"If-Match": etag}
        answer = await ask(self._clients.direct, "PUT", address, {**_PUTTING, **condition}, data)
        return etag_of(answer)

    async def _upload(self, root: ResourceId, data: bytes, etag: str | None) -> str:
        """Do the same in as many requests as it takes."""
        condition: dict[str, Any] = (
            {"match_condition": MatchConditions.IfMissing}
            if etag is None
            else {"etag": etag, "match_condition": MatchConditions.IfNotModified}
        )
        answer = await self._blob(root).upload_blob(data, overwrite=True, **condition)
        return str(answer["etag"])

    def _new_blob(self, root: ResourceId) -> "BlobClient":
        return self._clients.blobs.get_blob_client(SNAPSHOTS, blob_name(root))


def _unpacked(root: ResourceId, data: bytes) -> dict[str, Part]:
    """Read a snapshot, or nothing where it is none."""
    try:
        return unpack(root, data)
    except UnreadableSnapshotError as error:
        log.warning("the stored snapshot of %s is dropped and will be read anew: %s", root, error)
        return {}


def _decoded(root: ResourceId, source: Source, part: Part) -> SourceReading | None:
    """Read a reading, or None where it is none."""
    try:
        return decode_reading(source, part.read_at, part.body)
    except UnreadableReadingError as error:
        log.warning("a reading of %s is dropped and will be read anew: %s", root, error)
        return None
