"""What reading Azure costs, against the local Azure of the tests in a process of its own."""

import asyncio
import os
import ssl
import statistics
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tools.bench_estate import DEPLOYMENTS, SUBSCRIPTION, account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.runtime.assembly import Runtime
    from tests.local_azure.process import AzureProcess

LATENCY_MS = 30
LOOKS = 200


@contextmanager
def _azure(*arguments: str) -> "Iterator[tuple[AzureProcess, Runtime]]":
    """Start the local Azure, and open the runtime that a command gets of it."""
    from monitors import load_catalogue  # noqa: PLC0415 - each task imports only what it measures
    from shared.runtime.azure import azure_run  # noqa: PLC0415
    from shared.settings import read_azure_settings  # noqa: PLC0415
    from tests.local_azure.process import local_azure  # noqa: PLC0415

    with (
        TemporaryDirectory() as folder,
        local_azure("--latency", str(LATENCY_MS), *arguments) as azure,
    ):
        os.environ.update(azure.environment)
        store = Path(folder, "compliance.db")
        watched = frozenset({SUBSCRIPTION})
        with azure_run(read_azure_settings(), watched, store, load_catalogue(), "bench") as runtime:
            yield azure, runtime


def _reads(azure: "AzureProcess") -> int:
    """Return how many reads ARM has answered since it was asked last."""
    reads = int(azure.call("GET", "counts")["reads"])
    azure.call("DELETE", "requests")
    return reads


async def _sweep(runtime: "Runtime", *, deep: bool = False) -> float:
    """Sweep once; return the seconds it took."""
    from shared.pipeline.work import WorkReport  # noqa: PLC0415 - see _azure

    began = time.perf_counter()
    sweeps = await runtime.sweeps.begin(deep=deep, subscriptions=frozenset({SUBSCRIPTION}))
    await runtime.worker.drain(WorkReport(), concurrency=runtime.at_once)
    seconds = time.perf_counter() - began
    for each in sweeps:
        coverage = await runtime.sweeps.coverage(each)
        if coverage is None or not coverage.complete or coverage.unknown:
            raise SystemExit(f"the sweep saw less than there is: {coverage}")
    return seconds


async def _bare_latency_ms(azure: "AzureProcess", root: str) -> float:
    """Return how long the same two reads take a bare client on open connections: ARM's latency."""
    import aiohttp  # noqa: PLC0415 - see _azure

    told = azure.environment
    tls = ssl.create_default_context(cafile=told["COMPLIANCE_CA_FILE"])
    async with aiohttp.ClientSession() as session:
        asked = {"api-version": "2019-08-01", "resource": told["COMPLIANCE_ARM_AUDIENCE"]}
        secret = {"X-IDENTITY-HEADER": told["IDENTITY_HEADER"]}
        async with session.get(told["IDENTITY_ENDPOINT"], params=asked, headers=secret) as answer:
            token = (await answer.json())["access_token"]
        headers = {"Authorization": f"Bearer {token}"}

        async def read(path: str) -> None:
            url = f"{told['COMPLIANCE_ARM_ENDPOINT']}{path}?api-version=2026-03-01"
            async with session.get(url, headers=headers, ssl=tls) as answer:
                answer.raise_for_status()
                await answer.read()

        times = []
        for _ in range(LOOKS):
            began = time.perf_counter()
            await asyncio.gather(read(root), read(f"{root}/deployments"))
            times.append((time.perf_counter() - began) * 1e3)
    return statistics.median(times)


def measure_looks() -> dict[str, float]:
    """Look again and again at one account with its deployments, as after a change."""
    from shared.pipeline.look import LookStatus  # noqa: PLC0415 - see _azure
    from shared.pipeline.messages import LookMessage, Trigger  # noqa: PLC0415

    async def run(azure: "AzureProcess", runtime: "Runtime") -> dict[str, float]:
        async def look(root: str) -> float:
            message = LookMessage(root, runtime.ports.clock.now(), Trigger.CHANGE)
            began = time.perf_counter()
            report = await runtime.looks.look(message)
            if report.status is not LookStatus.LOOKED or report.problems:
                raise SystemExit(f"no whole look: {report}")
            return (time.perf_counter() - began) * 1e3

        found: dict[str, float] = {}
        root = str(account(0)["id"])
        await look(root)
        found["deep_look_reads"] = azure.call("GET", "counts")["reads"]
        bare = await _bare_latency_ms(azure, root)
        before = azure.call("GET", "counts")
        times = [await look(root) for _ in range(LOOKS)]
        counted = azure.call("GET", "counts")
        found["look_reads"] = (counted["reads"] - before["reads"]) / LOOKS
        # Those of the deep look are used in turn; what is new was opened by these.
        found["look_connections"] = counted["connections"] - before["connections"]
        found["look_own_ms"] = statistics.median(times) - bare
        return found

    with _azure("--accounts", "1", "--deployments", str(DEPLOYMENTS)) as (azure, runtime):
        return asyncio.run(runtime.within(run(azure, runtime)))


def measure_sweep(accounts: int, *, quota: bool = False) -> dict[str, float]:
    """Sweep accounts for the first time, with or without ARM's quota in force."""
    from tools.bench import peak_mb  # noqa: PLC0415 - it imports this module

    arguments = ["--accounts", str(accounts), "--deployments", str(DEPLOYMENTS)]
    name = f"{'quota' if quota else 'sweep'}_{accounts}"
    with _azure(*arguments, *(["--quota"] if quota else [])) as (azure, runtime):
        began = time.process_time()
        seconds = asyncio.run(runtime.within(_sweep(runtime)))
        return {
            f"{name}_s": seconds,
            f"{name}_cpu_s": time.process_time() - began,
            f"{name}_reads": _reads(azure),
            f"{name}_mb": peak_mb(),
        }


def measure_deep_sweep() -> dict[str, float]:
    """Sweep deeply what was swept before."""

    async def run(azure: "AzureProcess", runtime: "Runtime") -> dict[str, float]:
        await _sweep(runtime)
        core = _reads(azure)
        await _sweep(runtime, deep=True)
        return {"core_sweep_reads": core, "deep_sweep_reads": _reads(azure)}

    with _azure("--accounts", "100", "--deployments", str(DEPLOYMENTS)) as (azure, runtime):
        return asyncio.run(runtime.within(run(azure, runtime)))
