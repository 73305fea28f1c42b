"""The world that `doctor` examines in Azure: what it asks, and by what."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.cloud import Cloud
from shared.adapters.azure.credential import Tokens
from shared.adapters.azure.storage.clients import StorageClients
from shared.domain.diagnosis import Diagnosis
from shared.pipeline.examine import Examination
from shared.ports import Clock
from shared.runtime.alerts import AppSinks
from shared.runtime.app import AppPorts
from shared.runtime.assembly import Runtime
from shared.runtime.sink_settings import SinkSettings
from shared.settings import Settings

Ask = Callable[[str], Awaitable[Sequence[Diagnosis]]]


@dataclass(frozen=True, slots=True)
class World:
    """What is examined, and by what; `names` fill in commands."""

    settings: Settings
    sinks: SinkSettings
    app: AppPorts
    runtime: Runtime
    told: AppSinks
    cloud: Cloud
    tokens: Tokens
    arm: ArmClient
    clients: StorageClients
    letters: StorageClients
    clock: Clock
    names: Mapping[str, str]


def of_each(name: str, why: str, watched: Sequence[str], ask: Ask) -> list[Examination]:
    """Return an examination of each subscription."""
    return [
        Examination(
            f"{name}.{each}", partial(ask, each), why, f"az account show --subscription {each}"
        )
        for each in watched
    ]
