"""The function app on a folder and a SQLite file, as developers run it."""

import asyncio
import contextlib

from shared.adapters.local.listening import SqliteBookmarks, SqliteReceivedEvents
from shared.adapters.local.retention import SqliteRetention
from shared.adapters.local.work_queue import SqliteWorkQueue
from shared.pipeline.work import WorkReport
from shared.runtime.app import AppPorts
from shared.runtime.assembly import Runtime
from shared.runtime.local import local_stores
from shared.runtime.local_place import LocalPlace

LONGEST_DRAIN = 240
"""Seconds; the timer comes again every five minutes."""


def local_app_ports(place: LocalPlace) -> AppPorts:
    """Return the adapters on this machine."""
    database, clock = place.database, place.clock

    async def close() -> None:
        database.close()

    return AppPorts(
        local_stores(database, place.estate, clock),
        SqliteBookmarks(database),
        SqliteReceivedEvents(database),
        SqliteRetention(database),
        backlogs=SqliteWorkQueue(database, clock),
        drain=drain,
        closing=close,
    )


async def drain(runtime: Runtime) -> int:
    """Work off what lies in the SQLite file, where no trigger of the app sees it.

    Raises:
        PortError: the store failed.
    """
    report = WorkReport()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_DRAIN):
            await runtime.worker.drain(report)
    return report.looks.total()
