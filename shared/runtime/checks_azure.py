"""What `doctor` examines of a monitor in Azure: first who is signed in, then all else at once."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime

from shared.adapters.azure.arm.api_versions import ApiVersions
from shared.adapters.azure.arm.client import AGENT, ArmClient
from shared.adapters.azure.arm.quota import Quota
from shared.adapters.azure.checks import (
    api_versions,
    clock,
    event_subscriptions,
    identity,
    permissions,
    storage,
)
from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.formats.product import version
from shared.domain.control import Catalogue
from shared.domain.diagnosis import Diagnosis, one_line
from shared.domain.health import Health
from shared.pipeline import refusals
from shared.pipeline.examine import LONGEST, Examination, examination_of, examine
from shared.pipeline.remedies import AZURE, Remedies
from shared.ports import PortError
from shared.runtime.alerts import AppSinks
from shared.runtime.app import AppPorts
from shared.runtime.app_sinks import app_sinks
from shared.runtime.assembly import assemble
from shared.runtime.azure_app import azure_app_ports
from shared.runtime.azure_place import account_of, letters_of
from shared.runtime.checks_logs import ingestion_checks, workspace_checks
from shared.runtime.checks_world import World, of_each
from shared.runtime.health import vital_parts
from shared.runtime.sink_settings import SinkSettings
from shared.settings import AzureBackend, Settings, SettingsError

SIGN_IN = LONGEST
"""How long a sign-in may take: that of the Azure CLI starts a process of its own."""

_EACH = "Each watched subscription is read, and tells of its events, by itself."


async def azure_diagnoses(
    settings: Settings,
    backend: AzureBackend,
    sinks: SinkSettings,
    catalogue: Catalogue,
    names: Mapping[str, str],
) -> Sequence[Diagnosis]:
    """Examine a monitor in Azure as whoever is signed in.

    Raises:
        SettingsError: an address is none.
    """
    async with AsyncExitStack() as stack:
        app = azure_app_ports(settings, backend, sinks.sinks.names)
        assert app.closing is not None  # noqa: S101 - for the type checker
        assert app.azure is not None  # noqa: S101 - for the type checker
        stack.push_async_callback(app.closing)
        at = app.ports.clock
        told, wrong = await _sinks(sinks, catalogue, app, settings.escalate_to, stack)
        cloud, tokens = app.azure()
        quota = Quota(at, instances=settings.instances)
        arm = ArmClient(cloud, tokens, at, quota, agent=f"{AGENT}/{version()}")
        clients = StorageClients(account_of(backend, cloud), tokens, cloud)
        letters = StorageClients(letters_of(backend, cloud), tokens, cloud)
        for each in (arm, clients, letters):
            stack.push_async_callback(each.close)
        runtime = assemble(app.ports, catalogue, settings.watched_subscriptions)
        world = World(
            settings, sinks, app, runtime, told, cloud, tokens, arm, clients, letters, at, names
        )
        return [*wrong, *await _examined(world, catalogue, stack)]


async def _sinks(
    sinks: SinkSettings,
    catalogue: Catalogue,
    app: AppPorts,
    escalate_to: str | None,
    stack: AsyncExitStack,
) -> tuple[AppSinks, list[Diagnosis]]:
    """Open the sinks, or tell why they cannot be: all else is examined without them."""
    try:
        told, parts = app_sinks(sinks, catalogue, app.ports.clock, app.azure, escalate_to)
    except SettingsError as error:
        remedy = "Correct what is named; docs/sinks.md has every setting."
        command = "azd env get-value COMPLIANCE_SETTINGS"
        why = "With a setting that is wrong every function fails."
        wrong = Diagnosis("sinks", Health.FAULT, one_line(error), why, remedy, command)
        return AppSinks(), [wrong]
    stack.push_async_callback(parts.closing.aclose)
    return told, []


async def _examined(
    world: World, catalogue: Catalogue, stack: AsyncExitStack
) -> Sequence[Diagnosis]:
    """Sign in, find out what is watched, and examine the rest."""
    who = identity.Identity(world.cloud, world.tokens, world.settings.identity_client_id)
    asked = Examination(identity.NAME, who.ask, identity.WHY, identity.COMMAND)
    signed_in = await examine([asked], SIGN_IN)
    if any(each.health is Health.FAULT for each in signed_in):
        said = "Nothing that needs a token was checked: permissions, storage, events and the rest."
        rest = ("It may be in order, or not.", "Sign in, and run `doctor` again.", "az login")
        return [*signed_in, Diagnosis("azure", Health.FAULT, said, *rest)]
    now = world.clock.now()
    watched, subscriptions = await _watched(world)
    vital = _vital(world, catalogue, now)
    found = await examine(
        [
            *of_each(permissions.NAME, permissions.WHY, watched, _permissions(world).ask),
            *of_each(refusals.NAME, refusals.WHY, watched, _refusals(world).ask),
            *of_each(api_versions.NAME, api_versions.WHY, watched, _versions(world).ask),
            *_storage(world),
            *vital("queues", "poison"),
            *of_each(
                event_subscriptions.NAME,
                event_subscriptions.WHY,
                watched,
                event_subscriptions.EventSubscriptions(world.arm).ask,
            ),
            *vital("dead_letters", "set_aside", "redrive"),
            *workspace_checks(world, watched, now, stack),
            *ingestion_checks(world),
            *vital("sinks", "parked", "blind_spots", "events", "looks", "sweeps"),
            *vital("activity_log", "canary"),
            *(
                of_each(
                    clock.NAME,
                    clock.WHY,
                    watched[:1],
                    clock.ArmClock(world.arm, world.app.machine or world.clock).ask,
                )
            ),
        ]
    )
    return [*signed_in, *subscriptions, *found]


async def _watched(world: World) -> tuple[list[str], list[Diagnosis]]:
    """Return the watched subscriptions, and what is to be said of them."""
    name, command = "subscriptions", "az account list --output table"
    try:
        async with asyncio.timeout(LONGEST.total_seconds()):
            found = sorted(await world.runtime.intake.watch.recently())
    except (PortError, TimeoutError) as error:
        said = f"Which are watched cannot be told: {str(error) or 'no answer'}."
        remedy = "Set COMPLIANCE_WATCHED_SUBSCRIPTIONS, or mend what the message names."
        return [], [Diagnosis(name, Health.FAULT, said, _EACH, remedy, command)]
    if not found:
        said = "None is watched: the identity sees no AI resource, and none is set."
        remedy = "Set COMPLIANCE_WATCHED_SUBSCRIPTIONS, or give the identity its role."
        return [], [Diagnosis(name, Health.FAULT, said, _EACH, remedy, command)]
    return found, [Diagnosis(name, Health.OK, f"{len(found)} watched: {', '.join(found)}.")]


def _permissions(world: World) -> permissions.Permissions:
    return permissions.Permissions(world.arm, world.names["assignee"])


def _refusals(world: World) -> refusals.Refusals:
    return refusals.Refusals(world.app.ports.ledger, world.names["assignee"])


def _versions(world: World) -> api_versions.Versions:
    wanted = ApiVersions(world.clock, world.settings.api_versions)
    app = "--name {app} --resource-group {group}".format_map(world.names)
    return api_versions.Versions(world.arm, wanted, app)


def _storage(world: World) -> list[Examination]:
    """Return the examinations of the account, and of where dead letters lie."""
    names = world.names
    services = storage.Storage(world.clients, names["account"], names["assignee"])
    show = f"az storage account show --name {names['account']}"
    place = storage.DeadLetterPlace(world.letters, names["dead_letters"])
    return [
        *(Examination(name, ask, storage.WHY, show) for name, ask in services.services().items()),
        Examination(
            f"{storage.NAME}.dead_letters",
            place.ask,
            "What Event Grid cannot deliver within a day is lost.",
            f"az storage account show --name {names['dead_letters']}",
        ),
    ]


def _vital(world: World, catalogue: Catalogue, now: datetime) -> Callable[..., list[Examination]]:
    """Return what gives the examinations of parts of the health record, by their names."""
    parts = {
        each.name: each for each in vital_parts(world.app, world.runtime, world.told, catalogue)
    }
    remedies = Remedies(AZURE, world.names)

    def named(*names: str) -> list[Examination]:
        found = (examination_of(parts[each], now, remedies) for each in names)
        return [each for each in found if each is not None]

    return named
