"""What `doctor` finds of a folder as the estate, and of a SQLite file."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.adapters.local.database import Database
from shared.adapters.local.estate import EstateFolder
from shared.domain.diagnosis import Diagnosis, one_line
from shared.domain.health import Health
from shared.ports import Clock, PortError

ESTATE: Final = "estate"
STORE: Final = "store"
ESTATE_WHY: Final = "What is in the folder exists, what is not does not: nothing is judged without."
STORE_WHY: Final = "Findings and history are there: without it every finding is new at each run."
MOST: Final = 20
"""So many files are told of one by one."""
BUSY_SECONDS: Final = 2.0
"""How long another process may keep the store locked before it is told."""


@dataclass(frozen=True, slots=True)
class EstateCheck:
    """Reads a folder as a sweep would."""

    folder: Path
    clock: Clock

    async def ask(self) -> Sequence[Diagnosis]:
        """Tell what cannot be read or used of it."""
        named = shlex.quote(str(self.folder))
        try:
            estate = EstateFolder(self.folder, self.clock)
            subscriptions = await estate.subscriptions(after=self.clock.now())
        except PortError as error:
            said, remedy = one_line(error), "Name a folder of ARM JSON that may be read."
            command = f"ls -la {named}"
            return [Diagnosis(ESTATE, Health.FAULT, said, ESTATE_WHY, remedy, command)]
        found = [
            Diagnosis(
                f"{ESTATE}.file",
                Health.FAULT,
                f"{each.name} cannot be used: {each.reason}.",
                "While a file cannot be read, nothing counts as gone: it may be in it.",
                "Export it again, or take it out of the folder.",
                f".venv/bin/python cli.py check {shlex.quote(each.name)}",
            )
            for each in estate.unusable[:MOST]
        ]
        if len(estate.unusable) > MOST:
            said = f"{len(estate.unusable) - MOST} more files cannot be used."
            why, remedy = ESTATE_WHY, "Mend those that are named first."
            command = f".venv/bin/python cli.py check {named}"
            found.append(Diagnosis(f"{ESTATE}.file", Health.FAULT, said, why, remedy, command))
        if estate.twice:
            said = f"{len(estate.twice)} resources are in it twice, such as {estate.twice[0]}."
            why, remedy = "The last one read counts.", "Leave only one of them in the folder."
            command = f"grep -rl {shlex.quote(estate.twice[0])} {named}"
            found.append(Diagnosis(f"{ESTATE}.twice", Health.WARN, said, why, remedy, command))
        if not subscriptions:
            said = "It holds no resource of a type that is watched."
            remedy = "Export accounts, workspaces and registries into it."
            command = f"az cognitiveservices account list --output json > {named}/accounts.json"
            found.append(Diagnosis(ESTATE, Health.FAULT, said, ESTATE_WHY, remedy, command))
            return found
        number = len(subscriptions)
        said = f"It can be read, and holds {number} subscription{'' if number == 1 else 's'}."
        return [Diagnosis(ESTATE, Health.OK, said), *found]


def opened_store(path: Path, sweep: str) -> tuple[Database | None, Diagnosis]:
    """Open a store for reading, and tell whether that went well; whoever gets it closes it."""
    try:
        database = Database(path, create=False, busy_seconds=BUSY_SECONDS)
    except PortError as error:
        remedy = "Name the store that is meant, or make one by a sweep."
        return None, Diagnosis(STORE, Health.FAULT, one_line(error), STORE_WHY, remedy, sweep)
    return database, Diagnosis(STORE, Health.OK, "It can be opened and read.")
