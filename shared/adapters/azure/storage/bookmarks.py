"""How far something was read: a blob a bookmark."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from azure.core.exceptions import ResourceNotFoundError

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.failures import BLOB_ROLE, port_errors
from shared.adapters.azure.storage.names import BOOKMARKS
from shared.adapters.azure.storage.on_demand import made_on_demand

if TYPE_CHECKING:
    from azure.storage.blob.aio import BlobClient


@dataclass(frozen=True, slots=True)
class BlobBookmarks:
    """`Bookmarks` on blobs."""

    clients: StorageClients

    async def load(self, name: str) -> str | None:
        """Return the text that was saved last, or None.

        Raises:
            PortError: it cannot be had.
        """
        with port_errors(f"reading the bookmark {name}", BLOB_ROLE):
            try:
                answer = await self._blob(name).download_blob()
                # Whoever asks can tell from the text that it is damaged, not from an exception.
                return (await answer.readall()).decode(errors="replace")
            except ResourceNotFoundError:
                # Whether it is the blob that is missing or its container.
                return None

    async def save(self, name: str, text: str) -> None:
        """Replace the text.

        Raises:
            PortError: it may not have been saved.
        """
        with port_errors(f"saving the bookmark {name}", BLOB_ROLE):
            await made_on_demand(
                lambda: self._blob(name).upload_blob(text.encode(), overwrite=True),
                lambda: self.clients.blobs.create_container(BOOKMARKS),
            )

    def _blob(self, name: str) -> "BlobClient":
        return self.clients.blobs.get_blob_client(BOOKMARKS, name)
