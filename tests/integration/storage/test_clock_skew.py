"""Workers whose clocks are minutes apart go by the clock of the storage that they share."""

from datetime import UTC, datetime, timedelta

from shared.adapters.azure.cloud import CLOUDS
from shared.adapters.azure.storage.bookmarks import BlobBookmarks
from shared.adapters.azure.storage.clients import StorageAccount, StorageClients
from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.queues import StorageWorkQueue
from shared.adapters.azure.storage.service_clock import ServiceClock
from shared.adapters.azure.storage.tables import Table
from shared.adapters.system_clock import SystemClock
from shared.ports import QueueName
from tests.azurite_server import KEY, Azurite, account_name
from tests.records import ROOT
from tests.shared_key import signing


class Wrong(SystemClock):
    """The clock of a machine that is wrong."""

    def __init__(self, minutes: float) -> None:
        self._by = timedelta(minutes=minutes)

    def now(self) -> datetime:
        """Return what it takes for the time."""
        return super().now() + self._by


def opened(account: StorageAccount, clock: ServiceClock) -> StorageClients:
    """Return the clients of a worker on a machine with this clock."""
    key = signing(account_name(account), KEY)
    return StorageClients(account, key, CLOUDS["public"], clock)


async def test_two_minutes_ahead_and_two_behind_agree_after_one_call_each(azurite: Azurite) -> None:
    """Whichever service of the account answers it."""
    account = azurite.account()
    ahead, behind, third = (ServiceClock(Wrong(minutes)) for minutes in (2, -2, 2))
    async with (
        opened(account, ahead) as first,
        opened(account, behind) as second,
        opened(account, third) as another,
    ):
        await TableFindingStore(Table(first, FINDINGS_TABLE), ahead).state(ROOT)
        await StorageWorkQueue(second, behind).put(QueueName.LOOKS, ["a"])
        await BlobBookmarks(another).load("activity_log")

        right = datetime.now(UTC)
        for clock in (ahead, behind, third):
            assert abs(clock.now() - right) < timedelta(seconds=1.5)
