"""The inputs that were set aside, as blobs: one an input, the newest first in the alphabet."""

import json
import logging
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import ResourceNotFoundError

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.failures import BLOB_ROLE, port_errors
from shared.adapters.azure.storage.names import ASIDE
from shared.adapters.azure.storage.on_demand import is_missing, made_on_demand
from shared.adapters.azure.storage.side_by_side import side_by_side
from shared.ports import Kept, SetAside

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

_END = datetime.max.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

log = logging.getLogger(__name__)


class BlobSetAsideStore:
    """`SetAsideStore` on blobs."""

    def __init__(self, clients: StorageClients) -> None:
        self._clients = clients

    async def keep(self, items: Sequence[SetAside]) -> None:
        """Keep inputs with their reasons.

        Raises:
            PortError: some may have been kept: keep all of them again.
        """
        with port_errors("setting an unusable input aside", BLOB_ROLE):
            await side_by_side(
                [partial(self._keep, item, place) for place, item in enumerate(items)]
            )

    async def kept(self, limit: int) -> Sequence[SetAside]:
        """Return the newest.

        Raises:
            PortError: they cannot be had.
        """
        with port_errors("reading the inputs that were set aside", BLOB_ROLE):
            names = await self._newest(limit)
            found = await side_by_side([partial(self._read, name) for name in names])
        return [each for each in found if each is not None]

    async def page(self, after: str, limit: int) -> tuple[Sequence[Kept], str]:
        """Return some of what is kept, the newest first, and the place after it.

        Raises:
            PortError: they cannot be had.
        """
        with port_errors("reading the inputs that were set aside", BLOB_ROLE):
            # The token is an attribute of what the SDK declares as a mere iterator.
            names_of = self._blobs.list_blob_names(results_per_page=limit)
            pages: Any = names_of.by_page(after or None)
            try:
                names = [name async for name in await anext(pages)]
            except (ResourceNotFoundError, StopAsyncIteration) as error:
                if isinstance(error, ResourceNotFoundError) and not is_missing(error):
                    raise
                return [], ""
            found = await side_by_side([partial(self._read, name) for name in names])
        kept = [Kept(name, item) for name, item in zip(names, found, strict=True) if item]
        return kept, str(pages.continuation_token or "")

    async def remove(self, name: str) -> None:
        """Keep an input no longer.

        Raises:
            PortError: it may still be there.
        """
        told = port_errors("removing an input that was set aside", BLOB_ROLE)
        with told, suppress(ResourceNotFoundError):
            await self._blobs.delete_blob(name)

    @property
    def _blobs(self) -> "ContainerClient":
        return self._clients.blobs.get_container_client(ASIDE)

    async def _keep(self, item: SetAside, place: int) -> None:
        """Write one input down; no blob of that name can be there."""
        # Escaped, so that half of a surrogate pair, which is no UTF-8, is kept too.
        text = json.dumps(
            {
                "at": item.at.isoformat(),
                "reason": item.reason,
                "length": item.length,
                "text": item.text,
            }
        )
        name = _name(item.at, place)
        await made_on_demand(
            lambda: self._blobs.upload_blob(name, text.encode(), overwrite=True),
            lambda: self._clients.blobs.create_container(ASIDE),
        )

    async def _newest(self, limit: int) -> list[str]:
        """Return the names of the newest."""
        names: list[str] = []
        if limit <= 0:
            return names
        try:
            async for name in self._blobs.list_blob_names(results_per_page=min(limit, 5000)):
                names.append(name)
                if len(names) == limit:
                    break
        except ResourceNotFoundError as error:
            if not is_missing(error):
                raise
        return names

    async def _read(self, name: str) -> SetAside | None:
        """Read one input; None where it was removed meanwhile, or is none of ours."""
        try:
            answer = await self._blobs.download_blob(name)
        except ResourceNotFoundError:
            return None
        try:
            body = json.loads(await answer.readall())
            at = datetime.fromisoformat(body["at"])
            return SetAside(at, str(body["reason"]), str(body["text"]), int(body["length"]))
        except (ValueError, TypeError, LookupError) as error:
            log.warning("%s in the container %s is no input set aside: %s", name, ASIDE, error)
            return None


def _name(at: datetime, place: int) -> str:
    """Return a name of its own; the later, and within one instant the further back, the smaller."""
    return f"{(_END - at) // _MICROSECOND:018}-{999_999 - place:06}-{uuid.uuid4().hex}"
