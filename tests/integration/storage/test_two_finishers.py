"""Two workers that strike off the last roots of a sweep at once both finish it."""

from dataclasses import dataclass
from datetime import timedelta

from shared.adapters.azure.storage.names import SWEEPS_TABLE
from shared.adapters.azure.storage.sweep_ledger import TableSweepLedger
from shared.adapters.azure.storage.sweep_rows import Head
from shared.adapters.azure.storage.tables import Table
from shared.domain.sweep import RootOutcome, Sweep, SweepCoverage
from tests.azurite_server import Azurite, clients
from tests.fakes import BEGINNING
from tests.records import SUBSCRIPTION

OVER = BEGINNING + timedelta(minutes=1)
ROOTS = [f"/subscriptions/{SUBSCRIPTION}/{number}" for number in range(5)]


@dataclass(frozen=True, slots=True)
class Overtaken(TableSweepLedger):
    """A worker's ledger: another finishes the sweep while this one folds what became of it."""

    async def _coverage(self, head: Head) -> SweepCoverage:
        await TableSweepLedger(self.table).finish(head.sweep.id, OVER)
        return await TableSweepLedger(self.table)._coverage(head)  # noqa: SLF001 - the same class


async def test_the_slower_one_does_not_write_over_what_the_other_has_folded(
    azurite: Azurite,
) -> None:
    """It would fold what the other has cleared away: a sweep of nothing, with nothing denied."""
    async with clients(azurite.account()) as opened:
        table = Table(opened, SWEEPS_TABLE)
        ledger = TableSweepLedger(table)
        begun = Sweep("s", SUBSCRIPTION, deep=False, baseline=False, started_at=BEGINNING, roots=0)
        await ledger.begin(begun)
        await ledger.add(begun.id, ROOTS, listed=True)
        await ledger.close_list(begun.id, [])
        for root in ROOTS:
            await ledger.swept(begun.id, root, RootOutcome(denied=("p",), resource_id=root))

        await Overtaken(table).finish(begun.id, OVER)

        (found,) = await ledger.coverage(SUBSCRIPTION)
        assert found.sweep.roots == len(ROOTS)
        assert len(found.denied) == len(ROOTS)
