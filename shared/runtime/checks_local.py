"""What `doctor` examines of a folder and a SQLite file."""

import shlex
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from shared.adapters.local.checks import ESTATE, ESTATE_WHY, STORE_WHY, EstateCheck, opened_store
from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.sweep_ledger import SqliteSweepLedger
from shared.adapters.local.work_queue import SqliteSetAsideStore, SqliteWorkQueue
from shared.domain.diagnosis import Diagnosis
from shared.pipeline.examine import Examination, examination_of, examine
from shared.pipeline.health_report import Part
from shared.pipeline.remedies import LOCAL, Remedies
from shared.pipeline.signs_of_telling import Telling
from shared.pipeline.signs_of_work import Aside
from shared.pipeline.store_signs import StoreSigns
from shared.pipeline.told import Rules
from shared.ports import Clock

PROGRAM = ".venv/bin/python cli.py"


async def local_diagnoses(
    estate: Path | None, store: Path | None, clock: Clock
) -> Sequence[Diagnosis]:
    """Examine a folder, a store, or both."""
    found: list[Diagnosis] = []
    if estate is not None:
        command = f"{PROGRAM} check {shlex.quote(str(estate))}"
        asked = Examination(ESTATE, EstateCheck(estate, clock).ask, ESTATE_WHY, command)
        found += await examine([asked])
    if store is not None:
        database, told = opened_store(store, sweep_command(estate, store))
        found.append(told)
        if database is not None:
            with closing(database):
                found += await examine(_of_store(database, estate, store, clock))
    return found


def sweep_command(estate: Path | None, store: Path) -> str:
    """Return the command that fills a store, or goes on with its work."""
    folder = "DIR" if estate is None else shlex.quote(str(estate))
    return f"{PROGRAM} sweep --estate {folder} --store {shlex.quote(str(store))}"


def _of_store(
    database: Database, estate: Path | None, store: Path, clock: Clock
) -> list[Examination]:
    """Return what is examined of a store that is open."""
    now, sweep = clock.now(), sweep_command(estate, store)
    findings = SqliteFindingStore(database, clock)
    queue = SqliteWorkQueue(database, clock)
    signs = StoreSigns(findings, SqliteSweepLedger(database), queue, sweep)
    telling = Telling(findings, (), Rules())
    remedies = Remedies(LOCAL, {"store_file": shlex.quote(str(store))})
    parts = (
        Part("set_aside", (), Aside(SqliteSetAsideStore(database)).take),
        Part("parked", (), telling.parked),
        Part("blind_spots", (), telling.blind_spots),
    )
    kept = [examination_of(each, now, remedies) for each in parts]
    return [
        Examination("sweeps", partial(signs.sweeps, now), STORE_WHY, sweep),
        Examination("pending", signs.pending, STORE_WHY, sweep),
        *(each for each in kept if each is not None),
    ]
