"""Connections may lead only to approved domains: agents and models can send data there."""

from functools import cached_property
from typing import Annotated

from pydantic import StringConstraints

from shared.domain.connections import CATEGORY, TARGET, connections_of
from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.host_name import Domain, host_of, is_under
from shared.domain.listing import MOST_NAMED, listed
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
"""Older APIs do not know the categories of tools, agents and model gateways."""


Category = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class TargetParameters(Parameters):
    """Where connections may lead."""

    categories: tuple[Category, ...] = (
        "RemoteTool",
        "RemoteA2A",
        "ModelGateway",
        "ApiManagement",
        "OpenAI",
        "Serverless",
        "GenericRest",
        "GenericHttp",
        "ApiKey",
        "CustomKeys",
        "Git",
    )
    """Categories of connections that are judged, in any case. One that states no category is
    judged too."""
    domains: tuple[Domain, ...] = ("azure.com", "windows.net", "azure-api.net")
    """Approved domains, with all hosts below them. Add the organisation's own."""

    @cached_property
    def judged(self) -> frozenset[str]:
        """The categories in lower case."""
        return frozenset(each.lower() for each in self.categories)

    @cached_property
    def approved(self) -> frozenset[str]:
        """The domains, to look up."""
        return frozenset(self.domains)

    @cached_property
    def words(self) -> str:
        """What is wanted, for evidence."""
        return f"a host under {', '.join(self.domains) or 'no domain'}"


def evaluate(resource: Resource, snapshot: Snapshot, parameters: TargetParameters) -> Judgement:
    """Judge one account, project or workspace."""
    connections = connections_of(resource, snapshot)
    judged = [each for each in connections.items if _is_judged(each, parameters)]
    astray = [each for each in judged if not _is_approved(each, parameters)]
    if astray:
        astray.sort(key=lambda each: each.id.key)
        lead = "1 connection leads" if len(astray) == 1 else f"{len(astray)} connections lead"
        found = listed([f"{each.id.name} {_destination(each)}" for each in astray])
        return failed(
            f"{lead} outside the approved domains: {found}.",
            *(_evidence(each, connections.source, parameters) for each in astray[:MOST_NAMED]),
        )
    if connections.problem is not None:
        message = f"the connections could not be read: {connections.problem.detail}"
        raise UndecidableError(connections.problem.cause, message)
    if any(each.read_before(SINCE) for each in connections.items):
        message = f"API versions before {SINCE} do not show every category of connections"
        raise UndecidableError(Cause.UNDETERMINED, message)
    if not judged:
        return passed("No connection is of a category that is judged.")
    shown = sorted(judged, key=lambda each: each.id.key)[:MOST_NAMED]
    return passed(
        "Every connection leads to an approved domain.",
        *(_evidence(each, connections.source, parameters) for each in shown),
    )


def _is_judged(connection: Resource, parameters: TargetParameters) -> bool:
    """Whether a connection is of a judged category, or may be."""
    category = connection.text(CATEGORY).value
    return not category or category.lower() in parameters.judged


def _host(connection: Resource) -> str | None:
    """Return the host that a connection leads to."""
    target = connection.text(TARGET).value
    return None if target is None else host_of(target)


def _is_approved(connection: Resource, parameters: TargetParameters) -> bool:
    """Whether a connection leads to an approved domain."""
    host = _host(connection)
    return host is not None and is_under(host, parameters.approved)


def _destination(connection: Resource) -> str:
    """Return where a connection leads, for a message; never the target itself."""
    host = _host(connection)
    if host is not None:
        return f"({connection.text(CATEGORY).shown('no category')} to {host})"
    target = connection.text(TARGET)
    if target.value:
        return "(its target names no host)"
    return target.wrong.strip() or "(no target)"


def _evidence(connection: Resource, source: Source, parameters: TargetParameters) -> Evidence:
    """Return the host of a connection as evidence: the target may hold a key."""
    path = f"[name={connection.id.name}].{TARGET}"
    return Evidence(source, path, parameters.words, _host(connection))


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Connections to tools, agents, models and services lead to approved domains.",
        why=(
            "A connection lets agents, models and jobs of an account, project or workspace call "
            "something else: a tool server, another agent, a model of another provider, any web "
            "service. What they send there, prompts and data included, is out of the "
            "organisation's hands. Whoever can write connections chooses the address, and no "
            "network rule of the account looks at it."
        ),
        fails_when=(
            "A connection of one of categories (or without a category) has a target whose host is "
            "under none of domains, or that is absent or names no host. Hosts below a domain are "
            "under it."
        ),
        severity=Severity.MEDIUM,
        remediation=(
            (
                "See where they lead. An account: az cognitiveservices account connection list "
                "--subscription {subscription} --resource-group {resource_group} --name {root}"
            ),
            (
                "A project: az cognitiveservices account project connection list "
                "--subscription {subscription} --resource-group {resource_group} --name {root} "
                "--project-name {name}"
            ),
            (
                "A workspace: az ml connection list --subscription {subscription} "
                "--resource-group {resource_group} --workspace-name {root}"
            ),
            (
                "Delete one that nobody approved: az resource delete "
                "--ids {id}/connections/CONNECTION --api-version 2025-12-01"
            ),
            "Add a domain that is approved to the parameter domains.",
        ),
        references=(
            "https://learn.microsoft.com/azure/ai-foundry/how-to/connections-add",
            "https://learn.microsoft.com/azure/foundry/agents/how-to/tools/model-context-protocol",
        ),
        limits=(
            (
                "azure.com and windows.net hold services of every Azure customer: that a host is "
                "under them does not say whose it is. Name narrower domains where that matters."
            ),
            "An agent can be given an address without any connection; no ARM property shows it.",
        ),
    ),
    applies_to=(
        AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),
        AppliesTo(ResourceType.PROJECT),
        AppliesTo(ResourceType.WORKSPACE),
    ),
    evaluate=evaluate,
    parameters=TargetParameters(),
    needs=(Source.CONNECTIONS, Source.PROJECT_CONNECTIONS, Source.WORKSPACE_CONNECTIONS),
)
