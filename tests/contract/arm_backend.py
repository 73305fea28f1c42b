"""ARM as a world of the inventory's contract: the local Azure under the role's actions alone."""

import re
from contextlib import AsyncExitStack
from pathlib import Path

from shared.adapters.azure.arm.inventory import ArmInventory
from shared.adapters.system_clock import SystemClock
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from tests.arm_inventory import arm_world
from tests.local_azure.faults import Fault
from tests.local_azure.server import LocalAzure
from tests.worlds import resource

API_VERSION = "2026-07-01"
"""What accounts are read with here, as the suite states it of the account that it puts there."""


class ArmBackend:
    """`ArmInventory` on the local Azure."""

    inventory: ArmInventory
    _azure: LocalAzure

    def __init__(self, _folder: Path) -> None:
        self.clock = SystemClock()
        self._running = AsyncExitStack()

    async def start(self) -> None:
        """Start the local Azure."""
        overrides = {"Microsoft.CognitiveServices/accounts": API_VERSION}
        world = await self._running.enter_async_context(arm_world(api_versions=overrides))
        self._azure, self.inventory = world.azure, world.inventory

    def put(self, *resources: Resource) -> None:
        """Create or replace resources; an account of which only a child is put answers with 404.

        ARM knows no child without a parent, but answers for the two can be of different ages.
        """
        for each in sorted(resources, key=lambda one: len(one.id.segments)):
            root = each.id.root
            if each.id == root:
                self._azure.faults.clear(_reading(root))
            elif not self._azure.estate.exists(root.key):
                self._azure.estate.put(resource(root.text))
                body = '{"error": {"code": "ResourceNotFound", "message": "was not found"}}'
                self._azure.faults.add(Fault(_reading(root), status=404, body=body))
            self._azure.estate.put(each)

    def delete(self, resource_id: str) -> None:
        """Delete one resource."""
        self._azure.estate.delete(resource_id, below=False)

    def spoil(self, root: str) -> None:
        """Let the list of deployments fail."""
        self._azure.faults.add(Fault(_listing(root), status=503))

    def mend(self, root: str) -> None:
        """Let the list of deployments be read again."""
        self._azure.faults.clear(_listing(root))

    async def close(self) -> None:
        """Stop the local Azure."""
        await self._running.aclose()


def _reading(root: ResourceId) -> str:
    """Match the read of a root itself."""
    return rf"^GET {re.escape(root.key)}\?"


def _listing(root: str) -> str:
    """Match the list of an account's deployments."""
    return rf"^GET {re.escape(root.lower())}/deployments\?"
