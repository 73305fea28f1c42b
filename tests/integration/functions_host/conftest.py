"""The app on a folder and a SQLite file."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.functions_host.host import ROOT, FunctionsHost
from tests.integration.functions_host.local_world import ACCOUNT, WORKSPACE


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The file in which the app remembers; not there yet."""
    return tmp_path / "store" / "compliance.db"


@pytest.fixture
def settings(tmp_path: Path, store: Path) -> dict[str, str]:
    """App settings for an estate with an open account and an open workspace."""
    estate = tmp_path / "estate"
    estate.mkdir()
    for name, resource_id, kind, rest in (
        ("account", ACCOUNT, "OpenAI", {"sku": {"name": "S0"}}),
        ("workspace", WORKSPACE, "Default", {}),
    ):
        body = {
            "id": resource_id,
            "name": resource_id.rpartition("/")[2],
            "type": "/".join(resource_id.split("/")[6:8]),
            "kind": kind,
            "location": "swedencentral",
            "properties": {"publicNetworkAccess": "Enabled"},
            **rest,
        }
        (estate / f"{name}.json").write_text(json.dumps(body), encoding="utf-8")
    return {
        "COMPLIANCE_BACKEND__KIND": "local",
        "COMPLIANCE_BACKEND__ESTATE": str(estate),
        "COMPLIANCE_BACKEND__STORE": str(store),
    }


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., FunctionsHost]]:
    """Starts an app with settings, and ends it with the test."""
    with ExitStack() as running:

        def started(settings: dict[str, str], app: Path = ROOT) -> FunctionsHost:
            return running.enter_context(FunctionsHost(tmp_path / "worker.stderr", settings, app))

        yield started


@pytest.fixture
def host(start: Callable[..., FunctionsHost], settings: dict[str, str]) -> FunctionsHost:
    """The app, running on its estate."""
    return start(settings)
