"""The function app in Azure: its estate, one storage account, and a workspace where one is set."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial

from shared.adapters.azure.cloud import Cloud
from shared.adapters.azure.credential import Tokens
from shared.adapters.azure.estate import AzureEstate, Reader
from shared.adapters.azure.logs.late import LateActivityLog
from shared.adapters.azure.storage.bookmarks import BlobBookmarks
from shared.adapters.azure.storage.clients import StorageClients
from shared.adapters.azure.storage.dead_letters import BlobDeadLetterStore
from shared.adapters.azure.storage.findings import TableFindingStore
from shared.adapters.azure.storage.names import FINDINGS_TABLE, POISON, SWEEPS_TABLE
from shared.adapters.azure.storage.queues import StorageWorkQueue
from shared.adapters.azure.storage.received_events import TableReceivedEvents
from shared.adapters.azure.storage.retention import TableRetention
from shared.adapters.azure.storage.set_aside import BlobSetAsideStore
from shared.adapters.azure.storage.snapshots import BlobSnapshotStore
from shared.adapters.azure.storage.sweep_ledger import TableSweepLedger
from shared.adapters.azure.storage.tables import Table
from shared.adapters.formats.product import version
from shared.ports import ActivityLog, Clock, Inventory, Measure, Observer, Pace
from shared.runtime.app import AppPorts
from shared.runtime.assembly import Ports
from shared.runtime.azure_place import AzurePlace, letters_of
from shared.settings import AzureBackend, Settings

PACES = {Pace.EVENT: timedelta(seconds=2), Pace.SWEEP: timedelta(seconds=5)}
"""How long a read may wait for its share of the quota: an invocation never sleeps for long, and a
sweep's look that must wait longer comes back later by its queue."""


def azure_app_ports(
    settings: Settings,
    backend: AzureBackend,
    sinks: frozenset[str] = frozenset(),
    observer: Observer | None = None,
    place: AzurePlace | None = None,
) -> AppPorts:
    """Return the adapters in Azure; inside the event loop that they serve.

    `sinks` are the names of all sinks; `observer` is told when ARM refuses a read for now. `place`
    is where the app stands, if that is open already.

    Raises:
        SettingsError: an address is none.
    """
    place = place or AzurePlace.open(settings, backend)
    clock, cloud, tokens, clients = place.clock, place.cloud, place.tokens, place.clients
    reader = Reader(
        client_id=settings.identity_client_id,
        instances=settings.instances,
        api_versions=settings.api_versions,
        version=version(),
        paces=PACES,
        throttled=None if observer is None else partial(observer.count, Measure.THROTTLES),
    )
    estate = AzureEstate.open(cloud, clock, reader, tokens)
    open_ones = AsyncExitStack()
    # The identity is closed last: the others may still need it.
    open_ones.push_async_callback(estate.close)
    open_ones.push_async_callback(clients.close)
    activity = _activity(settings, cloud, tokens, open_ones.push_async_callback)
    ports = app_ports_on(clients, estate.inventory, clock, sinks)
    if backend.dead_letter_account is not None:
        # Event Grid needs an account with keys, and nothing else is kept there: infra/ says why.
        letters = StorageClients(letters_of(backend, cloud), tokens, cloud)
        open_ones.push_async_callback(letters.close)
        ports = replace(ports, dead_letters=BlobDeadLetterStore(letters))
    return replace(
        ports,
        activity=activity,
        azure=lambda: (cloud, tokens),
        closing=open_ones.aclose,
        machine=clock.own,
    )


def app_ports_on(
    clients: StorageClients,
    inventory: Inventory,
    clock: Clock,
    sinks: frozenset[str] = frozenset(),
) -> AppPorts:
    """Return the adapters of any inventory with a storage account as the memory."""
    findings = Table(clients, FINDINGS_TABLE)
    queue, poison = (StorageWorkQueue(clients, clock, suffix=each) for each in ("", POISON))
    return AppPorts(
        Ports(
            inventory=inventory,
            snapshots=BlobSnapshotStore(clients),
            findings=TableFindingStore(findings, clock, sinks),
            ledger=TableSweepLedger(Table(clients, SWEEPS_TABLE)),
            queue=queue,
            aside=BlobSetAsideStore(clients),
            clock=clock,
        ),
        BlobBookmarks(clients),
        TableReceivedEvents(clients),
        TableRetention(findings, sinks),
        dead_letters=BlobDeadLetterStore(clients),
        poison=poison,
        backlogs=queue,
        poison_backlogs=poison,
    )


def _activity(
    settings: Settings,
    cloud: Cloud,
    tokens: Tokens,
    close_later: Callable[[Callable[[], Awaitable[None]]], object],
) -> ActivityLog | None:
    """Return the Activity Log, where a workspace is set."""
    if settings.workspace_id is None:
        return None
    activity = LateActivityLog(cloud, tokens, str(settings.workspace_id))
    close_later(activity.close)
    return activity
