"""The reads of one look: each source of a root once, all at the same time.

What lists need of each other (the projects whose connections are listed, the account that names a
storage account) is read once and shared; whoever needs it waits for it, and nobody else does.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from shared.adapters.azure.arm.answers import because_of, reading_of, with_problem
from shared.adapters.azure.arm.api_versions import is_preview_only
from shared.adapters.azure.arm.asking import Answer, Asker, unreadable
from shared.adapters.azure.arm.sources import OUTBOUND_RULES, WAYS, Way
from shared.domain.embedding import embed
from shared.domain.isolation_mode import MODE, IsolationMode
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import SourceReading
from shared.domain.tables import normalised
from shared.domain.topology import ROOT_TYPES, Source, sources_of

log = logging.getLogger(__name__)

T = TypeVar("T")

_WITH_NETWORKS = frozenset(
    source
    for source, ways in WAYS.items()
    if any(way.type.lower() in OUTBOUND_RULES for way in ways)
)
"""The sources that show what can have a managed network."""


class RootReads:
    """Reads sources of one root; every source is read at most once."""

    def __init__(self, root: ResourceId, asker: Asker, group: asyncio.TaskGroup) -> None:
        self.root = root
        self.asker = asker
        self._group = group
        self._tasks: dict[Source, asyncio.Task[SourceReading]] = {}
        self._root_source = ROOT_TYPES[root.type.lower()]

    def task(self, source: Source) -> asyncio.Task[SourceReading]:
        """Return the read of a source, begun now unless it was before."""
        if source not in self._tasks:
            self._tasks[source] = self._group.create_task(self._safely(source))
        return self._tasks[source]

    async def _safely(self, source: Source) -> SourceReading:
        """Read a source; a crash here is a problem of this source alone."""
        began_at = self.asker.clock.now()
        try:
            return await self._read(source)
        except Exception:
            log.exception("reading %s of %s crashed", source, self.root.key)
            problem = unreadable("the reading itself failed; the log has the traceback")
            return SourceReading(source, (), began_at, problem, complete=False)

    async def _read(self, source: Source) -> SourceReading:
        """Read a source in the way of the table."""
        kept = sources_of(self.root.type)
        ways = [way for way in WAYS[source] if way.per is None or way.per in kept]
        parts = await _all([self._answers(source, way) for way in ways])
        reading = reading_of(source, [each for part in parts for each in part], self.root)
        if source is self._root_source:
            self._learn(reading)
        return await self.with_rules(reading) if source in _WITH_NETWORKS else reading

    async def _answers(self, source: Source, way: Way) -> list[Answer]:
        """Ask once, or once for each item of the source that this one lies below."""
        if way.per is None:
            return [await self._settled(source, way, self.root)]
        owners = await self.task(way.per)
        answers = await _all([self._settled(source, way, each.id) for each in owners.items])
        # Also the answer where there is nothing to ask: what was known of the owners, and when.
        began_at = owners.read_at or self.asker.clock.now()
        words = f"the {way.per.replace('_', ' ')} could not all be read"
        return [Answer(began_at, problem=because_of(owners.problem, words)), *answers]

    async def _settled(self, source: Source, way: Way, target: ResourceId) -> Answer:
        """Ask, and find out what it means if ARM says that there is no such thing."""
        answer = await self.asker.ask(way, target)
        if not answer.absent:
            return answer
        if source is self._root_source or way.single or is_preview_only(way.version_key):
            # Where a preview is not rolled out, ARM may know its API version and not the type.
            return replace(answer, problem=None)
        owner = await self.task(self._root_source)
        if owner.problem is None and not owner.items:
            # Nothing lies below a root that does not exist.
            return replace(answer, problem=None)
        shown = f"ARM shows {target.name}" if owner.items else f"{self.root.name} cannot be read"
        said = answer.problem.detail if answer.problem else "it does not exist"
        return replace(answer, problem=unreadable(f"{shown}, and of a list below it says: {said}"))

    async def with_rules(self, reading: SourceReading) -> SourceReading:
        """Return a reading whose managed networks show their outbound rules.

        ARM lists these apart; in the answer for the network it shows some of them or none.
        """
        asked = [
            (item, OUTBOUND_RULES[item.id.type.lower()])
            for item in reading.items
            if item.id.type.lower() in OUTBOUND_RULES and _has_network(item)
        ]
        if not asked:
            return reading
        answers = await asyncio.gather(*(self.asker.ask(way, item.id) for item, way in asked))
        whole = {item.id.key: item for item in reading.items}
        for (item, _), answer in zip(asked, answers, strict=True):
            rules = reading_of(reading.source, [answer], item.id)
            whole[item.id.key] = _embedded(item, rules.items)
            reading = with_problem(
                reading, because_of(rules.problem, "its outbound rules could not be read")
            )
        return replace(reading, items=tuple(whole.values()))

    def _learn(self, reading: SourceReading) -> None:
        """Remember where the root lies: regions differ in the API versions that they have."""
        for item in reading.items:
            location = item.text("location").value
            if location:
                self.asker.versions.learn_location(self.root, normalised(location))


async def _all(reads: Sequence[Coroutine[object, None, T]]) -> list[T]:
    """Read all at the same time; one alone, as most are, needs no task of its own."""
    return [await reads[0]] if len(reads) == 1 else await asyncio.gather(*reads)


def _has_network(item: Resource) -> bool:
    """Whether a workspace or network states a managed network that is not Disabled."""
    if item.object("properties.managedNetwork").value is None:
        return False
    mode = item.text(MODE).value or ""
    return mode.lower() != IsolationMode.DISABLED.lower()


def _embedded(owner: Resource, rules: Iterable[Resource]) -> Resource:
    """Put rules into the network that they belong to."""
    for rule in rules:
        owner = embed(owner, rule)
    return owner
