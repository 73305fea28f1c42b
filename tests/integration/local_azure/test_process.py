"""The local Azure as a process: started, steered and counted from outside, and gone at the end."""

import json
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.arm import ACCOUNT_ID, account, deployment
from tests.local_azure.process import ROOT, AzureProcess, local_azure

DEPLOYMENTS = f"{ACCOUNT_ID}/deployments"


def get(azure: AzureProcess, path: str) -> Any:  # noqa: ANN401 - JSON
    """Read a path of ARM with a token."""
    told = azure.environment
    query = f"?api-version=2019-08-01&resource={told['COMPLIANCE_ARM_AUDIENCE']}"
    header = {"X-IDENTITY-HEADER": told["IDENTITY_HEADER"]}
    token = load(told["IDENTITY_ENDPOINT"] + query, header)["access_token"]
    trust = ssl.create_default_context(cafile=told["COMPLIANCE_CA_FILE"])
    url = f"{told['COMPLIANCE_ARM_ENDPOINT']}{path}?api-version=2026-03-01"
    return load(url, {"Authorization": f"Bearer {token}"}, trust)


def load(url: str, headers: dict[str, str], trust: ssl.SSLContext | None = None) -> Any:  # noqa: ANN401 - JSON
    """Read an address."""
    asked = urllib.request.Request(url, headers=headers)  # noqa: S310 - of the server just started
    with urllib.request.urlopen(asked, timeout=5, context=trust) as answer:  # noqa: S310 - the same
        return json.load(answer)


def test_it_serves_an_estate_folder_and_is_steered(tmp_path: Path) -> None:
    """Faults, resources, permissions and settings can be changed; requests are counted."""
    folder = tmp_path / "estate"
    folder.mkdir()
    plan = {"id": "/subscriptions/s/providers/Microsoft.Security/pricings/AI"}
    content = [account().body, {"value": [deployment().body]}, plan]
    (folder / "a.json").write_text(json.dumps(content), encoding="utf-8")

    with local_azure("--estate", folder, "--latency", "1", "--quota") as azure:
        assert get(azure, ACCOUNT_ID) == account().body
        assert get(azure, plan["id"]) == plan
        azure.call("POST", "faults", {"match": "/acct", "status": 503, "times": 1})
        with pytest.raises(urllib.error.HTTPError, match="503"):
            get(azure, ACCOUNT_ID)
        azure.call("POST", "resources", [deployment("new").body])
        assert len(get(azure, DEPLOYMENTS)["value"]) == 2
        azure.call("DELETE", "resources", {"id": f"{DEPLOYMENTS}/new"})
        azure.call("POST", "permissions", {"revoke": "*", "scope": DEPLOYMENTS})
        assert len(get(azure, DEPLOYMENTS)["value"]) == 1
        azure.call("POST", "settings", {"latency_ms": 0, "quota": False, "page_size": 1})
        with pytest.raises(urllib.error.HTTPError, match="400"):
            azure.call("POST", "faults", {"kind": "nonsense"})

        counts = azure.call("GET", "counts")
        assert (counts["reads"], counts["statuses"]) == (5, {"200": 9, "503": 1})
        assert azure.call("GET", "requests")[1]["path"] == ACCOUNT_ID
        ca_file = Path(azure.environment["COMPLIANCE_CA_FILE"])

    assert not ca_file.exists()


def test_it_generates_an_estate() -> None:
    """Of so many accounts with so many deployments; only what is granted is allowed."""
    kind = "Microsoft.CognitiveServices/accounts"
    granted = ("--action", f"{kind}/read", "--action", f"{kind}/deployments/read")
    with local_azure("--accounts", "3", "--deployments", "2", *granted) as azure:
        owner = "/subscriptions/11111111-1111-1111-1111-111111111111"
        accounts = get(azure, f"{owner}/providers/{kind}")["value"]
        assert len(accounts) == 3
        assert len(get(azure, f"{accounts[2]['id']}/deployments")["value"]) == 2
        with pytest.raises(urllib.error.HTTPError, match="403"):
            get(azure, owner)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_it_is_told_to(number: signal.Signals) -> None:
    """At once, with a good status, and without a word."""
    command = [sys.executable, "-m", "tests.local_azure"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.send_signal(number)
        _, said = process.communicate(timeout=10)
    assert (process.returncode, said) == (0, b"")


def test_it_does_not_start_on_an_estate_that_cannot_be_read(tmp_path: Path) -> None:
    """A test must not run on half an estate."""
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(RuntimeError, match="did not start"), local_azure("--estate", tmp_path):
        pass
