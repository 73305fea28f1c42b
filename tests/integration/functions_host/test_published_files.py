"""What is deployed: the files that `.funcignore` leaves, a `host.json` that fits the bindings."""

import json
import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.azure.storage.message_text import encode_text
from shared.pipeline.look import LEASE
from shared.pipeline.work import MOST_DELIVERIES
from tests.integration.functions_host.host import ROOT, FunctionsHost

IN_BUNDLE = {"eventGridTrigger", "queue", "queueTrigger"}
"""The binding types of ours that come with the extension bundle; timers are part of the host."""


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the Functions tools upload."""
    folder = tmp_path_factory.mktemp("published")
    repository = tmp_path_factory.mktemp("repository") / "empty.git"
    git = ["git", f"--git-dir={repository}", f"--work-tree={ROOT}"]
    # A .funcignore is written as a .gitignore, so git can tell; in an empty repository nothing but
    # the given file decides.
    subprocess.run(["git", "init", "--quiet", "--bare", repository], check=True)
    left = subprocess.run(
        [*git, "ls-files", "-z", "--others", f"--exclude-from={ROOT / '.funcignore'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, left.stdout.split("\0")):
        # These come and go with the tests that run meanwhile.
        if "__pycache__" not in name and not name.startswith(".coverage"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def bindings(published: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Every binding of the published app, as the runtime tells the host."""
    with FunctionsHost(tmp_path_factory.mktemp("host") / "stderr", {}, published) as host:
        assert host.failure is None
        return list(chain.from_iterable(host.functions.values()))


@pytest.fixture(scope="session")
def host_json() -> dict[str, Any]:
    """The settings of the host."""
    parsed: dict[str, Any] = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    return parsed


def test_the_app_is_published_whole(published: Path) -> None:
    """Everything that the app runs on is uploaded, its data tables included."""
    wanted = [
        file.relative_to(ROOT)
        for folder in ("shared", "monitors")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in {".py", ".json"}
    ]

    assert any(file.match("shared/domain/data/*.json") for file in wanted)
    assert [file for file in wanted if not (published / file).is_file()] == []
    # The last states the version that the app tells of itself.
    for name in ("function_app.py", "host.json", "requirements.txt", "pyproject.toml"):
        assert (published / name).is_file()


def test_nothing_else_is_published(published: Path) -> None:
    """Tests, documents, examples and the tools of developers stay at home."""
    names = {file.name for file in published.iterdir()}

    assert names <= {
        ".funcignore",
        "function_app.py",
        "host.json",
        "monitors",
        "policy.yaml",
        "pyproject.toml",
        "requirements.txt",
        "shared",
    }


def test_the_published_app_finds_its_data(published: Path, tmp_path: Path) -> None:
    """With nothing but the uploaded files, the app makes its first sweep."""
    (tmp_path / "estate").mkdir()
    (tmp_path / "estate" / "none.json").write_text("[]", encoding="utf-8")
    settings = {
        "COMPLIANCE_BACKEND__KIND": "local",
        "COMPLIANCE_BACKEND__ESTATE": str(tmp_path / "estate"),
        "COMPLIANCE_BACKEND__STORE": str(tmp_path / "compliance.db"),
    }
    with FunctionsHost(tmp_path / "stderr", settings, published) as host:
        assert host.invoke("sweep", "{}").failure is None


def test_the_extension_bundle_brings_the_bindings(
    bindings: list[dict[str, Any]], host_json: dict[str, Any]
) -> None:
    """No extension is installed by hand: the bundle is there, bounded to one major version."""
    types = {each["type"] for each in bindings}

    assert types <= IN_BUNDLE | {"timerTrigger"}
    assert host_json["version"] == "2.0"
    assert host_json["extensionBundle"]["id"] == "Microsoft.Azure.Functions.ExtensionBundle"
    assert re.fullmatch(r"\[4\.[\d*.]+, 5\.0\.0\)", host_json["extensionBundle"]["version"])


def test_queues_have_names_that_azure_takes(bindings: list[dict[str, Any]]) -> None:
    """3 to 63 lower-case letters, digits and single dashes, with room for `-poison`."""
    names = {each["queueName"] for each in bindings if "queueName" in each}

    assert names == {"alerts", "looks", "sweeps"}
    for name in names:
        assert re.fullmatch(r"(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*", f"{name}-poison")


def test_every_queue_that_is_written_is_read(bindings: list[dict[str, Any]]) -> None:
    """No function writes to a queue that no function of the app reads."""
    written = {each["queueName"] for each in bindings if each["type"] == "queue"}
    read = {each["queueName"] for each in bindings if each["type"] == "queueTrigger"}

    assert written <= read


def test_the_host_gives_up_a_message_as_the_command_does(host_json: dict[str, Any]) -> None:
    """What keeps failing is tried as often in Azure as with `replay`, and after its lease ended."""
    queues = host_json["extensions"]["queues"]
    hours, minutes, seconds = map(int, queues["visibilityTimeout"].split(":"))

    assert queues["maxDequeueCount"] == MOST_DELIVERIES
    assert hours * 3600 + minutes * 60 + seconds >= LEASE.total_seconds()


def test_sampling_drops_no_exception_no_log_line_and_no_invocation(
    host_json: dict[str, Any],
) -> None:
    """What a person looks for afterwards is all there."""
    logging = host_json["logging"]
    sampling = logging["applicationInsights"]["samplingSettings"]

    assert set(sampling["excludedTypes"].split(";")) >= {"Exception", "Request", "Trace"}
    assert logging["logLevel"]["Function"] == "Information"
    assert logging["logLevel"]["Host.Results"] == "Information"


def test_messages_are_encoded_as_the_app_encodes_them(host_json: dict[str, Any]) -> None:
    """The host and the app read what the other has queued."""
    assert host_json["extensions"]["queues"]["messageEncoding"] == "base64"
    assert b64decode(encode_text("{}")) == b"{}"


def test_every_line_of_host_json_has_its_reason(host_json: dict[str, Any]) -> None:
    """docs/running-in-azure.md says of each setting why it is so."""
    text = (ROOT / "docs" / "running-in-azure.md").read_text(encoding="utf-8")
    reasons = text.partition("## host.json")[2].partition("\n## ")[0]
    # On by default, and nothing to reason about.
    obvious = {"version", "id", "isEnabled"}

    rows = [row.partition("|")[2].partition("|")[0] for row in reasons.splitlines()]

    names = {name for name in _leaves(host_json) if name not in obvious}
    assert {name for name in names if not any(name in row for row in rows)} == set()


def _leaves(value: dict[str, Any]) -> Iterator[str]:
    """Return the name of every setting; the bundle is one."""
    for name, each in value.items():
        if name == "extensionBundle":
            yield name
        elif isinstance(each, dict):
            yield from _leaves(each)
        else:
            yield name
