"""What looks ask of the snapshot store, and what they spare it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.topology import Source
from shared.pipeline.look import Looks
from shared.pipeline.messages import LookMessage, Trigger
from shared.ports import SnapshotStore
from tests.records import ACCOUNT
from tests.unit.shared.pipeline.stub_monitors import catalogue, monitor
from tests.worlds import World, resource, world

ROOT = ResourceId.parse(ACCOUNT)


@dataclass
class Asked:
    """A snapshot store that remembers what it was asked; `recent` of each load."""

    store: SnapshotStore
    recent: list[bool] = field(default_factory=list)
    loaded: list[set[Source]] = field(default_factory=list)
    saved: list[set[Source]] = field(default_factory=list)

    async def load(
        self, root: ResourceId, sources: Collection[Source], *, recent: bool = False
    ) -> Mapping[Source, SourceReading]:
        """Load readings."""
        self.recent.append(recent)
        self.loaded.append({*sources})
        return await self.store.load(root, sources, recent=recent)

    async def save(self, root: ResourceId, readings: Collection[SourceReading]) -> None:
        """Save readings."""
        self.saved.append({each.source for each in readings})
        await self.store.save(root, readings)


def body(access: str) -> Resource:
    """Return the account with this access from the Internet."""
    kind = {"id": ACCOUNT, "kind": "OpenAI", "sku": {"name": "S0"}}
    return Resource(ROOT, {**kind, "properties": {"publicNetworkAccess": access}})


def worker(here: World) -> tuple[Looks, Asked]:
    """Return another worker on the same world, with what it asks."""
    asked = Asked(here.ports.snapshots)
    looks = replace(
        world(catalogue=here.catalogue).runtime.looks,
        inventory=here.inventory,
        snapshots=asked,
        findings=here.ports.findings,
        queue=here.ports.queue,
        clock=here.clock,
        watch=here.runtime.looks.watch,
    )
    return looks, asked


async def look(looks: Looks, here: World, *sources: Source) -> None:
    """Look as after a change."""
    await looks.look(LookMessage(ROOT.text, here.clock.now(), Trigger.CHANGE, sources=sources))


async def test_what_is_as_it_was_is_not_stored_again() -> None:
    """Unless a deep source was read, whose time says how old it may become."""
    here = world()
    here.inventory.put(body("Disabled"))
    looks, asked = worker(here)
    await look(looks, here)
    first = len(asked.saved)

    await look(looks, here)
    assert len(asked.saved) == first

    await look(looks, here, Source.DIAGNOSTIC_SETTINGS)
    assert Source.DIAGNOSTIC_SETTINGS in asked.saved[first]

    here.inventory.put(body("Enabled"))
    await look(looks, here)
    assert len(asked.saved) == first + 2


async def test_what_another_worker_stored_is_read_after_its_commit() -> None:
    """What this one remembers will do only while the last commit is its own."""
    here = world()
    here.inventory.put(body("Disabled"))
    (ours, asked), (other, _) = worker(here), worker(here)
    await look(ours, here)
    await look(ours, here)
    assert asked.recent == [False, True]

    await look(other, here)
    await look(ours, here)
    assert asked.recent == [False, True, False]


async def test_of_what_was_there_before_only_what_decided_is_read() -> None:
    """What an opened control judges by: a root can have thousands of deployments."""
    needing = replace(monitor(), needs=(Source.RAI_POLICIES,))
    here = world(catalogue=catalogue(needing))
    looks, asked = worker(here)
    for state in ("good", "bad"):
        here.inventory.put(resource(ACCOUNT, properties={"state": state}))
        await look(looks, here)

    assert asked.loaded[-1] == {Source.ACCOUNT, Source.RAI_POLICIES}
