"""Event Grid's dead letters: blobs that each hold a JSON array of events.

A blob's path begins with the name of the event subscription in capitals and the hour. What is known
of tries that failed is in its metadata.
"""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from azure.core.exceptions import ResourceNotFoundError

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.failures import BLOB_ROLE, port_errors
from shared.adapters.azure.storage.names import DEAD_LETTERS
from shared.adapters.azure.storage.on_demand import is_missing
from shared.ports import DeadLetters

if TYPE_CHECKING:
    from azure.storage.blob import BlobProperties
    from azure.storage.blob.aio import ContainerClient

_TRIES, _REASON, _GIVEN_UP = "redrives", "reason", "given_up"
_LONGEST_REASON = 1000


class BlobDeadLetterStore:
    """`DeadLetterStore` on blobs."""

    def __init__(self, clients: StorageClients) -> None:
        self._clients = clients

    async def waiting(self, limit: int) -> Sequence[DeadLetters]:
        """Return batches that are neither removed nor given up.

        Raises:
            PortError: they cannot be had.
        """
        found: list[DeadLetters] = []
        with port_errors("listing the dead letters", BLOB_ROLE):
            try:
                async for blob in self._blobs.list_blobs(include=["metadata"]):
                    metadata = blob.metadata or {}
                    if _GIVEN_UP in metadata or _is_folder(blob):
                        continue
                    tries = metadata.get(_TRIES, "")
                    found.append(
                        DeadLetters(blob.name, blob.size, int(tries) if tries.isdigit() else 0)
                    )
                    if len(found) == limit:
                        break
            except ResourceNotFoundError as error:
                # The deployment makes the container; without it Event Grid has left nothing.
                if not is_missing(error):
                    raise
        return found

    async def read(self, name: str) -> bytes | None:
        """Return the content of a batch.

        Raises:
            PortError: it cannot be had.
        """
        with port_errors(f"reading the dead letters {name}", BLOB_ROLE):
            try:
                answer = await self._blobs.download_blob(name)
                return await answer.readall()
            except ResourceNotFoundError:
                return None

    async def remove(self, name: str) -> None:
        """Remove a batch.

        Raises:
            PortError: it may still be there.
        """
        with port_errors(f"removing the dead letters {name}", BLOB_ROLE):
            try:
                await self._blobs.delete_blob(name)
            except ResourceNotFoundError:
                return

    async def failed(self, name: str, tries: int, reason: str, *, given_up: bool) -> None:
        """Write beside a batch how often it was tried, and why it failed.

        Raises:
            PortError: it may not be written.
        """
        # A header: letters of ASCII alone, in one line.
        text = base64.b64encode(reason[:_LONGEST_REASON].encode(errors="replace")).decode()
        metadata = {_TRIES: str(tries), _REASON: text, **({_GIVEN_UP: "yes"} if given_up else {})}
        with port_errors(f"marking the dead letters {name}", BLOB_ROLE):
            try:
                await self._blobs.get_blob_client(name).set_blob_metadata(metadata)
            except ResourceNotFoundError:
                return

    @property
    def _blobs(self) -> "ContainerClient":
        return self._clients.blobs.get_container_client(DEAD_LETTERS)


def _is_folder(blob: "BlobProperties") -> bool:
    """Whether it stands for a folder, as accounts with a hierarchical namespace show them."""
    return (blob.metadata or {}).get("hdi_isfolder", "").lower() == "true"
