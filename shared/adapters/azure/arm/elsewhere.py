"""Sources that do not lie below their root: hubs, what is referenced, models, management groups."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from shared.adapters.azure.arm.answers import because_of, folded, reading_of, with_problem
from shared.adapters.azure.arm.asking import Answer, Asker, unreadable
from shared.adapters.azure.arm.problems import ArmError
from shared.adapters.azure.arm.resource_graph import ResourceGraph, quoted
from shared.adapters.azure.arm.root_reads import RootReads
from shared.adapters.azure.arm.sources import MODELS, REFERENCED, WAYS
from shared.domain.references import referenced_ids, referenced_root
from shared.domain.resource import Resource
from shared.domain.resource_id import ResourceId
from shared.domain.snapshot import Problem, SourceReading
from shared.domain.tables import normalised
from shared.domain.topology import AI_KINDS, COGNITIVE_SERVICES, ResourceType, Source
from shared.domain.verdict import Cause

_KEPT = ("format", "name", "version", "lifecycleStatus", "deprecation")
"""What is kept of a model; the rest, its capabilities and SKUs, is long."""
_NOWHERE = "global"
"""The location of accounts that lie in no region."""


class EveryRead(RootReads):
    """Reads every source of a root, wherever it lies."""

    def __init__(
        self, root: ResourceId, asker: Asker, group: asyncio.TaskGroup, graph: ResourceGraph
    ) -> None:
        super().__init__(root, asker, group)
        self._graph = graph

    async def _read(self, source: Source) -> SourceReading:
        """Read a source."""
        match source:
            case Source.HUB:
                return await self._hub()
            case Source.REFERENCED:
                return await self._referenced()
            case Source.MODELS:
                return await self._models()
            case Source.MANAGEMENT_GROUPS:
                return await self._management_groups()
            case _:
                return await super()._read(source)

    async def _hub(self) -> SourceReading:
        """Read the hub that a project workspace names; it can lie in any subscription."""
        owner = await self.task(Source.WORKSPACE)
        if not owner.items:
            problem = because_of(owner.problem, "the workspace that names it could not be read")
            return SourceReading(
                Source.HUB, (), owner.read_at, problem, complete=owner.problem is None
            )
        named = owner.items[0].text("properties.hubResourceId")
        if named.observed is None:
            return SourceReading(Source.HUB, (), owner.read_at)
        # What is no text names a hub as well, one that nobody can read.
        hub = referenced_root(named.value)
        if hub is None or hub.type.lower() != ResourceType.WORKSPACE.lower():
            problem = unreadable("what the project names as its hub is no workspace")
            return SourceReading(Source.HUB, (), owner.read_at, problem, complete=False)
        (way,) = WAYS[Source.WORKSPACE]
        answer = await self.asker.ask(way, hub)
        reading = await self.with_rules(reading_of(Source.HUB, [answer], hub))
        # What it shows is only the hub since the project named it.
        return replace(reading, read_at=owner.read_at)

    async def _referenced(self) -> SourceReading:
        """Read what the account and its deployments name elsewhere."""
        owners = await asyncio.gather(self.task(Source.ACCOUNT), self.task(Source.DEPLOYMENTS))
        named = referenced_ids(item for owner in owners for item in owner.items)
        parts = await asyncio.gather(*map(self._one_referenced, named.values()))
        problems = [
            because_of(each.problem, f"the {each.source} that name it could not all be read")
            for each in owners
        ]
        problem = folded(each for each in [*problems, *(p.problem for p in parts)] if each)
        return SourceReading(
            Source.REFERENCED,
            tuple(item for part in parts for item in part.items),
            min((each.read_at for each in owners if each.read_at is not None), default=None),
            problem,
            complete=problem is None,
            api_version=min((each.api_version for each in parts if each.api_version), default=None),
        )

    async def _one_referenced(self, named: ResourceId) -> SourceReading:
        """Read one resource elsewhere; one that does not exist is a problem, as a hub is."""
        way = REFERENCED.get(named.type.lower())
        if way is None:
            problem = Problem(Cause.UNDETERMINED, f"nothing of type {named.type} is read")
            return SourceReading(Source.REFERENCED, problem=problem, complete=False)
        reading = reading_of(Source.REFERENCED, [await self.asker.ask(way, named)], named)
        return replace(reading, problem=because_of(reading.problem, named.text))

    async def _models(self) -> SourceReading:
        """Read what models there are wherever the subscription has AI accounts."""
        accounts = await self.task(Source.ACCOUNTS)
        places = {
            normalised(each.text("location").value or _NOWHERE)
            for each in accounts.items
            if (each.kind or "").lower() in AI_KINDS
        }
        asked = [self._models_of(place) for place in sorted(places - {_NOWHERE})]
        answers = await asyncio.gather(*asked)
        began_at = accounts.read_at or self.asker.clock.now()
        reading = reading_of(Source.MODELS, [Answer(began_at), *answers], self.root)
        words = "the accounts could not all be read"
        return with_problem(reading, because_of(accounts.problem, words))

    async def _models_of(self, place: str) -> Answer:
        """Read the models of a location, each with an id of our making."""
        answer = await self.asker.ask(MODELS, self.root, place)
        items = tuple(_with_id(self.root, place, each) for each in answer.items)
        return replace(answer, items=items)

    async def _management_groups(self) -> SourceReading:
        """Ask Resource Graph for the subscription with the groups above it."""
        source, began_at = Source.MANAGEMENT_GROUPS, self.asker.clock.now()
        query = (
            "resourcecontainers | where type =~ 'microsoft.resources/subscriptions'"
            f" and subscriptionId =~ {quoted(self.root.subscription)}"
            " | project id, name, type, tenantId, properties"
        )
        try:
            rows = [row async for row in self._graph.rows(query, [self.root.subscription])]
        except ArmError as error:
            return SourceReading(source, (), began_at, error.problem, complete=False)
        if not rows:
            problem = Problem(Cause.UNDETERMINED, "Resource Graph does not show the subscription")
            return SourceReading(source, (), began_at, problem, complete=False)
        items = tuple(Resource(self.root, row) for row in rows[:1])
        return SourceReading(source, items, began_at)


def _with_id(
    subscription: ResourceId, place: str, listed: Mapping[str, object]
) -> Mapping[str, object]:
    """Return what is kept of a listed model, as a resource below its location."""
    told = listed.get("model")
    model = {key: told[key] for key in _KEPT if key in told} if isinstance(told, dict) else {}
    parts = (listed.get("kind"), *(model.get(key) for key in ("format", "name", "version")))
    name = ":".join(quote(str(part or ""), safe="") for part in parts)
    kind = f"{COGNITIVE_SERVICES}/locations/models"
    above = f"{subscription.text}/providers/{COGNITIVE_SERVICES}/locations/{place}"
    return {
        "id": f"{above}/models/{name}",
        "type": kind,
        "name": name,
        "kind": listed.get("kind"),
        "location": place,
        "model": model,
    }
