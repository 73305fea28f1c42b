"""The memory that a command works on: a SQLite file, or that of the deployed monitor."""

import asyncio
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.system_clock import SystemClock
from shared.adapters.terminal.options import DEFAULT_STORE
from shared.adapters.terminal.run import CannotRunError, leave_interrupts_to_asyncio
from shared.adapters.terminal.workspaces import one_history
from shared.ports import Clock, FindingStore
from shared.runtime.local import local_history


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered, open; the findings are the outbox too.

    `name` says where it is, and `option` names it on a command line. `user` is who is signed in
    there, as far as that is known.
    """

    findings: FindingStore
    clock: Clock
    name: str
    option: str
    user: str | None = None


def chosen_memory(
    store: Path | None, *, deployed: bool, workspace: str | None = None
) -> Path | None:
    """Return the SQLite file to work on; None: the deployed monitor's memory.

    Raises:
        CannotRunError: two places are named.
    """
    if not deployed:
        return one_history(workspace, store, DEFAULT_STORE)
    for option, given in (("--store", store), ("--workspace", workspace)):
        if given is not None:
            raise CannotRunError(
                f"--deployed works on what the deployed monitor remembers, {option} names another"
                " place; leave one out"
            )
    return None


@asynccontextmanager
async def opened_memory(place: Path | None, *, writes: bool) -> AsyncIterator[Memory]:
    """Open the memory at a place, as `chosen_memory` returns it; `writes`: to change it too.

    Raises:
        PortError: there is none, or it cannot be used; the message says what to do.
        SettingsError: a setting is missing or wrong.
    """
    if place is None:
        # Imported here: the Azure libraries cost a start what a command on a file does not need.
        from shared.runtime.deployed_memory import deployed_memory  # noqa: PLC0415 - see above

        async with deployed_memory(writes=writes) as memory:
            yield memory
        return
    clock, option = SystemClock(), f"--store {shlex.quote(str(place))}"
    if not writes:
        with local_history(place) as findings:
            yield Memory(findings, clock, str(place), option)
        return
    # To open a file for writing would make one, and claim one that is not ours.
    Database(place, create=False).close()
    with closing(Database(place)) as database:
        yield Memory(SqliteFindingStore(database, clock), clock, str(place), option)


def run_on(
    place: Path | None, act: Callable[[Memory], Awaitable[int]], *, writes: bool = True
) -> int:
    """Open the memory at a place, act on it, and return the exit status.

    Raises:
        PortError: there is none, or it cannot be used; the message says what to do.
        SettingsError: a setting is missing or wrong.
    """

    async def acted() -> int:
        async with opened_memory(place, writes=writes) as memory:
            return await act(memory)

    if place is None:
        leave_interrupts_to_asyncio()
    return asyncio.run(acted())
