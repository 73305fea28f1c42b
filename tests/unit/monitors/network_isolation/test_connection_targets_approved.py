"""network_isolation.connection_targets_approved."""

import pytest
from pydantic import ValidationError

from monitors.network_isolation.connection_targets_approved import MONITOR, TargetParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, NOT_READ, Problem
from shared.domain.topology import AI_KINDS, ResourceType, Source
from shared.domain.verdict import Cause, Evidence, Judgement, Verdict
from tests.arm import (
    ACCOUNT_ID,
    FORBIDDEN,
    WORKSPACE_ID,
    account,
    judge,
    read_with,
    resource,
    workspace,
)

WANTED = "a host under azure.com, windows.net, azure-api.net"
PROJECT = resource(f"{ACCOUNT_ID}/projects/alpha")


def connection(
    target: object = "https://mcp.evil.example/sse?code=hunter2",
    category: object = "RemoteTool",
    *,
    name: str = "docs",
    owner: str = ACCOUNT_ID,
    **properties: object,
) -> Resource:
    """Return a connection that holds a key, of an account unless another owner is named."""
    stated = {
        "category": category,
        "target": target,
        "authType": "CustomKeys",
        "credentials": {"keys": {"key": "hunter2"}},
        **properties,
    }
    return resource(f"{owner}/connections/{name}", properties=stated)


def path(name: str) -> str:
    """Return the path that evidence shows."""
    return f"[name={name}].properties.target"


@pytest.mark.parametrize(
    ("owner", "owner_id", "source"),
    [
        (account(), ACCOUNT_ID, Source.CONNECTIONS),
        (account(kind="AIServices"), ACCOUNT_ID, Source.CONNECTIONS),
        (PROJECT, f"{ACCOUNT_ID}/projects/alpha", Source.PROJECT_CONNECTIONS),
        (workspace(), WORKSPACE_ID, Source.WORKSPACE_CONNECTIONS),
    ],
)
def test_a_connection_must_lead_to_an_approved_domain(
    owner: Resource, owner_id: str, source: Source
) -> None:
    """Accounts, projects and workspaces are judged by their own connections; keys are not shown."""
    good = connection("https://acct.openai.azure.com/", "OpenAI", owner=owner_id)
    bad = connection(owner=owner_id)

    assert judge(MONITOR, owner, good) == Judgement(
        Verdict.PASS,
        "Every connection leads to an approved domain.",
        (Evidence(source, path("docs"), WANTED, "acct.openai.azure.com"),),
    )
    failing = judge(MONITOR, owner, bad)
    assert failing == Judgement(
        Verdict.FAIL,
        "1 connection leads outside the approved domains: docs (RemoteTool to mcp.evil.example).",
        (Evidence(source, path("docs"), WANTED, "mcp.evil.example"),),
    )
    assert "hunter2" not in repr(failing)


def test_a_project_is_not_judged_by_connections_of_others() -> None:
    """Neither by those of the account nor by those of another project."""
    others = (
        connection(),
        connection(owner=f"{ACCOUNT_ID}/projects/alphabet"),
    )

    assert judge(MONITOR, PROJECT, *others) == Judgement(
        Verdict.PASS, "No connection is of a category that is judged."
    )


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        (None, "docs (no target)"),
        ("", "docs (no target)"),
        (7, "docs (target is a number, not text, and counts as absent)"),
        ("https://evil.example\\@azure.com", "docs (its target names no host)"),
        ("/subscriptions/s", "docs (its target names no host)"),
        ("https://azure.com@evil.example", "docs (RemoteTool to evil.example)"),
        ("https://azure.com.evil.example", "docs (RemoteTool to azure.com.evil.example)"),
        ("https://notazure.com", "docs (RemoteTool to notazure.com)"),
    ],
)
def test_a_target_that_is_absent_or_deceives_fails(target: object, shown: str) -> None:
    """Where a connection leads must be plain, and at the border of a label."""
    judgement = judge(MONITOR, account(), connection(target))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message == f"1 connection leads outside the approved domains: {shown}."


@pytest.mark.parametrize(
    "target",
    [
        "https://AZURE.com.",
        "https://me@dev.azure.com:443/org",
        "contoso.blob.core.WINDOWS.net/data",
        "https://gateway.azure-api.net",
    ],
)
def test_hosts_under_the_approved_domains_pass(target: str) -> None:
    """In any case, with user, port and path, and with or without a scheme."""
    assert judge(MONITOR, account(), connection(target)).verdict is Verdict.PASS


@pytest.mark.parametrize("category", TargetParameters().categories)
def test_every_category_of_the_list_is_judged_in_any_case(category: str) -> None:
    """All of them can lead anywhere."""
    for spelling in (category, category.upper(), category.lower()):
        judged = judge(MONITOR, account(), connection(category=spelling))

        assert judged.verdict is Verdict.FAIL


@pytest.mark.parametrize("category", [None, "", 5, ["Git"]])
def test_a_connection_without_a_category_is_judged(category: object) -> None:
    """It may be of any."""
    judgement = judge(MONITOR, account(), connection(category=category))

    assert judgement.verdict is Verdict.FAIL
    assert judge(MONITOR, account(), connection("https://a.azure.com", category)).verdict is (
        Verdict.PASS
    )


def test_other_categories_are_not_judged() -> None:
    """A storage account or a search service is no tool."""
    judgement = judge(MONITOR, account(), connection(category="AzureBlob"))

    assert judgement == Judgement(Verdict.PASS, "No connection is of a category that is judged.")


def test_many_are_named_in_part_and_in_one_order() -> None:
    """The message does not grow with the list, and the order of the list does not matter."""
    many = [connection(name=f"tool{number}") for number in range(7)]
    judgement = judge(MONITOR, account(), *many)

    assert judgement.message.startswith(
        "7 connections lead outside the approved domains: tool0 (RemoteTool to mcp.evil.example), "
    )
    assert judgement.message.endswith("tool4 (RemoteTool to mcp.evil.example) and 2 more.")
    assert len(judgement.evidence) == 5
    assert judge(MONITOR, account(), *reversed(many)) == judgement


@pytest.mark.parametrize(
    ("problem", "cause"),
    [
        (FORBIDDEN, Cause.UNREADABLE),
        (NOT_READ, Cause.UNDETERMINED),
        (NOT_IN_INPUT, Cause.UNDETERMINED),
    ],
)
def test_unknown_while_the_connections_are_not_all_read(problem: Problem, cause: Cause) -> None:
    """A bad one that was read fails all the same."""
    problems = {Source.CONNECTIONS: problem}
    good = connection("https://a.azure.com")

    for read in ((), (good,)):
        judgement = judge(MONITOR, account(), *read, problems=problems)
        assert judgement == Judgement(
            Verdict.UNKNOWN,
            f"the connections could not be read: {problem.detail}",
            cause=cause,
        )
    assert judge(MONITOR, account(), connection(), problems=problems).verdict is Verdict.FAIL


def test_unknown_when_read_with_an_api_that_does_not_know_the_categories() -> None:
    """A tool may be shown as something else; a bad one that is recognised fails."""
    old = "2025-06-01"
    other = read_with(old, connection(category="Custom"))

    judgement = judge(MONITOR, account(), other)

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judge(MONITOR, account(), read_with(old, connection())).verdict is Verdict.FAIL
    assert judge(MONITOR, account(), read_with("2025-12-01", other)).verdict is Verdict.PASS


def test_categories_and_domains_are_set_by_policy() -> None:
    """The organisation's own domain passes, and further categories are judged."""
    own = TargetParameters.model_validate(
        {"domains": ["Evil.Example"], "categories": [" azureblob "]}
    )
    blob = connection("https://a.blob.core.windows.net", "AzureBlob")

    assert judge(MONITOR, account(), connection(), parameters=own).verdict is Verdict.PASS
    assert judge(MONITOR, account(), blob, parameters=own).verdict is Verdict.FAIL
    assert own.words == "a host under evil.example"
    assert TargetParameters(domains=()).words == "a host under no domain"


@pytest.mark.parametrize(
    "wrong", [{"domains": ["https://contoso.com"]}, {"domains": ["com"]}, {"categories": [" "]}]
)
def test_parameters_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    """A typo in a policy is not silent."""
    with pytest.raises(ValidationError):
        TargetParameters.model_validate(wrong)


def test_applies_to_ai_accounts_projects_and_workspaces() -> None:
    """Accounts of other kinds have no agents."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),
        AppliesTo(ResourceType.PROJECT),
        AppliesTo(ResourceType.WORKSPACE),
    )
    assert MONITOR.needs == (
        Source.CONNECTIONS,
        Source.PROJECT_CONNECTIONS,
        Source.WORKSPACE_CONNECTIONS,
    )
