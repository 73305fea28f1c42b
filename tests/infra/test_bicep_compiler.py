"""Where Microsoft's compiler is present it has the last word."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.bicep.deployment import INFRA, MAIN

ENVIRONMENT = {
    "AZURE_ENV_NAME": "sample",
    "AZURE_LOCATION": "swedencentral",
    "AZURE_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000000",
}


def compiler() -> list[str]:
    """Return the command that builds Bicep here, or skip."""
    if shutil.which("bicep"):
        return ["bicep", "build"]
    az = shutil.which("az")
    if az and subprocess.run([az, "bicep", "version"], capture_output=True, check=False).stdout:
        return [az, "bicep", "build", "--file"]
    pytest.skip("no Bicep compiler here: the files are checked by tests/bicep alone")


def test_the_compiler_takes_every_file(tmp_path: Path) -> None:
    """`bicep build` succeeds, and its linter has no errors."""
    command = compiler()
    out = tmp_path / "main.json"

    built = subprocess.run(
        [*command, str(MAIN.path), "--outfile", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert built.returncode == 0, built.stderr
    assert "Error" not in built.stderr
    assert json.loads(out.read_text(encoding="utf-8"))["resources"]


def test_the_compiler_takes_the_parameters(tmp_path: Path) -> None:
    """`bicep build-params` succeeds on the environment that azd gives."""
    command = [part.replace("build", "build-params") for part in compiler()]

    built = subprocess.run(
        [*command, str(INFRA / "main.bicepparam"), "--outfile", str(tmp_path / "main.json")],
        env={**os.environ, **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=False,
    )

    assert built.returncode == 0, built.stderr


def test_azure_would_deploy_it() -> None:
    """`what-if` against the subscription that is signed in; only where that is asked for."""
    compiler()
    location = os.environ.get("COMPLIANCE_WHAT_IF_LOCATION")
    if not location or not shutil.which("az"):
        pytest.skip("set COMPLIANCE_WHAT_IF_LOCATION, signed in with `az login`, to ask Azure")

    asked = subprocess.run(
        [
            *("az", "deployment", "sub", "what-if", "--no-pretty-print", "--location", location),
            *("--parameters", str(INFRA / "main.bicepparam")),
        ],
        env={**ENVIRONMENT, "AZURE_LOCATION": location, **os.environ},
        capture_output=True,
        text=True,
        check=False,
    )

    assert asked.returncode == 0, asked.stderr
    assert {each["changeType"] for each in json.loads(asked.stdout)["changes"]} <= {
        "Create",
        "Modify",
        "NoChange",
        "Ignore",
        "Deploy",
        "Unsupported",
    }
