"""`make bench`: what the monitor costs, as a table of medians against its limits.

Every figure is measured in a process of its own, so that memory is that of the one task.
"""

import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tools import bench_alerts, bench_azure, bench_doctor, bench_package, bench_storage
from tools.bench_estate import ACCOUNTS, DEPLOYMENTS, account, deployment, events, write_estate
from tools.bench_machine import cpu_times, described, reference_ms
from tools.figures import FIGURES, Figure

ROOT = Path(__file__).resolve().parent.parent
RUNS = 3


def peak_mb() -> float:
    """Return the largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_control() -> dict[str, float]:
    """Judge one account with its deployments by every control, over and over."""
    from monitors import load_catalogue  # noqa: PLC0415 - each task imports only what it measures
    from shared.adapters.local.documents import resources_in  # noqa: PLC0415
    from shared.adapters.local.readings import open_world_snapshot  # noqa: PLC0415
    from shared.adapters.local.resource_index import ResourceIndex  # noqa: PLC0415
    from shared.domain.resource import Resource  # noqa: PLC0415
    from shared.domain.snapshot import Snapshot  # noqa: PLC0415
    from shared.pipeline.evaluate import evaluate  # noqa: PLC0415

    def snapshot_with(deployments: int) -> Snapshot:
        owner = account(0)
        index = ResourceIndex()
        found = resources_in([owner, *(deployment(owner, each) for each in range(deployments))])
        index.add(each for each in found if isinstance(each, Resource))
        return open_world_snapshot(index, next(index.roots()), frozenset(), {})

    catalogue = load_catalogue()
    snapshot = snapshot_with(DEPLOYMENTS)
    judged = len(evaluate(snapshot, catalogue))
    rounds = 500
    began = time.perf_counter()
    for _ in range(rounds):
        evaluate(snapshot, catalogue)
    control = (time.perf_counter() - began) / rounds / judged
    large = snapshot_with(50)
    began = time.perf_counter()
    for _ in range(100):
        evaluate(large, catalogue)
    return {"control_us": control * 1e6, "families_ms": (time.perf_counter() - began) / 100 * 1e3}


def measure_changes(folder: str) -> dict[str, float]:
    """Let every account be another in each round, and look at all of them.

    What writes the files is not in the figure; reading them again is.
    """
    import asyncio  # noqa: PLC0415 - see measure_control

    from monitors import load_catalogue  # noqa: PLC0415
    from shared.pipeline.work import WorkReport  # noqa: PLC0415
    from shared.runtime.assembly import assemble  # noqa: PLC0415
    from shared.runtime.local import local_ports  # noqa: PLC0415

    estate = Path(folder, f"estate-{os.getpid()}")
    estate.mkdir()
    told = [json.loads(each) for each in events()]
    runtime = assemble(
        local_ports(estate, Path(folder, f"changes-{os.getpid()}.db")), load_catalogue()
    )

    async def run() -> float:
        seconds = 0.0
        for turn in range(DEPLOYMENTS):
            write_estate(estate, capacity=turn)
            began = time.perf_counter()
            await runtime.intake.accept(told[turn * ACCOUNTS : (turn + 1) * ACCOUNTS])
            await runtime.worker.drain(WorkReport())
            seconds += time.perf_counter() - began
        return seconds

    return {"changed_per_s": len(told) / asyncio.run(run())}


def measure_replay(folder: str) -> dict[str, float]:
    """Replay the events through the command, in this process."""
    recorded = Path(folder, "events.jsonl")
    store = Path(folder, f"store-{os.getpid()}.db")
    from typer.testing import CliRunner  # noqa: PLC0415 - see measure_control

    from cli import app  # noqa: PLC0415

    arguments = [
        "replay",
        str(recorded),
        "--estate",
        str(Path(folder, "estate")),
        "--store",
        str(store),
    ]
    began = time.perf_counter()
    result = CliRunner().invoke(app, [*arguments, "--format", "json"])
    seconds = time.perf_counter() - began
    run = json.loads(result.stdout)
    # One more look than events: at the subscription, once its accounts are known.
    if run["looks"] < run["received"]:
        raise SystemExit(
            f"{run['looks']} looks at {run['received']} events: the figure would flatter"
        )
    return {"events_per_s": run["received"] / seconds, "replay_mb": peak_mb()}


def measure_check(folder: str) -> dict[str, float]:
    """Check a folder of one file a deployment, as a process."""
    command = [sys.executable, "cli.py", "check", str(Path(folder, "single")), "--format", "json"]
    began = time.perf_counter()
    with Path(os.devnull).open("wb") as nowhere:
        subprocess.run(command, cwd=ROOT, stdout=nowhere, stderr=nowhere, check=False)  # noqa: S603 - our own command
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"check_s": time.perf_counter() - began, "check_mb": used}


def measure_import() -> dict[str, float]:
    """Import the function app; its bytecode was compiled by an earlier run."""
    before = time.perf_counter()
    importlib.import_module("function_app")
    seconds = time.perf_counter() - before
    return {"import_s": seconds, "import_mb": peak_mb()}


ONCE = {"drain", "package", "quota_1000", "storage", "sweep_10000"}
"""Tasks that take too long to be done three times."""

TASKS: dict[str, Callable[..., dict[str, float]]] = {
    "looks": bench_azure.measure_looks,
    "sweep_1000": partial(bench_azure.measure_sweep, 1_000),
    "quota_1000": partial(bench_azure.measure_sweep, 1_000, quota=True),
    "sweep_10000": partial(bench_azure.measure_sweep, 10_000),
    "deep_sweep": bench_azure.measure_deep_sweep,
    "storage": bench_storage.measure_look_rate,
    "drain": bench_storage.measure_drain,
    "alerts": bench_alerts.measure_delivery,
    "first_alert": bench_alerts.measure_first_alert,
    "doctor": bench_doctor.measure_doctor,
    "package": bench_package.measure_package,
    "control": measure_control,
    "changes": measure_changes,
    "replay": measure_replay,
    "check": measure_check,
    "import": measure_import,
}


def in_a_process(task: str, *arguments: str) -> dict[str, float]:
    """Run a task in a fresh interpreter and return its figures."""
    command = [sys.executable, "-m", "tools.bench", task, *arguments]
    # Bytecode is what a deployed app has; a setting of the shell must not leave it out.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(  # noqa: S603 - this very module
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{task} failed:\n{done.stdout}{done.stderr}")
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _verdict(figure: Figure, median: float) -> tuple[str, str]:
    """Return the limit and whether it holds."""
    if figure.limit is None:
        return "none set", ""
    good = median <= figure.limit if figure.less_is_better else median >= figure.limit
    bound = "at most" if figure.less_is_better else "at least"
    return f"{bound} {figure.limit:,g}", "good" if good else "MISSED"


def main() -> int:
    """Measure everything and print the table; 1 when a limit is passed."""
    from rich.console import Console  # noqa: PLC0415 - not in the measured processes
    from rich.table import Table  # noqa: PLC0415

    reference, began = reference_ms(), cpu_times()
    collected: dict[str, list[float]] = {name: [] for name in FIGURES}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "estate").mkdir()
        Path(folder, "single").mkdir()
        write_estate(Path(folder, "estate"))
        owners = [account(number) for number in range(ACCOUNTS)]
        for owner in owners:
            for each in range(DEPLOYMENTS):
                item = deployment(owner, each)
                name = f"{owner['name']}-{item['name']}.json"
                Path(folder, "single", name).write_text(json.dumps(item), encoding="utf-8")
        Path(folder, "events.jsonl").write_text("\n".join(events()), encoding="utf-8")
        in_a_process("import")
        for task in TASKS:
            runs = 1 if task in ONCE else RUNS
            for run in range(runs):
                print(f"{task}: run {run + 1} of {runs}", file=sys.stderr)
                given = [folder] if task in {"changes", "replay", "check"} else []
                for name, value in in_a_process(task, *given).items():
                    if name in collected:
                        collected[name].append(value)
    table = Table(
        "measured",
        "median",
        "limit",
        "",
        title=f"medians of {RUNS} runs",
        caption=described(reference, began, cpu_times()),
    )
    missed = 0
    for name, figure in FIGURES.items():
        if not collected[name]:
            continue
        median = statistics.median(collected[name])
        table.add_row(figure.what, f"{median:,.2f} {figure.unit}", *_verdict(figure, median))
        missed += "MISSED" in _verdict(figure, median)
    Console().print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))
    else:
        raise SystemExit(main())
