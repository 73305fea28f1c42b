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
    from shared.settings import AzureBackend, Settings
    backend = AzureBackend(kind="azure", storage_account="stmonitor")
    return instance_for(Settings(backend=backend), read_sink_settings())
import function_app
asyncio.run(start())
print(*sys.modules, sep="\\n")
"""


def test_taking_in_events_imports_nothing_that_looks_judges_or_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever waits for an alert waits for no monitor and no store of findings, nor for sinks."""
    # As every deployment by infra/ has it.
    monkeypatch.setenv("COMPLIANCE_SINKS__LOG_ANALYTICS__ENDPOINT", "https://dce.example.com")
    monkeypatch.setenv("COMPLIANCE_SINKS__LOG_ANALYTICS__RULE_ID", "dcr-1")

    imported = subprocess.run(
        [sys.executable, "-c", STARTING], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert "shared.adapters.azure.storage.received_events" in imported
    assert [
        each
        for each in imported
        if each.startswith(
            (
                "monitors",
                "shared.adapters.azure.arm",
                "shared.adapters.azure.storage.findings",
                "shared.adapters.local",
                "shared.adapters.sinks.teams",
                "shared.domain.control",
                "shared.pipeline.look",
                "shared.runtime.app",
                "shared.runtime.sinks",
            )
        )
    ] == []


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
