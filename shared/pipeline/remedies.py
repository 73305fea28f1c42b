"""Why each check of the health record matters, and the command that mends it or shows what to mend.

The record, written every five minutes, says what is wrong; people who ask want to be told the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from shared.domain.diagnosis import Diagnosis
from shared.domain.health import Health, HealthCheck
from shared.pipeline.own_sight import OWN_SIGHT


@dataclass(frozen=True, slots=True)
class Remedy:
    """Why a check matters, and its command, in which `{names}` stand for those of a deployment.

    `is_wrong`: what the record calls a warning is a fault for whoever asks: somebody was not told,
    or something was not looked at. `remedy` is what to do where the check was made on the machine
    of whoever asks; "": the same as where the record was written.
    """

    why: str
    command: str
    is_wrong: bool = False
    remedy: str = ""


LOGS: Final = (
    "az monitor log-analytics query --workspace {workspace} --analytics-query"
    ' "AppTraces | where SeverityLevel >= 3 | where TimeGenerated > ago(1h) | top 50 by'
    ' TimeGenerated"'
)
"""Shows the errors that the functions logged lately."""

BLIND: Final = " ".join(f"--control {each}" for each in OWN_SIGHT) + " --state open --since all"
"""Asks for all that is open of what the monitor judges of its own sight."""

AZURE: Final[Mapping[str, Remedy]] = {
    "queue": Remedy(
        "A change whose message waits is not judged, and an alert that waits is not told.", LOGS
    ),
    "queues": Remedy(
        "A change whose message waits is not judged, and an alert that waits is not told.",
        "az storage queue list --auth-mode login --account-name {account} --output table",
    ),
    "clock": Remedy(
        "Azure refuses requests signed for another time, and ages are counted wrong.",
        "sudo timedatectl set-ntp true",
        # It is asked here how far the clock of this machine is off, and not that of a worker.
        remedy="Set the clock of this machine by a time server.",
    ),
    "poison": Remedy(
        "These messages crashed the code: what they are about is not judged.", LOGS, is_wrong=True
    ),
    "poison.alerts": Remedy(
        "Nobody was told when they came; the redrive pokes again for what waits.", LOGS
    ),
    "redrive": Remedy(
        "What it does not do, nobody does: poison, dead letters and missed sweeps wait.", LOGS
    ),
    "dead_letters": Remedy(
        "Event Grid could not deliver these events: until they are taken in, their changes are"
        " known by sweeps alone.",
        "az storage blob list --auth-mode login --account-name {dead_letters} --container-name"
        " dead-letters --output table",
        is_wrong=True,
    ),
    "set_aside": Remedy(
        "Nothing could be done with these inputs: what they tell of was not looked at.",
        "az storage blob list --auth-mode login --account-name {account} --container-name aside"
        " --output table",
    ),
    "events": Remedy("Without events a change is found within the hour, not within seconds.", LOGS),
    "looks": Remedy("What is not looked at is not judged.", LOGS),
    "core_sweeps": Remedy("What events miss is found by sweeps alone.", LOGS),
    "deep_sweeps": Remedy("What Microsoft itself changes is found by deep sweeps alone.", LOGS),
    "sweeps": Remedy("What events miss is found by sweeps alone.", LOGS),
    "activity_log": Remedy("It finds the changes that no event told of, and who made them.", LOGS),
    "blind_spots": Remedy(
        "What cannot be read cannot be judged: it may be anything.",
        f".venv/bin/python cli.py alerts --workspace {{workspace}} {BLIND}",
        is_wrong=True,
    ),
    "sink": Remedy("Who is not told does nothing about it.", LOGS),
    "sinks": Remedy("Who is not told does nothing about it.", LOGS),
    "parked": Remedy(
        "These alerts reached nobody, and will not by themselves.",
        ".venv/bin/python cli.py alerts --parked --deployed",
        is_wrong=True,
    ),
    "canary": Remedy(
        "The canary takes the way of every change; where it does not arrive, no alert does.", LOGS
    ),
}
"""A check's name, or the first part of it → its remedy, where the monitor runs in Azure."""

LOCAL: Final[Mapping[str, Remedy]] = {
    "set_aside": Remedy(
        "Nothing could be done with these inputs: what they tell of was not looked at.",
        'sqlite3 {store_file} "SELECT at, reason FROM set_aside ORDER BY id DESC LIMIT 20"',
    ),
    "parked": Remedy(
        "These alerts reached nobody, and will not by themselves.",
        ".venv/bin/python cli.py alerts --parked --store {store_file}",
        is_wrong=True,
    ),
    "blind_spots": Remedy(
        "What cannot be read cannot be judged: it may be anything.",
        f".venv/bin/python cli.py alerts --store {{store_file}} {BLIND}",
        is_wrong=True,
    ),
}
"""The same for a folder and a SQLite file."""


@dataclass(frozen=True, slots=True)
class Remedies:
    """The remedies of one deployment; `names` fill in its commands."""

    known: Mapping[str, Remedy]
    names: Mapping[str, str]

    def of(self, name: str) -> Remedy:
        """Return the remedy of a check, its command filled in."""
        found = self.known.get(name) or self.known[name.partition(".")[0]]
        return replace(found, command=found.command.format_map(self.names))

    def diagnosis(self, check: HealthCheck) -> Diagnosis:
        """Return a check of the health record with what people want to know of it."""
        if check.health is Health.OK:
            return Diagnosis(check.name, check.health, check.message)
        what = self.of(check.name)
        is_wrong = what.is_wrong or check.health is Health.FAULT
        return Diagnosis(
            check.name,
            Health.FAULT if is_wrong else Health.WARN,
            check.message,
            what.why,
            what.remedy or check.remedy,
            what.command,
        )
