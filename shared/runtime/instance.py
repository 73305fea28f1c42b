"""One instance of the function app: what takes in events is there at once, all else when needed.

In Flex Consumption the instances that hear of a change are others than those that look and tell.
So whoever waits for an alert does not wait for monitors, use cases and sinks to be imported where
nothing is judged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from shared.pipeline.receive import Intake
from shared.pipeline.watch import Watch
from shared.ports import Clock, FindingStore, Inventory, Observer
from shared.runtime.observing.intake import ObservedIntake
from shared.runtime.observing.silent import SilentObserver
from shared.runtime.sink_settings import SinkSettings, check_escalation
from shared.settings import AzureBackend, LocalBackend, Settings

if TYPE_CHECKING:
    from shared.domain.control import Catalogue
    from shared.runtime.app import App, AppPorts


@dataclass(frozen=True, slots=True)
class Instance:
    """What takes in events, and what makes the rest of the app for what this instance judges by."""

    intake: Intake
    complete: "Callable[[Catalogue], App]"


def instance_for(
    settings: Settings, sinks: SinkSettings | None = None, observer: Observer | None = None
) -> Instance:
    """Return the instance that the settings ask for; inside the event loop that it serves.

    Whatever is wrong with a setting is told here. Without `sinks` nobody is told, and alerts wait;
    without `observer` nobody watches.

    Raises:
        PortError: a part of it cannot be opened.
        SettingsError: an address is none, or a sink needs what is not set.
    """
    chosen = sinks or SinkSettings.model_construct()
    if isinstance(settings.backend, LocalBackend):
        return _local(settings, settings.backend, chosen, observer)
    return _azure(settings, settings.backend, chosen, observer)


def _local(
    settings: Settings, backend: LocalBackend, sinks: SinkSettings, observer: Observer | None
) -> Instance:
    # Imported here: in Azure none of it is of use.
    from shared.adapters.local.listening import SqliteReceivedEvents  # noqa: PLC0415 - see above
    from shared.adapters.local.work_queue import (  # noqa: PLC0415 - see above
        SqliteSetAsideStore,
        SqliteWorkQueue,
    )
    from shared.runtime.local_place import LocalPlace  # noqa: PLC0415 - see above

    place = LocalPlace.open(backend)
    database, clock = place.database, place.clock
    _check_sinks(sinks, settings, clock)

    @cache
    def ports() -> "AppPorts":
        from shared.runtime.local_app import local_app_ports  # noqa: PLC0415 - with the use cases

        return local_app_ports(place)

    intake = ObservedIntake(
        SqliteWorkQueue(database, clock),
        SqliteSetAsideStore(database),
        clock,
        _watch(ports, clock, settings, observer),
        SqliteReceivedEvents(database),
        observer=_watching(observer),
    )
    return _instance(intake, ports, settings, sinks, observer)


def _azure(
    settings: Settings, backend: AzureBackend, sinks: SinkSettings, observer: Observer | None
) -> Instance:
    # Imported here: the Azure libraries cost 300 ms, and nobody waits for an import.
    from shared.adapters.azure.storage.queues import StorageWorkQueue  # noqa: PLC0415 - see above
    from shared.adapters.azure.storage.received_events import (  # noqa: PLC0415 - see above
        TableReceivedEvents,
    )
    from shared.adapters.azure.storage.set_aside import (  # noqa: PLC0415 - see above
        BlobSetAsideStore,
    )
    from shared.runtime.azure_place import AzurePlace  # noqa: PLC0415 - see above

    # In Azure no sink needs more than its own settings, which were read.
    check_escalation(settings.escalate_to, sinks.sinks.names)
    place = AzurePlace.open(settings, backend)
    clients, clock = place.clients, place.clock

    @cache
    def ports() -> "AppPorts":
        from shared.runtime.azure_app import azure_app_ports  # noqa: PLC0415 - with ARM

        return azure_app_ports(settings, backend, sinks.sinks.names, observer, place)

    intake = ObservedIntake(
        StorageWorkQueue(clients, clock),
        BlobSetAsideStore(clients),
        clock,
        _watch(ports, clock, settings, observer),
        TableReceivedEvents(clients),
        observer=_watching(observer),
    )
    return _instance(intake, ports, settings, sinks, observer)


def _watch(
    ports: "Callable[[], AppPorts]", clock: Clock, settings: Settings, observer: Observer | None
) -> Watch:
    """Return what knows the watched subscriptions; it makes ports only where none are chosen."""

    @cache
    def inventory_watched() -> Inventory:
        from shared.runtime.observing.ports import ObservedInventory  # noqa: PLC0415 - no sooner than the ports that it watches

        return ObservedInventory(ports().ports.inventory, _watching(observer))

    inventory = cast("Inventory", _Late(inventory_watched))
    findings = cast("FindingStore", _Late(lambda: ports().ports.findings))
    return Watch(inventory, findings, clock, settings.watched_subscriptions)


def _instance(
    intake: Intake,
    ports: "Callable[[], AppPorts]",
    settings: Settings,
    sinks: SinkSettings,
    observer: Observer | None,
) -> Instance:
    def complete(catalogue: "Catalogue") -> "App":
        from shared.runtime.app import app_on  # noqa: PLC0415 - the use cases, see the module

        # One knowledge of what is watched: to ask for it costs a query.
        return app_on(ports(), settings, catalogue, sinks, observer, intake.watch)

    return Instance(intake, complete)


def _check_sinks(sinks: SinkSettings, settings: Settings, clock: Clock) -> None:
    """Make the sinks once, for nothing but to be told what they need and is not set.

    Raises:
        SettingsError: one needs what is not set.
    """
    if not (sinks.sinks.model_fields_set or settings.escalate_to):
        return
    from shared.domain.control import Catalogue  # noqa: PLC0415 - nothing to check without sinks
    from shared.runtime.app_sinks import app_sinks  # noqa: PLC0415 - as above

    app_sinks(sinks, Catalogue([]), clock, None, settings.escalate_to)


def _watching(observer: Observer | None) -> Observer:
    return observer or SilentObserver()


class _Late:
    """A port that is made when something is first asked of it."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the port has by that name
        return getattr(self._make(), name)
