"""What `doctor` examines: a folder and a store that are named, or what the settings say."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.adapters.system_clock import SystemClock
from shared.domain.control import Catalogue
from shared.domain.diagnosis import Diagnosis, one_line
from shared.domain.health import Health
from shared.runtime.checks_local import PROGRAM, local_diagnoses
from shared.runtime.sink_settings import SinkSettings, read_sink_settings
from shared.settings import LocalBackend, Settings, SettingsError, read_settings

SETTINGS, SINKS = "settings", "sinks"
PREFIX = "COMPLIANCE_"
SETTINGS_WHY = "With a setting that is missing or wrong every function fails."
SINKS_WHY = "Who is not told does nothing about it."
_SHOW = (
    'az functionapp config appsettings list --name "$(azd env get-value AZURE_FUNCTION_APP_NAME)"'
    ' --resource-group "$(azd env get-value AZURE_RESOURCE_GROUP)" --output table'
)


async def diagnoses(
    estate: Path | None,
    store: Path | None,
    catalogue: Catalogue,
    environ: Mapping[str, str] = os.environ,
) -> Sequence[Diagnosis]:
    """Examine what is named, or else what is set; nothing is changed by it."""
    clock = SystemClock()
    if estate is not None or store is not None:
        return await local_diagnoses(estate, store, clock)
    if not any(name.startswith(PREFIX) and value for name, value in environ.items()):
        return [_nothing()]
    sinks, told = _sinks()
    try:
        settings = read_settings()
    except SettingsError as error:
        remedy = "Set what is named; docs/running-in-azure.md has every setting."
        return [
            Diagnosis(SETTINGS, Health.FAULT, one_line(error), SETTINGS_WHY, remedy, _SHOW),
            *told,
        ]
    if isinstance(settings.backend, LocalBackend):
        said = "They can be used: a folder, and a SQLite file."
        found = await local_diagnoses(settings.backend.estate, settings.backend.store, clock)
        return [Diagnosis(SETTINGS, Health.OK, said), *told, *found]
    return await _in_azure(settings, sinks, told, catalogue, environ)


async def _in_azure(
    settings: Settings,
    sinks: SinkSettings,
    told: Sequence[Diagnosis],
    catalogue: Catalogue,
    environ: Mapping[str, str],
) -> Sequence[Diagnosis]:
    """Examine the function app in Azure."""
    # Imported here: the Azure libraries cost a start what a check of a folder does not need.
    from shared.runtime.checks_azure import azure_diagnoses  # noqa: PLC0415 - see above
    from shared.runtime.deployed_names import deployed_names  # noqa: PLC0415 - see above

    backend = settings.backend
    assert not isinstance(backend, LocalBackend)  # noqa: S101 - for the type checker
    try:
        found = await azure_diagnoses(
            settings, backend, sinks, catalogue, deployed_names(settings, backend, environ)
        )
    except (SettingsError, OSError) as error:
        remedy = "Correct what is named."
        wrong = Diagnosis(SETTINGS, Health.FAULT, one_line(error), SETTINGS_WHY, remedy, _SHOW)
        return [wrong, *told]
    good = Diagnosis(SETTINGS, Health.OK, "They can be used: Azure, and a storage account.")
    return [good, *told, *found]


def _nothing() -> Diagnosis:
    return Diagnosis(
        SETTINGS,
        Health.FAULT,
        "Nothing is configured: no setting COMPLIANCE_… is there, and neither --estate nor --store"
        " is given.",
        "Nothing is watched, and nobody is told of anything.",
        "To begin on this machine, name a folder of ARM JSON, such as the example. To begin in"
        " Azure, run `azd up`, as docs/deploying.md says; docs/doctor.md says how to check that.",
        f"{PROGRAM} doctor --estate examples/estate/day-1",
    )


def _sinks() -> tuple[SinkSettings, list[Diagnosis]]:
    """Read which sinks are set, and tell what is to be said of that."""
    try:
        sinks = read_sink_settings()
    except SettingsError as error:
        remedy = "Set what is named; docs/sinks.md has every setting."
        wrong = Diagnosis(
            f"{SETTINGS}.{SINKS}", Health.FAULT, one_line(error), SINKS_WHY, remedy, _SHOW
        )
        return SinkSettings.model_construct(), [wrong]
    names = [name for name, each in sinks.sinks if each is not None]
    if names:
        said = f"Alerts go to {', '.join(names)}."
        return sinks, [Diagnosis(f"{SETTINGS}.{SINKS}", Health.OK, said)]
    return sinks, [
        Diagnosis(
            f"{SETTINGS}.{SINKS}",
            Health.FAULT,
            "No sink is set: nobody is told of anything, and alerts wait.",
            SINKS_WHY,
            "Set one, such as COMPLIANCE_SINKS__LOG_ANALYTICS__…; docs/sinks.md has all.",
            _SHOW,
        )
    ]
