"""A store tells how old its last sweep is, and what was left over."""

from datetime import timedelta
from pathlib import Path

import pytest

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.sweep_ledger import SqliteSweepLedger
from shared.adapters.local.work_queue import SqliteWorkQueue
from shared.domain.health import Health
from shared.domain.sweep import RootOutcome, Sweep
from shared.pipeline.store_signs import StoreSigns
from shared.ports import QueueName
from tests.fakes import BEGINNING, FakeClock
from tests.records import ROOT, SUBSCRIPTION, commit, transition


@pytest.fixture
def signs(tmp_path: Path) -> StoreSigns:
    """Those of an empty store."""
    database, clock = Database(tmp_path / "s.db"), FakeClock()
    return StoreSigns(
        SqliteFindingStore(database, clock),
        SqliteSweepLedger(database),
        SqliteWorkQueue(database, clock),
        "cli.py sweep",
    )


async def sweep(signs: StoreSigns, *, ends: bool = True) -> None:
    """Sweep at the beginning."""
    await signs.findings.commit(commit(transition(1)))
    begun = Sweep("s", SUBSCRIPTION, deep=False, baseline=True, started_at=BEGINNING, roots=0)
    await signs.ledger.begin(begun)
    await signs.ledger.add("s", [ROOT], listed=True)
    await signs.ledger.close_list("s", [])
    if ends:
        await signs.ledger.swept("s", ROOT, RootOutcome())
        await signs.ledger.finish("s", BEGINNING)


async def test_a_store_that_nothing_was_swept_into_is_a_warning(signs: StoreSigns) -> None:
    """With the command that does."""
    (found,) = await signs.sweeps(BEGINNING)

    assert (found.health, found.command) == (Health.WARN, "cli.py sweep")


@pytest.mark.parametrize(
    ("hours", "health", "said"),
    [
        (0, Health.OK, "0 s ago"),
        (1, Health.OK, "60 min ago"),
        (24, Health.OK, "24 h ago"),
        (72, Health.WARN, "3 days ago"),
    ],
)
async def test_an_old_sweep_is_a_warning(
    signs: StoreSigns, hours: int, health: Health, said: str
) -> None:
    """After a day."""
    await sweep(signs)

    (found,) = await signs.sweeps(BEGINNING + timedelta(hours=hours))

    assert (found.name, found.health) == (f"sweeps.{SUBSCRIPTION}", health)
    assert said in found.message


async def test_a_sweep_that_was_broken_off_is_a_warning(signs: StoreSigns) -> None:
    """However young."""
    await sweep(signs, ends=False)

    (found,) = await signs.sweeps(BEGINNING)

    assert found.health is Health.WARN
    assert "did not come to its end" in found.message


async def test_a_subscription_that_events_alone_told_of_was_never_swept(signs: StoreSigns) -> None:
    """That is a warning, too."""
    await signs.findings.commit(commit(transition(1)))

    (found,) = await signs.sweeps(BEGINNING)

    assert (found.health, found.message) == (Health.WARN, "It was never swept.")


async def test_work_that_waits_is_a_warning(signs: StoreSigns) -> None:
    """By queue; none is in order."""
    (none,) = await signs.pending()
    await SqliteWorkQueue(
        signs.queues.database,  # type: ignore[attr-defined] # the store of this test
        FakeClock(),
    ).put(QueueName.LOOKS, ["a", "b"])
    (some,) = await signs.pending()

    assert none.health is Health.OK
    assert (some.health, some.message) == (Health.WARN, "Work waits: 2 on `looks`.")
    assert some.command == "cli.py sweep"
