"""How long `doctor` takes against a small Azure in which all is in order."""

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent


def measure_doctor() -> dict[str, float]:
    """Run the command as a process, and return its seconds.

    Raises:
        SystemExit: it found something wrong.
    """
    from shared.adapters.sinks.log_tables import (  # noqa: PLC0415 - each task imports what it measures
        stream_declarations,
    )
    from tests.azurite_server import running_azurite  # noqa: PLC0415 - the same
    from tests.integration.doctor.healthy_monitor import healthy  # noqa: PLC0415 - the same
    from tests.integration.functions_host.azure_world import running_cloud  # noqa: PLC0415
    from tests.local_azure.log_ingestion import LogIngestionService  # noqa: PLC0415

    rule = LogIngestionService(stream_declarations())
    with (
        TemporaryDirectory() as folder,
        running_azurite(tls=True) as azurite,
        running_cloud(azurite, Path(folder), rule) as cloud,
    ):
        environment = {**os.environ, **healthy(cloud, Path(folder)).settings}
        command = [sys.executable, "cli.py", "doctor"]
        began = time.perf_counter()
        done = subprocess.run(  # noqa: S603 - our own command
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"not all is in order:\n{done.stdout}{done.stderr}")
    return {"doctor_s": seconds}
