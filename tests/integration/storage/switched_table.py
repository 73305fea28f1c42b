"""A table whose every call to the service can be the last one of its worker."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.tables import Table
from tests.fakes import Switch

T = TypeVar("T")


class SwitchedTable(Table):
    """A table seen through a switch: a moment before and a moment after each call."""

    def __init__(self, clients: StorageClients, switch: Switch) -> None:
        super().__init__(clients, FINDINGS_TABLE)
        self._switch = switch

    async def _call(self, doing: str, call: Callable[[], Awaitable[T]]) -> T:
        """Call the service between two moments."""
        await self._switch.moment()
        result = await super()._call(doing, call)
        await self._switch.moment()
        return result
