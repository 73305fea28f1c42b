"""The hook after deploying: events are sent to the code once it is there, and not before."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.bicep.deployment import INFRA, MAIN, PARAMETERS, ROOT, module

HOOK = INFRA / "hooks" / "postdeploy.sh"
# Fails as often as the file `fails` says, and writes down how it was called.
AZD = """#!/bin/sh
echo "$COMPLIANCE_PHASE $*" >> "$CALLS"
if [ "$1" = provision ] && [ -s "$FAILS" ]; then
  sed -i 1d "$FAILS"
  exit 1
fi
"""


@pytest.fixture
def azd(tmp_path: Path) -> Path:
    """Put a command `azd` into a folder that is asked before the real one."""
    (tmp_path / "azd").write_text(AZD, encoding="utf-8")
    (tmp_path / "azd").chmod(0o755)
    (tmp_path / "calls").touch()
    (tmp_path / "fails").touch()
    return tmp_path


def deployed(azd: Path, phase: str = "app", fails: int = 0) -> tuple[int, list[str], str]:
    """Run the hook; return its status, the calls of azd, and what it says."""
    (azd / "fails").write_text("x\n" * fails, encoding="utf-8")
    environ = {
        "PATH": f"{azd}:{os.environ['PATH']}",
        "CALLS": str(azd / "calls"),
        "FAILS": str(azd / "fails"),
        "AZURE_ENV_NAME": "prod",
        "COMPLIANCE_PHASE": phase,
        "COMPLIANCE_PHASE_TRIES": "3",
        "COMPLIANCE_PHASE_PAUSE": "0",
    }
    run = subprocess.run(
        [str(HOOK)], env=environ, capture_output=True, text=True, check=False, timeout=20
    )
    return run.returncode, (azd / "calls").read_text("utf-8").splitlines(), run.stderr


def test_the_second_phase_follows_the_first_code(azd: Path) -> None:
    """After the first deployment of the code everything is deployed once more, as `complete`."""
    status, calls, _ = deployed(azd)

    assert status == 0
    assert calls == [
        "app env set -e prod COMPLIANCE_PHASE complete",
        "complete provision -e prod --no-prompt",
    ]


def test_later_code_changes_nothing_else(azd: Path) -> None:
    """Once complete, deploying code is only that."""
    assert deployed(azd, phase="complete") == (0, [], "")


def test_a_slow_start_of_the_app_is_waited_for(azd: Path) -> None:
    """Event Grid refuses while the function does not answer; it is tried again."""
    status, calls, said = deployed(azd, fails=2)

    assert status == 0
    assert calls.count("complete provision -e prod --no-prompt") == 3
    assert "Trying again" in said


def test_what_cannot_be_done_is_said_and_begun_again_next_time(azd: Path) -> None:
    """The hook fails, says what is missing, and the next deployment comes back to it."""
    status, calls, said = deployed(azd, fails=9)

    assert status == 1
    assert calls[-1] == "app env set -e prod COMPLIANCE_PHASE app"
    assert "nothing is heard" in said


def test_azd_runs_the_hooks_on_the_service_that_bicep_tags() -> None:
    """azure.yaml, the parameters and the tags speak of the same service and phase."""
    text = (ROOT / "azure.yaml").read_text(encoding="utf-8")

    assert "\nservices:\n  monitor:\n" in text
    assert "run: ./infra/hooks/postdeploy.sh" in text
    assert "COMPLIANCE_PHASE app" in text
    assert "readEnvironmentVariable('COMPLIANCE_PHASE', 'app')" in PARAMETERS.text
    assert os.access(HOOK, os.X_OK)


def test_everything_that_can_be_set_is_documented() -> None:
    """docs/deploying.md names each variable that the parameters read, and no other."""
    text = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    read = set(re.findall(r"'(COMPLIANCE_[A-Z_]+)'", PARAMETERS.text))
    listed = set(re.findall(r"^\| `(COMPLIANCE_[A-Z_]+)` \|", text, re.MULTILINE))

    assert listed == read - {"COMPLIANCE_PHASE"}
    assert "COMPLIANCE_PHASE" in text


def test_deployments_in_a_subscription_have_another_name_in_another_region() -> None:
    """Azure refuses one whose name it knows from elsewhere; a group knows no region of them."""
    call = re.compile(r"^module \w+ '(\S+)' = .*\n((?:.*\n)*?) *params:", re.MULTILINE)
    for file in (MAIN, module("watched_subscription")):
        heads = dict(call.findall(file.text))
        in_subscriptions = {
            path
            for path in heads
            if "targetScope = 'subscription'" in (file.path.parent / path).read_text("utf-8")
        }

        assert in_subscriptions
        assert {path for path in in_subscriptions if "token" not in heads[path]} == set()
