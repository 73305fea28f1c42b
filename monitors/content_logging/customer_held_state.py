"""Agents must keep their state in resources of the customer, not in stores of the service.

A project says so in one of two ways: by its capability settings (preview APIs only), or by the
capability hosts of its account and of itself.
"""

from collections.abc import Iterable
from functools import lru_cache

from shared.domain.control import AppliesTo, Control, Monitor, Parameters
from shared.domain.resource import Resource
from shared.domain.resource_id import MalformedResourceIdError, ResourceId
from shared.domain.snapshot import Snapshot
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Severity, failed, passed, unknown

SETTINGS = "properties.capabilitySettings"
SETTINGS_SINCE = "2026-07-15-preview"
STORES = {store: f"{SETTINGS}.{store}" for store in ("documentStore", "vectorStore", "blobStore")}
"""Settings that each hold the ARM id of a store, and their paths."""
CONNECTIONS = {
    name: f"properties.{name}"
    for name in ("storageConnections", "threadStorageConnections", "vectorStoreConnections")
}
"""Properties of capability hosts that each name connections to a store, and their paths."""

_GONE = frozenset({"failed", "canceled", "deleting"})
"""States (lower case) of capability hosts that are not in force."""


def evaluate(resource: Resource, snapshot: Snapshot, _parameters: Parameters) -> Judgement:
    """Judge one project."""
    settings = resource.object(SETTINGS)
    unset = [store for store, path in STORES.items() if not _is_id(resource.text(path).value)]
    seen = settings.evidence(Source.PROJECTS, f"resource ids as {', '.join(STORES)}")
    if not unset:
        return passed(
            "Agents keep their state in resources of the customer: capabilitySettings names a "
            "document store, a vector store and a blob store.",
            seen,
        )
    of_account, of_project = _hosts(resource, snapshot)
    at_account, at_project = _connected(of_account), _connected(of_project)
    # What the project leaves out, it has from the account.
    unconnected = [each for each in CONNECTIONS if each not in at_account | at_project]
    evidence = (
        seen,
        _evidence(Source.CAPABILITY_HOSTS, at_account),
        _evidence(Source.PROJECT_CAPABILITY_HOSTS, at_project),
    )
    if of_account and of_project and not unconnected:
        return passed(
            "Agents keep their state in resources of the customer: the capability hosts of "
            "account and project connect every store.",
            *evidence,
        )
    # Raise with the cause when a list is not whole: then a host may be missing from it.
    snapshot.all(Source.CAPABILITY_HOSTS)
    snapshot.all(Source.PROJECT_CAPABILITY_HOSTS)
    # The account's host is empty in a standard setup: alone it says nothing of a project.
    if not of_project and not at_account and not _shows_settings(resource):
        return unknown(Cause.UNDETERMINED, _not_shown(resource), *evidence)
    return failed(
        "Agents may keep their state in stores of the service: "
        f"{_settings_fault(resource, unset)}, and "
        f"{_hosts_fault(of_account, of_project, unconnected)}.",
        *evidence,
    )


@lru_cache(maxsize=1024)
def _is_id(text: str | None) -> bool:
    """Whether a setting names an Azure resource."""
    try:
        return bool(ResourceId.parse(text).segments)
    except MalformedResourceIdError:
        return False


def _hosts(project: Resource, snapshot: Snapshot) -> tuple[list[Resource], list[Resource]]:
    """Return the capability hosts in force of a project's account and of the project itself."""
    below = f"{project.id.key}/"
    of_account = snapshot.reading(Source.CAPABILITY_HOSTS).items
    of_project = snapshot.reading(Source.PROJECT_CAPABILITY_HOSTS).items
    return (
        [each for each in of_account if _is_in_force(each)],
        [each for each in of_project if each.id.key.startswith(below) and _is_in_force(each)],
    )


def _is_in_force(host: Resource) -> bool:
    """Whether Azure has not failed to make a host, nor is about to remove it."""
    state = host.text("properties.provisioningState").value
    return state is None or state.lower() not in _GONE


def _connected(hosts: Iterable[Resource]) -> frozenset[str]:
    """Return the properties of these hosts that name a connection."""
    return frozenset(
        name
        for host in hosts
        for name, path in CONNECTIONS.items()
        if any(isinstance(each, str) and each for each in host.list(path).value or ())
    )


def _evidence(source: Source, connected: frozenset[str]) -> Evidence:
    """Return what the capability hosts of account or project connect as evidence."""
    paths = ", ".join(CONNECTIONS)
    return Evidence(source, f"properties.[{paths}]", "a connection in each", sorted(connected))


def _shows_settings(project: Resource) -> bool:
    """Whether an answer without capability settings says that there are none."""
    if project.object(SETTINGS).observed is not None:
        return True
    version = project.api_version or ""
    return version.lower().endswith("-preview") and not project.read_before(SETTINGS_SINCE)


def _not_shown(project: Resource) -> str:
    """Say why it cannot be told where state is kept."""
    read = (
        "the input states no API version"
        if project.api_version is None
        else f"the project was read with API version {project.api_version}"
    )
    return (
        "Where agents keep their state cannot be told: no capability host says so, and of "
        f"capabilitySettings only {SETTINGS_SINCE} and later previews tell, but {read}."
    )


def _settings_fault(project: Resource, unset: list[str]) -> str:
    """Say why the capability settings do not keep state with the customer."""
    settings = project.object(SETTINGS)
    if settings.value is None:
        return f"capabilitySettings is absent{settings.wrong}"
    return f"capabilitySettings names no Azure resource as {' and '.join(unset)}"


def _hosts_fault(
    of_account: list[Resource], of_project: list[Resource], unconnected: list[str]
) -> str:
    """Say why the capability hosts do not keep state with the customer."""
    if not of_account or not of_project:
        lacking = [
            called
            for called, hosts in (("the account", of_account), ("the project", of_project))
            if not hosts
        ]
        has = "has" if len(lacking) == 1 else "have"
        return f"{' and '.join(lacking)} {has} no capability host in force"
    return f"the capability hosts name no connections as {' and '.join(unconnected)}"


MONITOR = Monitor(
    module=__name__,
    control=Control(
        requirement="Agents of a project keep their state in resources of the customer.",
        why=(
            "Agents store conversations, uploaded files and search indexes. Unless the project is "
            "set up otherwise they do so in stores that Microsoft runs for many customers, which "
            "the organisation can neither see nor lock, back up, search or delete by its own "
            "rules. With a standard setup they use its own Cosmos DB, storage account and search "
            "service, under its own keys, networks and retention. It can only be chosen when the "
            "project is made."
        ),
        fails_when=(
            "capabilitySettings does not name an Azure resource as documentStore, vectorStore and "
            "blobStore, and there are not capability hosts of both account and project that name "
            "connections as storageConnections, threadStorageConnections and "
            "vectorStoreConnections (what the project's leaves out, the account's counts)."
        ),
        severity=Severity.LOW,
        remediation=(
            (
                "Capability settings and hosts cannot be changed: make a new project with a "
                "standard agent setup, or with capabilitySettings, and move the agents."
            ),
            (
                "See what a project has: az rest --method get "
                "--url https://management.azure.com{id}?api-version=2026-07-15-preview"
            ),
            (
                "And its host: az rest --method get "
                "--url https://management.azure.com{id}/capabilityHosts?api-version=2025-12-01"
            ),
        ),
        references=(
            "https://learn.microsoft.com/azure/foundry/how-to/configure-capability-settings",
            "https://learn.microsoft.com/azure/foundry/agents/concepts/capability-hosts",
            "https://learn.microsoft.com/azure/foundry/agents/concepts/standard-agent-setup",
        ),
        limits=(
            "Whose the connected resources are, and how they are protected, is not judged here.",
            "Capability settings are in preview, and stable APIs do not show them.",
        ),
    ),
    applies_to=(AppliesTo(ResourceType.PROJECT),),
    evaluate=evaluate,
    parameters=Parameters(),
    needs=(Source.CAPABILITY_HOSTS, Source.PROJECT_CAPABILITY_HOSTS),
)
