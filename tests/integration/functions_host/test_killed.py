"""A process that is killed between any two steps, in Azure storage, loses and doubles nothing."""

import json
import signal
import subprocess
import sys

from tests.arm import ACCOUNT_ID
from tests.azurite_server import Azurite
from tests.integration.functions_host.host import ROOT

CALLS = 28
"""More port calls than an event takes from its arrival to the end of what follows from it."""
PATIENCE = 120


def test_killed_between_any_two_steps_everything_is_found_once(azurite: Azurite) -> None:
    """SIGKILL before every port call in turn; the next process finds what is wrong, once."""
    accounts = [azurite.account() for _ in range(CALLS)]
    lines = [json.dumps([each.blob, each.queue, each.table]) for each in accounts]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.integration.functions_host.killed_process"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    killed = [each.pop("killed") for each in told]

    assert set(killed) == {-signal.SIGKILL, 0}
    # So every step was passed by somebody.
    assert killed[-1] == 0
    assert f"identity.local_auth_disabled {ACCOUNT_ID.lower()}" in told[-1]["findings"]
    assert told[-1]["waiting"] == []
    assert told[-1]["transitions"] == sorted(set(told[-1]["transitions"]))
    for call, each in enumerate(told):
        assert each == told[-1], f"killed before call {call}: {ran.stderr}"
