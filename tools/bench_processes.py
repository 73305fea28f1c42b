"""The processes of a bench: Azurite, and what each takes of the machine (Linux's /proc)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.adapters.azure.storage.clients import StorageAccount


@contextmanager
def azurite() -> Iterator[tuple["StorageAccount", int]]:
    """Run Azurite; hand out an account of it and the id of its process."""
    from tests.azurite_server import running_azurite  # noqa: PLC0415 - see bench.py

    with running_azurite() as server:
        yield server.account(), _child("azurite.js")


def _child(words: str) -> int:
    """Return the id of the process that this one started with these words in its command."""
    for each in Path("/proc").glob("[0-9]*"):
        try:
            parent = (each / "stat").read_text().rpartition(")")[2].split()[1]
            told = (each / "cmdline").read_text()
        except OSError:
            continue
        if int(parent) == os.getpid() and words in told:
            return int(each.name)
    raise SystemExit(f"no process {words} is there")


def cpu_seconds(process: int) -> float:
    """Return the CPU time of a process so far, all its threads, user and system."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(process: int) -> float:
    """Return the resident size of a process."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
