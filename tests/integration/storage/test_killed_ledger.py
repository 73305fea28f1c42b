"""The ledger of the sweeps on Azure tables, killed between any two calls."""

from datetime import datetime

from shared.adapters.azure.storage.sweep_ledger import TableSweepLedger
from shared.domain.sweep import GIVEN_UP, RootOutcome, Sweep
from tests.azurite_server import Azurite, clients
from tests.fakes import Killed, Switch
from tests.integration.storage.switched_table import SwitchedTable
from tests.records import SUBSCRIPTION, moment

ROOTS = [f"/subscriptions/{SUBSCRIPTION}/{number}" for number in range(3)]


def sweep(number: int, at: datetime) -> Sweep:
    """Return a core sweep."""
    return Sweep(f"sweep {number}", SUBSCRIPTION, deep=False, baseline=True, started_at=at, roots=0)


async def work_off(ledger: TableSweepLedger, one: Sweep) -> None:
    """Do what the sweeper does, from the beginning; what was done before is done again."""
    await ledger.begin(one)
    left = await ledger.add(one.id, ROOTS, listed=True)
    over = await ledger.close_list(one.id, ["one page"])
    for root in sorted(left):
        over = await ledger.swept(one.id, root, GIVEN_UP if root == ROOTS[1] else RootOutcome())
    if over is not None:
        await ledger.finish(one.id, moment(9))


async def test_killed_between_any_two_calls_a_sweep_ends_with_the_same_coverage(
    azurite: Azurite,
) -> None:
    """And nothing of its roots, or of the sweep before it, is left."""
    moment_of_death = 0
    while True:
        async with clients(azurite.account()) as opened:
            switch = Switch(kill_at=moment_of_death)
            alive = TableSweepLedger(SwitchedTable(opened, Switch()))
            await work_off(alive, sweep(1, moment(1)))
            second = sweep(2, moment(2))
            try:
                await work_off(TableSweepLedger(SwitchedTable(opened, switch)), second)
            except Killed:
                if await _is_not_over(alive):
                    await work_off(alive, second)
            else:
                break
            (coverage,) = await alive.coverage(SUBSCRIPTION)

            assert coverage.sweep.id == second.id
            assert (coverage.evaluated, coverage.given_up, coverage.left) == (2, 1, 0)
            assert coverage.reasons == ("one page",)
            assert coverage.ended_at == moment(9)
            assert await alive.is_baselined(SUBSCRIPTION, deep=False)
            assert await alive.left(second.id) == []
            moment_of_death += 1
    assert moment_of_death > 20


async def _is_not_over(ledger: TableSweepLedger) -> bool:
    """Whether the second sweep is yet to be worked off."""
    (last,) = await ledger.coverage(SUBSCRIPTION)
    return last.sweep.id != "sweep 2" or last.ended_at is None
