"""`doctor` on a monitor in Azure that is in good health finds all in order."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.adapters.sinks.log_tables import stream_declarations
from tests.arm import SUBSCRIPTION
from tests.azurite_server import Azurite
from tests.integration.doctor.healthy_monitor import Monitor, healthy
from tests.integration.functions_host.azure_world import Cloud, running_cloud
from tests.local_azure.log_ingestion import LogIngestionService


@pytest.fixture(scope="module")
def cloud(keyless_azurite: Azurite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An Azure with a data collection rule."""
    rule = LogIngestionService(stream_declarations())
    with running_cloud(keyless_azurite, tmp_path_factory.mktemp("cloud"), rule) as running:
        yield running


@pytest.fixture
def monitor(cloud: Cloud, tmp_path: Path) -> Monitor:
    """A monitor in good health."""
    return healthy(cloud, tmp_path)


def test_all_is_in_order(monitor: Monitor) -> None:
    """In the order of what depends on what; status 0."""
    ended = monitor.doctor("--format", "json")

    checks = ended.result["checks"]
    assert [each for each in checks if each["status"] != "ok"] == []
    assert (ended.status, ended.err) == (0, "")
    names = [each["check"].partition(".")[0] for each in checks]
    assert list(dict.fromkeys(names)) == [
        "settings",
        "identity",
        "subscriptions",
        "permissions",
        "refused",
        "api_versions",
        "storage",
        "queue",
        "clock",
        "poison",
        "event_subscription",
        "dead_letters",
        "set_aside",
        "redrive",
        "activity_log_export",
        "activity_log_rows",
        "health_record",
        "ingestion",
        "sink",
        "parked",
        "blind_spots",
        "events",
        "looks",
        "core_sweeps",
        "deep_sweeps",
        "activity_log",
        "canary",
        "data_table",
    ]
    assert {each["remedy"] for each in checks} == {None}
    assert f"permissions.{SUBSCRIPTION}" in {each["check"] for each in checks}
