"""The real ARM inventory on the local Azure, for tests."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from azure.identity.aio import ManagedIdentityCredential

from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.arm.inventory import ArmInventory
from shared.adapters.azure.arm.quota import Quota
from shared.adapters.azure.arm.retry import Patience
from shared.adapters.azure.arm.role import ACTIONS
from shared.adapters.azure.cloud import custom_cloud
from shared.adapters.system_clock import SystemClock
from shared.domain.resource import Resource
from shared.ports import Clock
from tests.local_azure.server import LocalAzure

PATIENCE = Patience(backoff=0.01)
"""As in Azure, but for the waits between tries."""


@dataclass(frozen=True, slots=True)
class ArmWorld:
    """A local Azure, and the inventory that reads it with the role's actions alone."""

    azure: LocalAzure
    inventory: ArmInventory
    clock: Clock

    @property
    def reads(self) -> list[str]:
        """The paths of ARM that were read, each as often as it was."""
        return [each.path for each in self.azure.log.reads]


@asynccontextmanager
async def arm_world(
    *resources: Resource, api_versions: Mapping[str, str] | None = None
) -> AsyncIterator[ArmWorld]:
    """Run a local Azure with these resources, and the inventory on it."""
    clock = SystemClock()
    async with LocalAzure(*resources, actions=frozenset(ACTIONS)) as azure:
        said = azure.environment
        cloud = custom_cloud(
            said["COMPLIANCE_ARM_ENDPOINT"],
            said["COMPLIANCE_ARM_AUDIENCE"],
            said["COMPLIANCE_LOGS_ENDPOINT"],
            Path(said["COMPLIANCE_CA_FILE"]),
        )
        # The credential finds its endpoint in the environment, and reads it once.
        with mock.patch.dict(os.environ, said):
            credential = ManagedIdentityCredential()
        client = ArmClient(cloud, credential, clock, Quota(clock), patience=PATIENCE)
        try:
            yield ArmWorld(azure, ArmInventory(client, clock, api_versions), clock)
        finally:
            await client.close()
            await credential.close()
