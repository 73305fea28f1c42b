"""content_logging.web_grounding_absent."""

import pytest
from pydantic import ValidationError

from monitors.content_logging.web_grounding_absent import MONITOR, GroundingParameters
from shared.domain.control import AppliesTo
from shared.domain.resource import Resource
from shared.domain.snapshot import NOT_IN_INPUT, Problem
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

PROJECT_ID = f"{ACCOUNT_ID}/projects/agents"
WANTED = (
    "no connection of the category GroundingWithBingSearch, GroundingWithCustomSearch, "
    "BingLLMSearch, Serp, and none to api.bing.microsoft.com, api.microsoft.ai"
)


def connection(
    category: object = "AzureBlob",
    owner: str = ACCOUNT_ID,
    name: str = "link",
    target: object = "https://contoso.blob.core.windows.net/",
) -> Resource:
    """Return a connection."""
    stated = {"category": category, "authType": "ApiKey", "target": target}
    return resource(f"{owner}/connections/{name}", properties=stated)


PROJECT = resource(PROJECT_ID)


@pytest.mark.parametrize(
    ("judged", "owner", "source", "called"),
    [
        (account(kind="AIServices"), ACCOUNT_ID, Source.CONNECTIONS, "account"),
        (PROJECT, PROJECT_ID, Source.PROJECT_CONNECTIONS, "project"),
        (workspace(), WORKSPACE_ID, Source.WORKSPACE_CONNECTIONS, "workspace"),
    ],
)
class TestOwners:
    """Accounts, projects and workspaces are judged alike, each by its own connections."""

    def test_pass_without_connections(
        self, judged: Resource, owner: str, source: Source, called: str
    ) -> None:
        """An empty list that was read is none."""
        assert owner.startswith(judged.id.text)
        assert judge(MONITOR, judged) == Judgement(
            Verdict.PASS,
            f"The {called} has no connections.",
            (Evidence(source, "properties.category", WANTED, []),),
        )

    def test_pass_with_other_connections(
        self, judged: Resource, owner: str, source: Source, called: str
    ) -> None:
        """Connections to anything else do not matter."""
        judgement = judge(MONITOR, judged, connection("ApiKey", owner))

        assert judgement == Judgement(
            Verdict.PASS,
            f"No connection of the {called} leads to a web search service.",
            (Evidence(source, "properties.category", WANTED, []),),
        )

    @pytest.mark.parametrize("category", ["GroundingWithBingSearch", "serp", "BINGLLMSEARCH"])
    def test_fail_with_a_connection_to_web_search(
        self, judged: Resource, owner: str, source: Source, called: str, category: str
    ) -> None:
        """In any case, and whatever else is connected."""
        others = (connection("AzureBlob", owner, "blob"), connection(category, owner, "web"))
        found = f"web (category {category})"
        for order in (others, others[::-1]):
            assert judge(MONITOR, judged, *order) == Judgement(
                Verdict.FAIL,
                "Prompts can go to a web search service through a connection of the "
                f"{called}: {found}.",
                (Evidence(source, "properties.category", WANTED, [found]),),
            )

    @pytest.mark.parametrize("problem", [FORBIDDEN, NOT_IN_INPUT])
    def test_are_unknown_when_the_list_is_not_whole(
        self, judged: Resource, owner: str, source: Source, called: str, problem: Problem
    ) -> None:
        """Unless one to a search service was read all the same."""
        problems = {source: problem}
        unread = judge(MONITOR, judged, connection("AzureBlob", owner), problems=problems)
        found = judge(MONITOR, judged, connection("Serp", owner), problems=problems)

        assert (unread.verdict, unread.cause) == (Verdict.UNKNOWN, problem.cause)
        assert unread.message == f"the connections could not be read: {problem.detail}"
        assert found.verdict is Verdict.FAIL
        assert called in found.message


def test_a_project_is_judged_by_its_own_connections() -> None:
    """Those of another project, or of the account, are theirs."""
    others = (
        connection("Serp", f"{ACCOUNT_ID}/projects/agents-2"),
        connection("Serp", ACCOUNT_ID),
    )

    assert judge(MONITOR, PROJECT, *others).verdict is Verdict.PASS
    assert judge(MONITOR, account(), *others).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("category", "target", "words"),
    [
        ("ApiKey", "https://api.bing.microsoft.com/", "category ApiKey to api.bing.microsoft.com"),
        ("ApiKey", "HTTPS://API.Bing.Microsoft.com", "category ApiKey to api.bing.microsoft.com"),
        (
            "RemoteTool",
            "https://api.microsoft.ai/v3/mcp",
            "category RemoteTool to api.microsoft.ai",
        ),
        (None, "https://x.api.microsoft.ai", "category absent to x.api.microsoft.ai"),
    ],
)
def test_a_search_service_is_known_by_its_host_too(
    category: object, target: str, words: str
) -> None:
    """Microsoft's own template connects Bing with the category ApiKey."""
    judgement = judge(MONITOR, account(), connection(category, target=target))

    assert judgement.verdict is Verdict.FAIL
    assert judgement.message.endswith(f": link ({words}).")


@pytest.mark.parametrize(
    "target", [None, 5, "", "[target url]", "https://api.bing.microsoft.com.evil.example/", "/x"]
)
def test_other_targets_do_not_matter(target: object) -> None:
    """Nor one that names no host, nor an unlike host that begins alike."""
    judgement = judge(MONITOR, account(), connection("ApiKey", target=target))

    assert judgement.verdict is Verdict.PASS


def test_says_nothing_of_what_a_target_holds() -> None:
    """A target can hold a key: neither message nor evidence repeat it."""
    leaky = connection("Serp", target="https://user:hunter2@serp.example/?key=hunter2")
    judgement = judge(MONITOR, account(), leaky)

    assert "hunter2" not in repr(judgement)


@pytest.mark.parametrize("category", [None, "", 5])
def test_is_unknown_when_a_connection_states_no_category(category: object) -> None:
    """It may be one to a search service."""
    judgement = judge(MONITOR, account(), connection(category))

    assert (judgement.verdict, judgement.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert judgement.message.startswith("the connection link states no category")


def test_is_unknown_when_read_with_an_api_that_knows_fewer_categories() -> None:
    """Unless it shows one of them all the same."""
    unclear = judge(MONITOR, account(), read_with("2025-06-01", connection()))
    clear = judge(MONITOR, account(), read_with("2025-06-01", connection("Serp")))
    new = judge(MONITOR, account(), read_with("2025-12-01", connection()))

    assert (unclear.verdict, unclear.cause) == (Verdict.UNKNOWN, Cause.UNDETERMINED)
    assert "the connection link was read with API version 2025-06-01" in unclear.message
    assert clear.verdict is Verdict.FAIL
    assert new.verdict is Verdict.PASS


def test_names_only_the_first_of_many_connections() -> None:
    """The message does not grow with the list, nor change with its order."""
    many = [connection("Serp", name=f"web{number}") for number in range(7)]
    one, other = (judge(MONITOR, account(), *order) for order in (many, many[::-1]))

    assert one == other
    assert "through 7 connections of the account: web0 (category Serp), " in one.message
    assert one.message.endswith("web4 (category Serp) and 2 more.")


def test_categories_and_hosts_are_tunable() -> None:
    """Both replace the defaults, and either can be empty."""
    git = GroundingParameters(categories=("git",), hosts=("search.example",))
    none = GroundingParameters(categories=(), hosts=())
    example = connection("ApiKey", target="https://eu.search.example/q")

    assert judge(MONITOR, account(), connection("Git"), parameters=git).verdict is Verdict.FAIL
    assert judge(MONITOR, account(), example, parameters=git).verdict is Verdict.FAIL
    assert judge(MONITOR, account(), connection("Serp"), parameters=git).verdict is Verdict.PASS
    assert judge(MONITOR, account(), connection("Serp"), parameters=none).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("categories", " ", "at least 1 character"),
        ("hosts", "https://search.example/", "is no domain"),
    ],
)
def test_bad_parameters_are_refused(field: str, value: str, message: str) -> None:
    """With words that help."""
    with pytest.raises(ValidationError, match=message):
        GroundingParameters.model_validate({field: [value]})


def test_applies_to_ai_accounts_projects_and_workspaces() -> None:
    """Everything that agents run in."""
    assert MONITOR.applies_to == (
        AppliesTo(ResourceType.ACCOUNT, kinds=AI_KINDS),
        AppliesTo(ResourceType.PROJECT),
        AppliesTo(ResourceType.WORKSPACE),
    )
