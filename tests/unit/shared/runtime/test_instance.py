"""What an instance starts with: enough to take in events, and every wrong setting told."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from shared.runtime.instance import instance_for
from shared.runtime.sink_settings import read_sink_settings
from shared.runtime.undisturbed import undisturbed
from shared.settings import AzureBackend, LocalBackend, Settings, SettingsError

ROOT = Path(__file__).resolve().parents[4]
STARTING = """
import asyncio, sys
async def start():
    from shared.runtime.instance import instance_for
    from shared.runtime.sink_settings import read_sink_settings
    from shared.settings import read_settings
    return instance_for(read_settings(), read_sink_settings())
import function_app
asyncio.run(start())
print(*sys.modules, sep="\\n")
"""
LATER = (
    "monitors",
    "shared.adapters.encoding",
    "shared.adapters.sinks.teams",
    "shared.domain.control",
    "shared.domain.finding",
    "shared.domain.root_state",
    "shared.domain.sweep",
    "shared.pipeline.look",
    "shared.runtime.app",
    "shared.runtime.sinks",
)
"""What looks, judges, remembers or tells, by what the names of modules begin with."""


def test_taking_in_events_in_azure_imports_nothing_that_looks_judges_or_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever waits for an alert waits for no monitor and no store of findings, nor for sinks."""
    monkeypatch.setenv("COMPLIANCE_BACKEND__KIND", "azure")
    monkeypatch.setenv("COMPLIANCE_BACKEND__STORAGE_ACCOUNT", "stmonitor")
    # As every deployment by infra/ has it.
    monkeypatch.setenv("COMPLIANCE_SINKS__LOG_ANALYTICS__ENDPOINT", "https://dce.example.com")
    monkeypatch.setenv("COMPLIANCE_SINKS__LOG_ANALYTICS__RULE_ID", "dcr-1")

    imported = _imported()

    assert "shared.adapters.azure.storage.received_events" in imported
    stores = ("arm", "storage.findings", "storage.snapshots")
    elsewhere = ("shared.adapters.local", *(f"shared.adapters.azure.{each}" for each in stores))
    assert [each for each in imported if each.startswith((*LATER, *elsewhere))] == []


def test_taking_in_events_on_this_machine_imports_no_more_and_nothing_for_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for connections that nobody opens."""
    monkeypatch.setenv("COMPLIANCE_BACKEND__KIND", "local")
    monkeypatch.setenv("COMPLIANCE_BACKEND__ESTATE", str(tmp_path))
    monkeypatch.setenv("COMPLIANCE_BACKEND__STORE", str(tmp_path / "compliance.db"))

    imported = _imported()

    assert "shared.adapters.local.listening" in imported
    elsewhere = ("aiohttp", "azure.core", "shared.adapters.azure", "shared.adapters.local.finding")
    assert [each for each in imported if each.startswith((*LATER, *elsewhere))] == []


def _imported() -> list[str]:
    """Return the modules that a process has imported when it can take in events."""
    return subprocess.run(
        [sys.executable, "-c", STARTING], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ESCALATE_TO", "teams", "is the name of no sink"),
        ("SINKS__EVENT_GRID__TOPIC", "https://topic.example.com", "needs Azure's settings"),
    ],
)
async def test_sinks_that_cannot_be_made_fail_the_first_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """Whichever function is called first, also one that tells no sink."""
    monkeypatch.setenv(f"COMPLIANCE_{name}", value)
    backend = LocalBackend(kind="local", estate=tmp_path, store=tmp_path / "compliance.db")
    settings = Settings(backend=backend)

    with pytest.raises(SettingsError, match=said):
        instance_for(settings, read_sink_settings())


async def test_an_escalation_to_nobody_fails_the_first_call_in_azure_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where no sink is made to find out."""
    monkeypatch.setenv("COMPLIANCE_ESCALATE_TO", "teams")
    settings = Settings(backend=AzureBackend(kind="azure", storage_account="stmonitor"))

    with pytest.raises(SettingsError, match="is the name of no sink"):
        instance_for(settings, read_sink_settings())


def test_garbage_is_collected_again_after_a_start_even_one_that_failed() -> None:
    """A worker runs for days."""
    enabled = []

    def start() -> None:
        with undisturbed():
            enabled.append(gc.isenabled())
            raise SettingsError

    with pytest.raises(SettingsError):
        start()

    assert [*enabled, gc.isenabled()] == [False, True]


def test_what_a_failed_start_made_is_not_kept_for_good() -> None:
    """A function that fails for a wrong setting is called again and again."""
    before = gc.get_freeze_count()

    def start() -> None:
        with undisturbed():
            raise SettingsError

    with pytest.raises(SettingsError):
        start()

    assert gc.get_freeze_count() == before
