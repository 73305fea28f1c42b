"""What a cold start of the deployed package costs, and how large it is.

The package is made for the Python that measures, and started in the real Functions runtime with
nothing else to import from: a new process, the first event, the answer. That is the part of a cold
start which is ours; what the platform takes to give out an instance comes on top. On the backend
`azure` it signs in to the local Azure and writes to Azurite meanwhile.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tools import package
from tools.bench_estate import events

STARTS = 7


def measure_package() -> dict[str, float]:
    """Make the package, start it several times, and return its size and the medians of starts.

    `package_mb` is the zip, `unpacked_mb` its files; `cold_start_s` is from the start of the
    process to the first event that is taken in, `cold_start_azure_s` the same on the backend
    `azure` (left out where Azurite is not installed).

    Raises:
        PackageError: it could not be made.
        RuntimeError: the app does not run.
    """
    from tests.azurite_server import PROGRAM  # noqa: PLC0415 - each task imports what it measures
    from tests.integration.functions_host.host import worker_libraries  # noqa: PLC0415 - the same

    version = "{}.{}".format(*sys.version_info[:2])
    with TemporaryDirectory() as name:
        folder = Path(name)
        app = folder / "package"
        package.make(app, version, package.interpreter_of(version))
        figures = {
            "package_mb": package.zip_of(app).stat().st_size / 1e6,
            "unpacked_mb": package.unpacked_mb(app),
        }
        worker = worker_libraries(folder / "worker")
        with _local(folder) as settings:
            figures["cold_start_s"] = _median_start(folder, app, worker, settings)
        if PROGRAM.exists():
            with _azure(folder) as settings:
                figures["cold_start_azure_s"] = _median_start(folder, app, worker, settings)
        return figures


@contextmanager
def _local(folder: Path) -> Iterator[Mapping[str, str]]:
    """Return settings for an empty estate in a folder."""
    estate = folder / "estate"
    estate.mkdir()
    (estate / "none.json").write_text("[]", encoding="utf-8")
    yield {
        "COMPLIANCE_BACKEND__KIND": "local",
        "COMPLIANCE_BACKEND__ESTATE": str(estate),
        "COMPLIANCE_BACKEND__STORE": str(folder / "compliance.db"),
    }


@contextmanager
def _azure(folder: Path) -> Iterator[Mapping[str, str]]:
    """Run a small Azure, and return settings for it."""
    from tests.azurite_server import running_azurite  # noqa: PLC0415 - see measure_package
    from tests.integration.functions_host.azure_world import World, running_cloud  # noqa: PLC0415

    with running_azurite(tls=True) as azurite, running_cloud(azurite, folder) as cloud:
        world = World(cloud, folder / "stderr")
        # As every deployment by infra/ does.
        world.with_log_tables()
        yield world.settings


def _median_start(folder: Path, app: Path, worker: Path, settings: Mapping[str, str]) -> float:
    """Start the app again and again; return the median of the seconds to the first event."""
    event = next(iter(events()))
    watched = str(json.loads(event)["subject"]).split("/")[2]
    watching = {**settings, "COMPLIANCE_WATCHED_SUBSCRIPTIONS": watched}
    return statistics.median(_start(folder, app, worker, watching, event) for _ in range(STARTS))


def _start(folder: Path, app: Path, worker: Path, settings: dict[str, str], event: str) -> float:
    """Start the app; return the seconds until it has taken in an event."""
    from tests.integration.functions_host.host import FunctionsHost  # noqa: PLC0415 - as above

    began = time.perf_counter()
    with FunctionsHost(folder / "stderr", settings, app, worker) as host:
        answer = host.invoke("resource_changed", event)
        seconds = time.perf_counter() - began
    if answer.failure is not None or not answer.outputs:
        raise RuntimeError(f"the event became no message: {answer.failure}")
    return seconds


if __name__ == "__main__":
    for name, value in measure_package().items():
        print(f"{name:20} {value:8.3f}")
    print(f"load of the last minute, on {os.cpu_count()} CPUs: {os.getloadavg()[0]:.1f}")
