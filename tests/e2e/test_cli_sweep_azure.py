"""`cli.py sweep --subscription` reads Azure: the local one, with the role's actions alone."""

import json
import os
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from shared.adapters.azure.arm.role import ACTIONS
from shared.adapters.local.database import Database
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.snapshot_store import SqliteSnapshotStore
from shared.adapters.system_clock import SystemClock
from shared.domain.finding import FindingState
from shared.domain.resource_id import ResourceId
from shared.domain.topology import Source
from shared.ports import TransitionQuery
from tests.e2e.command_line import COMMAND, ROOT, Ended, environment, run
from tests.local_azure.process import AzureProcess, local_azure
from tests.worlds import fold

pytestmark = pytest.mark.e2e

ESTATE = ROOT / "examples/estate/day-1"
ONE, TWO = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
BOTH = ("--subscription", ONE, "--subscription", TWO)
JSON = ("--format", "json")
PAYMENTS = (
    f"/subscriptions/{ONE}/resourceGroups/rg-payments"
    "/providers/Microsoft.CognitiveServices/accounts/contoso-payments"
)
AGENTS = (
    f"/subscriptions/{ONE}/resourceGroups/rg-agents"
    "/providers/Microsoft.CognitiveServices/accounts/contoso-agents"
)
DEPLOYMENTS_READ = "Microsoft.CognitiveServices/accounts/deployments/read"
PATIENCE = 60.0
"""Seconds in which a command must have come to the point where it is interrupted."""


@pytest.fixture(name="running", scope="module")
def _running() -> Iterator[AzureProcess]:
    """The example estate in a local Azure."""
    granted = [part for action in ACTIONS for part in ("--action", action)]
    with local_azure("--estate", ESTATE, *granted) as azure:
        yield azure


@pytest.fixture
def azure(running: AzureProcess) -> Iterator[AzureProcess]:
    """The same, with nothing asked yet, and nothing wrong any more afterwards."""
    running.call("DELETE", "requests")
    yield running
    running.call("DELETE", "faults")
    for action in ACTIONS:
        running.call("POST", "permissions", {"grant": action})


def sweep(azure: AzureProcess, *arguments: str | Path, **env: str) -> Ended:
    """Sweep in this process."""
    given = {"COLUMNS": "80", **azure.environment, **env}
    result = CliRunner(env=given).invoke(app, ["sweep", *map(str, arguments)])
    return Ended(result.exit_code, result.stdout, result.stderr)


def process_of(azure: AzureProcess, *arguments: str | Path) -> Ended:
    """Sweep in a process of its own."""
    return run("sweep", *arguments, stdin=b"", **azure.environment)


def told(ended: Ended) -> Counter[tuple[object, ...]]:
    """Return the findings that a sweep tells, each as often as it does."""
    return Counter(
        tuple(each[name] for name in ("kind", "control", "resource_id", "message"))
        for each in ended.result["alerts"]
        if each["kind"] != "baseline"
    )


def differing(one: Ended, other: Ended) -> set[tuple[object, object]]:
    """Return the controls and resource names that two sweeps do not tell the same of."""
    first, second = told(one), told(other)
    return {
        (control, str(resource).rpartition("/")[2])
        for _, control, resource, _ in [*(first - second), *(second - first)]
    }


# What the folder holds was exported with API versions that show more or less than those we ask for:
# of the first account too little (unknown), of the other one so much that it needs no deep read.
OLDER = ("content_logging.stored_completions_off", "contoso-translation")
NEWER = ("catalog_models.instant_access_off", "contoso-playground")


@pytest.mark.parametrize(
    ("options", "differs"), [((), {OLDER, NEWER}), (("--deep",), {OLDER})], ids=["core", "deep"]
)
def test_azure_is_judged_as_its_export_is(
    azure: AzureProcess, options: Sequence[str], differs: set[tuple[str, str]]
) -> None:
    """Both subscriptions at once, each finding with the same words."""
    exported = run("sweep", "--estate", ESTATE, *options, *JSON)

    ended = sweep(azure, *BOTH, *options, *JSON)

    assert (ended.status, ended.err) == (0, "")
    assert differing(ended, exported) == differs
    assert ended.result["subscriptions"] == exported.result["subscriptions"]
    assert list(ended.result) == ["subscriptions", "alerts", "posture"]
    assert list(ended.result["posture"]) == list(exported.result["posture"])
    assert [list(each) for each in ended.result["subscriptions"]] == 2 * [
        ["id", "seen", "evaluated", "unknown", "denied", "complete"]
    ]


def test_what_is_refused_is_told_with_the_action(azure: AzureProcess) -> None:
    """Every root was looked at all the same; in the table it stands with the resource."""
    azure.call("POST", "permissions", {"revoke": DEPLOYMENTS_READ, "scope": PAYMENTS})

    result = sweep(azure, "--subscription", ONE, *JSON).result
    table = sweep(azure, "--subscription", ONE)

    assert result["subscriptions"] == [
        {
            "id": ONE,
            "seen": 8,
            "evaluated": 8,
            "unknown": 1,
            "denied": [{"resource_id": PAYMENTS, "permission": DEPLOYMENTS_READ}],
            "complete": True,
        }
    ]
    assert f"needs {DEPLOYMENTS_READ}" in " ".join(table.out.split())


def test_a_subscription_that_does_not_exist_is_no_empty_one(azure: AzureProcess) -> None:
    """Its sweep is not complete; the table says why. The other one is swept."""
    other = "33333333-3333-3333-3333-333333333333"
    ended = sweep(azure, "--subscription", other, "--subscription", TWO, *JSON)
    table = sweep(azure, "--subscription", other)

    found = {each["id"]: (each["seen"], each["complete"]) for each in ended.result["subscriptions"]}
    assert ended.status == 0
    assert found == {other: (0, False), TWO: (5, True)}
    words = " ".join(table.out.split())
    assert "Incomplete: " in words
    assert "the subscription does not exist, or may not be seen" in words
    assert "all readable" not in words


def test_without_resource_graph_the_accounts_are_judged(azure: AzureProcess) -> None:
    """They are listed by ARM; what else there is nobody knows, so it is not complete."""
    azure.call("POST", "faults", {"match": "resourcegraph", "status": 503})

    ended = sweep(azure, "--subscription", ONE, *JSON)

    (coverage,) = ended.result["subscriptions"]
    kinds = {each["resource_type"].lower() for each in ended.result["alerts"] if each["control"]}
    assert (ended.status, coverage["complete"]) == (0, False)
    assert 0 < coverage["evaluated"] == coverage["seen"] < 8
    assert "microsoft.cognitiveservices/accounts/deployments" in kinds


def test_without_a_sign_in_one_line_says_what_to_do(azure: AzureProcess) -> None:
    """The libraries, which log pages of it, are silent."""
    # As where the app has no identity; of an endpoint that is down azure-identity asks for seconds.
    refused = {"statusCode": 400, "message": "No User Assigned or Delegated Managed Identity found"}
    azure.call(
        "POST", "faults", {"match": "/msi/token", "status": 400, "body": json.dumps(refused)}
    )

    ended = process_of(azure, "--subscription", ONE)

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("error: cannot sign in to Azure: ")
    assert ended.err.count("\n") == 1
    assert "`az login`" in ended.err
    assert azure.call("GET", "counts")["reads"] == 0


def test_ten_minutes_of_throttling_are_not_waited_for(azure: AzureProcess, tmp_path: Path) -> None:
    """The table says until when, why, and how to go on; also when asked again too early."""
    throttled = {"match": f"{ONE}.*/deployments", "status": 429, "headers": {"Retry-After": "600"}}
    azure.call("POST", "faults", {**throttled, "times": 1})
    began = time.monotonic()

    ended = sweep(azure, *BOTH, "--store", tmp_path / "s.db")

    words = " ".join(ended.out.split())
    assert (ended.status, ended.err) == (0, "")
    assert time.monotonic() - began < PATIENCE
    assert "Incomplete: " in words
    assert "What is left is tried again from 20" in words
    assert "throttled by ARM until 20" in words
    assert "What to do: run again with --store" in words.replace("- -", "--")

    again = sweep(azure, *BOTH, "--store", tmp_path / "s.db", *JSON)
    early = " ".join(sweep(azure, *BOTH, "--store", tmp_path / "s.db").out.split())
    assert again.result["subscriptions"][0]["complete"] is False
    assert "What is left is tried again from 20" in early


def test_api_versions_are_overridden_by_a_setting(azure: AzureProcess) -> None:
    """For the type that is named, and no other."""
    wanted = {"Microsoft.CognitiveServices/accounts": "2025-12-01"}

    ended = sweep(azure, "--subscription", ONE, *JSON, COMPLIANCE_API_VERSIONS=json.dumps(wanted))

    asked = azure.call("GET", "requests")
    used: dict[bool, set[str]] = {True: set(), False: set()}
    for each in asked:
        if "/accounts" in each["path"].lower():
            used["/deployments" not in each["path"]].add(each["api_version"])
    assert ended.status == 0
    assert used[True] == {"2025-12-01"}
    assert "2025-12-01" not in used[False]


async def test_a_version_that_a_region_refuses_falls_back(
    azure: AzureProcess, tmp_path: Path
) -> None:
    """To an older one, which the stored snapshot names; nothing is unreadable for it."""
    body = {"error": {"code": "NoRegisteredProviderFound", "message": "No registered provider"}}
    azure.call(
        "POST",
        "faults",
        {
            "match": f"{PAYMENTS}/deployments.*api-version=2026-03-01",
            "status": 400,
            "body": json.dumps(body),
        },
    )
    store = tmp_path / "s.db"

    # In a process of its own: here a loop is running.
    ended = process_of(azure, "--subscription", ONE, "--store", store, *JSON)

    with closing(Database(store)) as database:
        snapshots = SqliteSnapshotStore(database)
        roots = [ResourceId.parse(each) for each in (PAYMENTS, AGENTS)]
        kept = [await snapshots.load(each, [Source.DEPLOYMENTS]) for each in roots]
    assert (ended.status, ended.result["subscriptions"][0]["unknown"]) == (0, 0)
    versions = [each[Source.DEPLOYMENTS].api_version for each in kept]
    assert versions == ["2025-12-01", "2026-03-01"]


@contextmanager
def begun(azure: AzureProcess, *arguments: str | Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Begin a sweep that comes to a halt at one account, and wait until it is there."""
    azure.call("POST", "faults", {"match": f"{PAYMENTS}/", "kind": "hang", "seconds": 120})
    command = [*COMMAND, "sweep", "--subscription", ONE, *map(str, arguments)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(**azure.environment),
    ) as process:
        try:
            # A list of accounts, the subscription, and the lists of all accounts but one.
            _wait_for(lambda: azure.call("GET", "counts")["reads"] >= 8)
            yield process
        finally:
            process.kill()


def _wait_for(is_there: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not is_there():
        assert time.monotonic() < ends, "the command did not come so far"
        time.sleep(0.05)


def test_ctrl_c_ends_a_sweep_with_a_word(azure: AzureProcess) -> None:
    """Status 130, and no traceback of what was under way."""
    with begun(azure) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)

    assert process.returncode == 130
    assert (out, err) == (b"", b"error: interrupted\n")


def _half_a_minute_later(store: Path) -> None:
    """Let the leases and messages in the killed process's hands run out."""
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("DELETE FROM leases")
        connection.execute("UPDATE messages SET due = 0")


async def test_a_sweep_that_was_killed_is_gone_on_with(azure: AzureProcess, tmp_path: Path) -> None:
    """The second run completes it: the same findings, each once; a third tells what changed."""
    store = tmp_path / "s.db"
    with begun(azure, "--store", store) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    azure.call("DELETE", "faults")
    _half_a_minute_later(store)

    arguments = ("--subscription", ONE, "--store", store, *JSON)
    ended = process_of(azure, *arguments)
    whole = process_of(azure, "--subscription", ONE, *JSON)

    assert process.returncode == -signal.SIGKILL
    assert [(each.status, each.err) for each in (ended, whole)] == 2 * [(0, "")]
    assert ended.result["subscriptions"] == whole.result["subscriptions"]
    assert ended.result["posture"] == whole.result["posture"]
    with closing(Database(store)) as database:
        findings = SqliteFindingStore(database, SystemClock())
        history = list(await findings.transitions(TransitionQuery(alerts_only=False)))[::-1]
        roots = [*await findings.roots(ONE), f"/subscriptions/{ONE}"]
        is_open = {
            key
            for root in roots
            for key, each in (await findings.findings(root.lower())).items()
            if each.state is FindingState.OPEN
        }
    assert fold(history) == is_open
    opened = {(each["control"], each["resource_id"].lower()) for each in whole.result["alerts"]}
    assert {tuple(key.split(" ", 1)) for key in is_open} == {
        (control, resource) for control, resource in opened if control
    }

    deployment = f"{PAYMENTS}/deployments/e2e-new"
    model = {"format": "OpenAI", "name": "gpt-4o", "version": "2024-11-20"}
    written = {"id": deployment, "sku": {"name": "GlobalStandard"}, "properties": {"model": model}}
    azure.call("POST", "resources", [written])
    third = process_of(azure, *arguments)
    azure.call("DELETE", "resources", {"id": deployment})
    assert (third.status, third.err) == (0, "")
    assert {each["resource_id"] for each in third.result["alerts"]} == {deployment}
    assert {each["kind"] for each in third.result["alerts"]} == {"opened"}
