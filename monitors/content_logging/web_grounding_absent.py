"""Nothing may be connected to a web search service.

Agents send what they make of a prompt to a search service through a connection of the account, the
project or the workspace.
"""

from functools import cached_property
from typing import Annotated

from pydantic import StringConstraints

from shared.domain.connections import CATEGORY, TARGET, connections_of
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.host_name import Domain, host_of, is_under
from shared.domain.listing import listed
from shared.domain.resource import Resource
from shared.domain.snapshot import Snapshot
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import (
    Cause,
    Evidence,
    Judgement,
    Severity,
    UndecidableError,
    failed,
    passed,
)

SINCE = "2025-12-01"
"""The first API version that shows the categories of web grounding."""

Name = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class GroundingParameters(Parameters):
    """Which connections lead to a web search service."""

    categories: tuple[Name, ...] = (
        "GroundingWithBingSearch",
        "GroundingWithCustomSearch",
        "BingLLMSearch",
        "Serp",
    )
    """Categories of connections, in any case."""
    hosts: tuple[Domain, ...] = ("api.bing.microsoft.com", "api.microsoft.ai")
    """Hosts of search services, with all hosts below them: a connection to one counts whatever its
    category. Bing is often connected with the category ApiKey, Microsoft Web IQ with RemoteTool."""

    @cached_property
    def lower_categories(self) -> frozenset[str]:
        """The categories in lower case."""
        return frozenset(category.lower() for category in self.categories)

    @cached_property
    def domains(self) -> frozenset[str]:
        """The hosts, to look up in."""
        return frozenset(self.hosts)

    @cached_property
    def words(self) -> str:
        """What is wanted, for evidence."""
        nothing = "nothing"
        return (
            f"no connection of the category {', '.join(self.categories) or nothing}, "
            f"and none to {', '.join(self.hosts) or nothing}"
        )


def evaluate(resource: Resource, snapshot: Snapshot, parameters: GroundingParameters) -> Judgement:
    """Judge one account, project or workspace."""
    connections = connections_of(resource, snapshot)
    items, problem, called = connections.items, connections.problem, _CALLED[connections.source]
    found = sorted(
        f"{each.id.name} ({fault})" for each in items if (fault := _fault(each, parameters))
    )
    seen = Evidence(connections.source, CATEGORY, parameters.words, found)
    if found:
        ways = "a connection" if len(found) == 1 else f"{len(found)} connections"
        return failed(
            f"Prompts can go to a web search service through {ways} of the {called}: "
            f"{listed(found)}.",
            seen,
        )
    if problem is not None:
        message = f"the connections could not be read: {problem.detail}"
        raise UndecidableError(problem.cause, message)
    for connection in items:
        _refuse_unclear(connection)
    if items:
        message = f"No connection of the {called} leads to a web search service."
        return passed(message, seen)
    return passed(f"The {called} has no connections.", seen)


_CALLED = {
    Source.CONNECTIONS: "account",
    Source.PROJECT_CONNECTIONS: "project",
    Source.WORKSPACE_CONNECTIONS: "workspace",
}
"""What messages call the owner of connections, by the source that shows them."""


def _fault(connection: Resource, parameters: GroundingParameters) -> str:
    """Say what makes a connection one to a search service, or nothing."""
    category = connection.text(CATEGORY)
    if (category.value or "").lower() in parameters.lower_categories:
        return f"category {category.value}"
    target = connection.text(TARGET).value
    host = host_of(target) if target else None
    if host is not None and is_under(host, parameters.domains):
        return f"category {category.shown('absent')} to {host}"
    return ""


def _refuse_unclear(connection: Resource) -> None:
    """Raise for a connection of which it cannot be told what it leads to.

    Raises:
        UndecidableError: it was read with too old an API, or states no category.
    """
    if connection.read_before(SINCE):
        message = (
            f"the connection {connection.id.name} was read with API version "
            f"{connection.api_version}, and only {SINCE} and later show every category"
        )
        raise UndecidableError(Cause.UNDETERMINED, message)
    category = connection.text(CATEGORY)
    if not category.value:
        message = f"the connection {connection.id.name} states no category{category.wrong}"
        raise UndecidableError(Cause.UNDETERMINED, message)


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Accounts, projects and workspaces have no connection to web search.",
        why=(
            "Through a connection to Grounding with Bing, or to another search service, an agent "
            "sends search queries made from the user's prompt to that service. Microsoft says that "
            "its Data Protection Addendum does not apply to Grounding with Bing, and that data "
            "flows outside the compliance and geography boundary; private endpoints do not hold "
            "it back. Whoever may make connections can add one."
        ),
        fails_when=(
            "A connection of the account, of the project or of the workspace has a category of "
            "categories, or a target at one of hosts."
        ),
        severity=Severity.HIGH,
        remediation=(
            "Remove the search tool from the agents that use the connection.",
            (
                "Then delete it: az resource delete --ids {id}/connections/CONNECTION "
                "--api-version 2025-12-01"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/foundry/agents/how-to/tools/web-overview",
            "https://learn.microsoft.com/azure/foundry/agents/how-to/tools/bing-tools",
            "https://learn.microsoft.com/azure/foundry/openai/how-to/web-search",
        ),
        limits=(
            "The tool web_search needs no connection: web_search_blocked judges that.",
            "A search service behind a connection of another category and host is not seen.",
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),
        AppliesTo(ResourceType.PROJECT),
        AppliesTo(ResourceType.WORKSPACE),
    ),
    evaluate=evaluate,
    parameters=GroundingParameters(),
    needs=(Source.CONNECTIONS, Source.PROJECT_CONNECTIONS, Source.WORKSPACE_CONNECTIONS),
)
