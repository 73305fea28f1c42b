"""Which roots there are: what Resource Graph finds, and what the list of accounts shows.

Resource Graph finds roots of every type but lags behind by minutes; the list of a subscription's
accounts is current and brings their bodies. Each shows what the other misses.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from shared.adapters.azure.arm.answers import reading_of
from shared.adapters.azure.arm.asking import Answer, Asker, is_unregistered, is_unseen, unreadable
from shared.adapters.azure.arm.problems import ArmError
from shared.adapters.azure.arm.resource_graph import ResourceGraph, quoted
from shared.adapters.azure.arm.sources import ROOT_LISTS, WAYS
from shared.domain.resource_id import MalformedResourceIdError, ResourceId
from shared.domain.snapshot import Problem, SourceReading
from shared.domain.tables import normalised
from shared.domain.topology import ROOT_TYPES, Source
from shared.ports import Listed, PortError

NOT_SEEN = "the subscription does not exist, or may not be seen"
_OF_OUR_TYPES = f"type in~ ({', '.join(map(quoted, ROOT_LISTS))})"


@dataclass(frozen=True, slots=True)
class Listing:
    """Lists roots, and the subscriptions that hold one."""

    asker: Asker
    graph: ResourceGraph

    async def roots(self, subscription: str) -> AsyncIterator[Listed]:
        """List the roots of a subscription once each, accounts with their bodies.

        Of an account only its key is kept: bodies are gone as soon as they are taken.

        Raises:
            PortError: a part could not be listed; whatever could was listed before.
        """
        itself = ResourceId.parse(f"/subscriptions/{subscription}")
        given: set[str] = set()
        failures: list[str] = []
        for part in (self._accounts(itself, failures), self._found(itself, failures)):
            async for listed in part:
                if listed.root.key not in given:
                    given.add(listed.root.key)
                    yield listed
        if failures:
            raise PortError(
                f"the roots of subscription {subscription} could not all be listed: "
                + "; ".join(dict.fromkeys(failures))
            )

    async def _accounts(self, itself: ResourceId, failures: list[str]) -> AsyncIterator[Listed]:
        """Go through the list of accounts; what fails is told in `failures`."""
        (way,) = WAYS[Source.ACCOUNTS]
        try:
            async for page, version in self.asker.pages(way, itself):
                answer = Answer(page.began_at, page.items, version)
                whole = reading_of(Source.ACCOUNT, [answer], itself)
                if whole.problem is not None:
                    failures.append(_told("the list of accounts", whole.problem))
                for item in whole.items:
                    self._learn(item.id, item.body.get("location"))
                    reading = SourceReading(
                        Source.ACCOUNT, (item,), page.began_at, api_version=version
                    )
                    yield Listed(item.id, reading)
        except ArmError as error:
            if is_unregistered(error):
                return
            # ARM says so of a subscription too that this identity may not see at all.
            told = f"{NOT_SEEN}: see that the id is right, and that the identity has a role in it"
            failures.append(
                told if is_unseen(error) else _told("the list of accounts", error.problem)
            )

    async def _found(self, itself: ResourceId, failures: list[str]) -> AsyncIterator[Listed]:
        """Go through what Resource Graph finds; what fails is told in `failures`."""
        try:
            async for row in self.graph.rows(_roots_of(itself), [itself.subscription]):
                found = self._root_in(row, itself)
                if isinstance(found, Problem):
                    failures.append(_told("Resource Graph", found))
                else:
                    yield Listed(found)
        except ArmError as error:
            failures.append(_told("Resource Graph", error.problem))

    def _root_in(self, row: Mapping[str, object], itself: ResourceId) -> ResourceId | Problem:
        """Return the root that a row of Resource Graph shows, or why it cannot be used."""
        try:
            root = ResourceId.parse(row.get("id"))
        except MalformedResourceIdError as error:
            return unreadable(f"it shows a resource whose id cannot be used: it {error}")
        if root.type.lower() not in ROOT_TYPES or not root.is_within(itself):
            return unreadable(f"it shows {root.text}, which was not asked for")
        self._learn(root, row.get("location"))
        return root

    def _learn(self, root: ResourceId, location: object) -> None:
        """Remember where a root lies: regions differ in the API versions that they have."""
        if isinstance(location, str) and location:
            self.asker.versions.learn_location(root, normalised(location))

    async def subscriptions(self) -> frozenset[str]:
        """Return the subscriptions (lower case) in which Resource Graph finds a root.

        Raises:
            PortError: it could not be asked.
        """
        query = f"resources | where {_OF_OUR_TYPES} | summarize count() by subscriptionId"
        try:
            rows = [row async for row in self.graph.rows(query)]
        except ArmError as error:
            told = _told("Resource Graph", error.problem)
            raise PortError(f"the subscriptions could not be listed: {told}") from error
        found = [row.get("subscriptionId") for row in rows]
        named = frozenset(each.lower() for each in found if isinstance(each, str) and each)
        if not all(isinstance(each, str) and each for each in found):
            raise PortError(
                "the subscriptions could not be listed: Resource Graph leaves out an id"
            )
        return named


def _roots_of(subscription: ResourceId) -> str:
    """Return the query for the roots of a subscription."""
    return (
        f"resources | where subscriptionId =~ {quoted(subscription.subscription)}"
        f" and {_OF_OUR_TYPES} | project id, location | order by id asc"
    )


def _told(what: str, problem: Problem) -> str:
    """Say what failed and why."""
    return f"{what}: {problem.detail}"
