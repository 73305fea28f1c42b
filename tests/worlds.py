"""Small worlds for tests of the pipeline.

Ports put together, events made from what was done, and the truth.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from monitors import load_catalogue
from shared.adapters.local.database import Database
from shared.adapters.local.estate import EstateFolder
from shared.adapters.local.finding_store import SqliteFindingStore
from shared.adapters.local.snapshot_store import SqliteSnapshotStore
from shared.adapters.local.sweep_ledger import SqliteSweepLedger
from shared.adapters.local.work_queue import SqliteSetAsideStore, SqliteWorkQueue
from shared.adapters.system_clock import SystemClock
from shared.domain.control import Catalogue
from shared.domain.finding import Finding, FindingState, Transition, TransitionKind
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Snapshot
from shared.domain.topology import CORE_SOURCES, DEEP_SOURCES, Source
from shared.domain.verdict import Verdict
from shared.pipeline.evaluate import evaluate
from shared.pipeline.watch import Watch
from shared.pipeline.work import WorkReport
from shared.ports import TransitionQuery
from shared.runtime.assembly import Ports, Runtime, assemble
from tests.fakes import FakeClock, Interrupted, MemoryInventory, Switch

CATALOGUE: Catalogue = load_catalogue()
SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"


@dataclass
class World:
    """An estate in memory over a SQLite store, with a clock that only moves by hand."""

    clock: FakeClock
    inventory: MemoryInventory
    ports: Ports
    runtime: Runtime
    catalogue: Catalogue = CATALOGUE

    def worker(self, switch: Switch) -> Runtime:
        """Return another worker on the same world, whose port calls go through a switch."""
        seen = {
            name: Interrupted(getattr(self.ports, name), switch)
            for name in ("inventory", "snapshots", "findings", "ledger", "queue", "aside")
        }
        return assemble(replace(self.ports, **seen), self.catalogue, frozenset({SUBSCRIPTION}))

    async def tell(self, *events: object) -> None:
        """Let events arrive."""
        await self.runtime.intake.accept(events)

    async def drain(self) -> WorkReport:
        """Work until nothing is due, second looks included."""
        report = WorkReport()
        await self.runtime.worker.drain(report)
        if self.inventory.second_look_after is not None:
            for _ in range(5):
                self.clock.advance(timedelta(minutes=2))
                await self.runtime.worker.drain(report)
        return report

    async def sweep(self, *, deep: bool = True) -> WorkReport:
        """Sweep everything and work it off."""
        await self.runtime.sweeps.begin(deep=deep)
        return await self.drain()

    async def open_findings(self, roots: Iterable[str]) -> dict[str, str]:
        """Return the open findings of roots: key → message."""
        found: dict[str, Finding] = {}
        for root in roots:
            found |= await self.ports.findings.findings(root)
        return {key: each.message for key, each in found.items() if each.state is FindingState.OPEN}

    async def history(self) -> list[Transition]:
        """Return the whole history, oldest first."""
        return list(await self.ports.findings.transitions(TransitionQuery(alerts_only=False)))[::-1]


def world(
    store: Path | str = ":memory:",
    lag: timedelta = timedelta(0),
    catalogue: Catalogue = CATALOGUE,
) -> World:
    """Make an empty world."""
    clock = FakeClock()
    inventory = MemoryInventory(clock, lag)
    database = Database(Path(store))
    ports = Ports(
        inventory,
        SqliteSnapshotStore(database),
        SqliteFindingStore(database, clock),
        SqliteSweepLedger(database),
        SqliteWorkQueue(database, clock),
        SqliteSetAsideStore(database),
        clock,
    )
    runtime = assemble(ports, catalogue, frozenset({SUBSCRIPTION}))
    return World(clock, inventory, ports, runtime, catalogue)


def write_event(
    resource_id: ResourceId, at: str = "2026-11-20T08:00:00Z", **data: object
) -> dict[str, object]:
    """Return the Event Grid event of a successful write."""
    return _event(resource_id, "Write", "write", at, data)


def delete_event(
    resource_id: ResourceId, at: str = "2026-11-20T08:00:00Z", **data: object
) -> dict[str, object]:
    """Return the Event Grid event of a successful delete."""
    return _event(resource_id, "Delete", "delete", at, data)


def _event(
    resource_id: ResourceId, word: str, operation: str, at: str, data: dict[str, object]
) -> dict[str, object]:
    return {
        "id": f"{resource_id.name}-{word}-{at}",
        "topic": f"/subscriptions/{resource_id.subscription}",
        "subject": resource_id.text,
        "eventType": f"Microsoft.Resources.Resource{word}Success",
        "eventTime": at,
        "dataVersion": "2",
        "metadataVersion": "1",
        "data": {
            "operationName": f"{resource_id.type}/{operation}",
            "resourceUri": resource_id.text,
            "status": "Succeeded",
            "subscriptionId": resource_id.subscription,
            **data,
        },
    }


def watch_of(told: World, *chosen: str) -> Watch:
    """Return the watch of a world; without `chosen`, over its estate and what it knows."""
    wanted = frozenset(chosen) or None
    return Watch(told.inventory, told.ports.findings, told.clock, wanted)


def judge_once(inventory: MemoryInventory) -> tuple[dict[str, str], set[str]]:
    """Judge what is really there, once: failing (key → message), and the keys that are unknown."""
    index, now = inventory.index(), inventory.now()
    return judge_snapshots(
        Snapshot(root, {each: inventory.reading(index, root, each, now) for each in _all(root)})
        for root in with_subscriptions(index.roots())
    )


async def judge_folder(folder: Path) -> tuple[dict[str, str], set[str]]:
    """Judge what is in an estate folder, once, as `judge_once` does."""
    clock = SystemClock()
    estate = EstateFolder(folder, clock)
    snapshots = []
    for subscription in await estate.subscriptions(after=clock.now()):
        listed = [each.root async for each in estate.roots(subscription)]
        for root in with_subscriptions(listed):
            readings = await estate.read(root, _all(root), after=clock.now())
            snapshots.append(Snapshot(root, readings))
    return judge_snapshots(snapshots)


def with_subscriptions(roots: Iterable[ResourceId]) -> list[ResourceId]:
    """Return the roots, and the subscriptions that they lie in, which are roots themselves."""
    listed = list(roots)
    return list({each.key: each for root in listed for each in (root, root.ancestor(0))}.values())


def _all(root: ResourceId) -> tuple[Source, ...]:
    """Return every source of a root."""
    kind = root.type.lower()
    return (*CORE_SOURCES[kind], *DEEP_SOURCES.get(kind, ()))


def judge_snapshots(snapshots: Iterable[Snapshot]) -> tuple[dict[str, str], set[str]]:
    """Return what fails in snapshots (key → message), and the keys that are unknown."""
    failing: dict[str, str] = {}
    undecided: set[str] = set()
    for snapshot in snapshots:
        for seen in evaluate(snapshot, CATALOGUE):
            key = f"{seen.control_id} {seen.resource.key}"
            if seen.judgement.verdict is Verdict.FAIL:
                failing[key] = seen.judgement.message
            elif seen.judgement.verdict is Verdict.UNKNOWN:
                undecided.add(key)
    return failing, undecided


def fold(history: Iterable[Transition]) -> set[str]:
    """Replay a history and return the findings that it leaves open; a gap or a double fails."""
    sequences: dict[str, int] = {}
    is_open: set[str] = set()
    known: set[str] = set()
    for each in history:
        assert each.sequence == sequences.get(each.root, 0) + 1, (
            "the history of a root has a gap or a double"
        )
        sequences[each.root] = each.sequence
        if each.control is None:
            continue
        key = f"{each.control} {each.resource_id.lower()}"
        match each.kind:
            case TransitionKind.OPENED | TransitionKind.BLIND_SPOT if key not in known:
                is_open.add(key)
            case TransitionKind.REOPENED | TransitionKind.BLIND_SPOT:
                assert key not in is_open, f"{key} was opened twice"
                is_open.add(key)
            case TransitionKind.RESOLVED | TransitionKind.BLIND_SPOT_CLEARED:
                assert key in is_open, f"{key} was resolved while it was not open"
                assert each.reason is not None or each.kind is not TransitionKind.RESOLVED
                is_open.discard(key)
            case (
                TransitionKind.WORSENED | TransitionKind.IMPROVED | TransitionKind.EVIDENCE_CHANGED
            ):
                assert key in is_open, f"{key} changed while it was not open"
            case _:
                raise AssertionError(f"{each.kind} of {key} is out of order")
        known.add(key)
    return is_open


def resource(resource_id: str, **body: object) -> Resource:
    """Make a resource with an ARM body."""
    parsed = ResourceId.parse(resource_id)
    return Resource(parsed, {"id": resource_id, "type": parsed.type, "name": parsed.name, **body})
