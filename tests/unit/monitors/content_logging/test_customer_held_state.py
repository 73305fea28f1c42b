"""content_logging.customer_held_state."""

from collections.abc import Mapping

import pytest

from monitors.content_logging.customer_held_state import MONITOR
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, Problem
from shared.domain.topology import ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import ACCOUNT_ID, FORBIDDEN, GROUP, judge, read_with, resource

PROJECT_ID = f"{ACCOUNT_ID}/projects/agents"
COSMOS = f"{GROUP}/providers/Microsoft.DocumentDB/databaseAccounts/state"
SEARCH = f"{GROUP}/providers/Microsoft.Search/searchServices/vectors"
BLOBS = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/files"
SETTINGS = {"documentStore": COSMOS, "vectorStore": SEARCH, "blobStore": BLOBS}
CONNECTED = {
    "storageConnections": ["files"],
    "threadStorageConnections": ["state"],
    "vectorStoreConnections": ["vectors"],
}
NAMES = list(CONNECTED)
PATH = f"properties.[{', '.join(NAMES)}]"
NEW, STABLE = "2026-09-15-preview", "2026-09-01"
MAY = "Agents may keep their state in stores of the service: "


def project(settings: object = None, *, version: str | None = NEW) -> Resource:
    """Return a project as an API of this version shows it."""
    found = resource(PROJECT_ID, properties={"capabilitySettings": settings})
    return found if version is None else read_with(version, found)


def account_host(**properties: object) -> Resource:
    """Return the capability host of the account."""
    return resource(f"{ACCOUNT_ID}/capabilityHosts/host", properties=properties)


def project_host(properties: Mapping[str, object], owner: str = PROJECT_ID) -> Resource:
    """Return the capability host of a project."""
    return resource(f"{owner}/capabilityHosts/host", properties=properties)


@pytest.mark.parametrize("version", [NEW, "2026-07-15-preview", STABLE, None])
def test_passes_with_capability_settings(version: str | None) -> None:
    """All three stores are resources of the customer; the hosts do not matter then."""
    judged = project(SETTINGS, version=version)
    problems = {Source.CAPABILITY_HOSTS: FORBIDDEN, Source.PROJECT_CAPABILITY_HOSTS: FORBIDDEN}

    assert judge(MONITOR, judged, problems=problems) == Judgement(
        Verdict.PASS,
        "Agents keep their state in resources of the customer: capabilitySettings names a "
        "document store, a vector store and a blob store.",
        (
            Evidence(
                Source.PROJECTS,
                "properties.capabilitySettings",
                "resource ids as documentStore, vectorStore, blobStore",
                SETTINGS,
            ),
        ),
    )


@pytest.mark.parametrize(
    ("of_account", "of_project"),
    [
        (CONNECTED, CONNECTED),
        ({"capabilityHostKind": "Agents"}, CONNECTED),
        (CONNECTED, {"threadStorageConnections": ["own"], "storageConnections": []}),
    ],
)
@pytest.mark.parametrize("version", [NEW, STABLE, None])
def test_passes_with_capability_hosts_that_connect_everything(
    of_account: Mapping[str, object], of_project: Mapping[str, object], version: str | None
) -> None:
    """Both must be there; the project has from the account's what its own leaves out."""
    hosts = (account_host(**of_account), project_host(of_project))
    judgement = judge(MONITOR, project(version=version), *hosts)
    at_account, at_project = (
        sorted(name for name in NAMES if host.list(f"properties.{name}").value) for host in hosts
    )

    assert judgement.verdict is Verdict.PASS
    assert judgement.message.endswith(
        ": the capability hosts of account and project connect every store."
    )
    assert judgement.evidence[1:] == (
        Evidence(Source.CAPABILITY_HOSTS, PATH, "a connection in each", at_account),
        Evidence(Source.PROJECT_CAPABILITY_HOSTS, PATH, "a connection in each", at_project),
    )


@pytest.mark.parametrize("store", list(SETTINGS))
@pytest.mark.parametrize("value", [None, "", 5, "state", "/subscriptions/s"])
def test_fails_when_a_store_is_not_set(store: str, value: object) -> None:
    """One store of the service is enough; what is no id of a resource is none."""
    judgement = judge(MONITOR, project({**SETTINGS, store: value}, version=None))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        f"{MAY}capabilitySettings names no Azure resource as {store}, and the account and the "
        "project have no capability host in force."
    )


@pytest.mark.parametrize("missing", NAMES)
@pytest.mark.parametrize("value", [None, [], "files", [""], [5]])
def test_fails_when_no_host_connects_a_store(missing: str, value: object) -> None:
    """Neither the project's nor the account's; stable APIs show as much."""
    lists = {**CONNECTED, missing: value}
    judgement = judge(MONITOR, project(version=STABLE), account_host(**lists), project_host(lists))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        f"{MAY}capabilitySettings is absent, and the capability hosts name no connections as "
        f"{missing}."
    )


@pytest.mark.parametrize(
    ("hosts", "words"),
    [
        ((account_host(**CONNECTED),), "the project has"),
        ((project_host(CONNECTED),), "the account has"),
        ((), "the account and the project have"),
        (
            (account_host(**CONNECTED), project_host(CONNECTED, f"{PROJECT_ID}-2")),
            "the project has",
        ),
        (
            (account_host(), project_host({**CONNECTED, "provisioningState": "FAILED"})),
            "the project has",
        ),
    ],
)
def test_fails_without_both_capability_hosts(hosts: tuple[Resource, ...], words: str) -> None:
    """One of another project is not the project's, and one that failed is none."""
    judgement = judge(MONITOR, project(), *hosts)

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == (
        f"{MAY}capabilitySettings is absent, and {words} no capability host in force."
    )


def test_says_when_the_settings_are_no_object() -> None:
    """A value of the wrong type counts as absent, and the message says so."""
    judgement = judge(MONITOR, project([COSMOS], version=None))

    assert judgement.verdict is Verdict.FAIL
    assert (
        "capabilitySettings is absent (capabilitySettings is a list, not an object, and counts as "
        "absent), and"
    ) in judgement.message


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (None, "but the input states no API version."),
        (STABLE, "but the project was read with API version 2026-09-01."),
        ("2026-05-15-preview", "but the project was read with API version 2026-05-15-preview."),
    ],
)
@pytest.mark.parametrize("hosts", [(), (account_host(capabilityHostKind="Agents"),)])
def test_is_unknown_when_the_settings_may_be_there(
    version: str | None, words: str, hosts: tuple[Resource, ...]
) -> None:
    """No stable API shows them, and an empty host of the account says nothing of a project."""
    judgement = judge(MONITOR, project(version=version), *hosts)

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judgement.message.startswith("Where agents keep their state cannot be told: ")
    assert judgement.message.endswith(words)


@pytest.mark.parametrize("hosts", [(account_host(**CONNECTED),), (project_host({}),)])
def test_fails_by_a_host_even_if_the_settings_may_be_there(hosts: tuple[Resource, ...]) -> None:
    """A host that says something, and does not say enough."""
    assert judge(MONITOR, project(version=STABLE), *hosts).verdict is Verdict.FAIL


@pytest.mark.parametrize("source", [Source.CAPABILITY_HOSTS, Source.PROJECT_CAPABILITY_HOSTS])
@pytest.mark.parametrize(
    ("problem", "cause"), [(FORBIDDEN, Cause.UNREADABLE), (NOT_IN_INPUT, Cause.UNDETERMINED)]
)
def test_is_unknown_when_the_hosts_are_not_all_read(
    source: Source, problem: Problem, cause: Cause
) -> None:
    """Unless those that were read are enough."""
    enough = (account_host(), project_host(CONNECTED))
    unread = judge(MONITOR, project(), problems={source: problem})
    read = judge(MONITOR, project(), *enough, problems={source: problem})

    assert (unread.verdict, unread.cause) == (Verdict.UNKNOWN, cause)
    assert read.verdict is Verdict.PASS


def test_case_does_not_matter() -> None:
    """Neither in ids nor in states."""
    shouted = {store: text.upper() for store, text in SETTINGS.items()}
    hosts = (
        account_host(),
        project_host({**CONNECTED, "provisioningState": "succeeded"}, PROJECT_ID.upper()),
    )

    assert judge(MONITOR, project(shouted)).verdict is Verdict.PASS
    assert judge(MONITOR, project(), *hosts).verdict is Verdict.PASS


def test_applies_to_projects() -> None:
    """Agents belong to projects."""
    assert MONITOR.applies_to == (AppliesTo(ResourceType.PROJECT),)
    assert MONITOR.needs == (Source.CAPABILITY_HOSTS, Source.PROJECT_CAPABILITY_HOSTS)
