"""Queries of Resource Graph: their pages and their quota."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest

from shared.adapters.azure.arm.api_versions import ApiVersions
from shared.adapters.azure.arm.problems import ArmError
from shared.adapters.azure.arm.resource_graph import ResourceGraph, quoted
from shared.domain.snapshot import Problem
from shared.domain.verdict import Cause
from tests.fakes import BEGINNING, FakeClock

if TYPE_CHECKING:
    from shared.adapters.azure.arm.client import ArmClient

QUERY = "resources | project id"
Answer = tuple[Mapping[str, object], Mapping[str, str]]


class Script:
    """Answers queries one after the other from a list, and keeps what was asked and when."""

    def __init__(self, clock: FakeClock, answers: Sequence[Answer | ArmError]) -> None:
        self._clock = clock
        self._answers = list(answers)
        self.asked: list[Mapping[str, object]] = []
        self.versions: list[str] = []
        self.seconds: list[int] = []

    async def post(
        self, path: str, api_version: str, body: Mapping[str, object], *, permission: str
    ) -> Answer:
        """Answer a query."""
        assert path == "/providers/Microsoft.ResourceGraph/resources"
        assert permission == "Microsoft.ResourceGraph/resources/read"
        self.asked.append(body)
        self.versions.append(api_version)
        self.seconds.append(int((self._clock.now() - BEGINNING).total_seconds()))
        answer = self._answers.pop(0)
        if isinstance(answer, ArmError):
            raise answer
        return answer


@asynccontextmanager
async def scripted(*answers: Answer | ArmError) -> AsyncIterator[tuple[ResourceGraph, Script]]:
    """Put Resource Graph on a script."""
    clock = FakeClock()
    script = Script(clock, answers)
    yield ResourceGraph(cast("ArmClient", script), ApiVersions(clock), clock), script


def page(*names: str, **more: object) -> Answer:
    """Return a page of rows with quota left."""
    return {"data": [{"id": each} for each in names], **more}, {"x-ms-user-quota-remaining": "9"}


def refused(status: int, code: str = "", wait: float | None = None) -> ArmError:
    """Return a refusal, with a Retry-After or without."""
    again = None if wait is None else timedelta(seconds=wait)
    return ArmError(Problem(Cause.UNREADABLE, "refused", retry_after=again), status, code)


async def names(graph: ResourceGraph, *subscriptions: str) -> list[object]:
    """Return the ids of the rows of a query."""
    return [row["id"] async for row in graph.rows(QUERY, subscriptions)]


def options(script: Script) -> list[Mapping[str, object]]:
    """Return what each query asked for beside the query."""
    found = [each["options"] for each in script.asked]
    return [
        {key: value for key, value in each.items() if key in {"$skip", "$skipToken"}}
        for each in found
        if isinstance(each, dict)
    ]


async def test_pages_are_followed_by_their_token() -> None:
    """Within the subscriptions that were named."""
    async with scripted(page("a", **{"$skipToken": "t"}), page("b")) as (graph, script):
        assert await names(graph, "s") == ["a", "b"]
        assert options(script) == [{}, {"$skipToken": "t"}]
        assert all(each["subscriptions"] == ["s"] for each in script.asked)


async def test_a_cut_result_without_a_token_is_asked_on_by_count() -> None:
    """Rows without an id have no token."""
    answers = (page("a", "b", resultTruncated="true"), page("c", resultTruncated="false"))
    async with scripted(*answers) as (graph, script):
        assert await names(graph) == ["a", "b", "c"]
        assert options(script) == [{}, {"$skip": 2}]
        assert "subscriptions" not in script.asked[0]


async def test_a_page_that_repeats_ends_the_reading() -> None:
    """What was given stays given."""
    repeating = page("a", **{"$skipToken": "t"})
    async with scripted(*[repeating] * 3) as (graph, _):
        rows = graph.rows(QUERY)
        await anext(rows)
        await anext(rows)

        with pytest.raises(ArmError, match="repeats a page"):
            await anext(rows)


@pytest.mark.parametrize("data", [None, "x", [1], {"rows": []}])
async def test_an_answer_without_rows_is_no_empty_result(data: object) -> None:
    """Nothing is proven by it."""
    async with scripted(({"data": data}, {})) as (graph, _):
        with pytest.raises(ArmError, match="answered without rows"):
            await names(graph)


async def test_the_end_of_the_quota_is_waited_for() -> None:
    """As long as the answer before said, in any spelling of its headers."""
    last = {"X-MS-User-Quota-Remaining": "0", "X-MS-User-Quota-Resets-After": "00:00:04"}
    async with scripted((page("a")[0], last), page("b"), page("c")) as (graph, script):
        for _ in range(3):
            await names(graph)

        assert script.seconds == [0, 4, 4]


@pytest.mark.parametrize(
    "said", ["soon", "", "11:00:00", "٣:00:00", f"{'9' * 30}:00:00", "0:0:8\n"]
)
async def test_a_wait_is_bounded(said: str) -> None:
    """Whatever the header says."""
    last = {"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": said}
    async with scripted((page("a")[0], last), page("b")) as (graph, script):
        await names(graph)
        await names(graph)

        assert script.seconds[1] == (10 if said == "11:00:00" else 5)


async def test_a_throttled_query_is_asked_again_after_its_wait() -> None:
    """Without one, after a window of the quota."""
    async with scripted(refused(429, wait=3), refused(429), page("a")) as (graph, script):
        assert await names(graph) == ["a"]
        assert script.seconds == [0, 3, 8]


@pytest.mark.parametrize(
    ("failures", "asked"),
    [
        ([refused(429, wait=600)], 1),
        ([refused(429), refused(429), refused(429)], 3),
        ([refused(403)], 1),
        ([refused(503, wait=1)], 1),
    ],
)
async def test_what_takes_longer_is_handed_back(failures: list[ArmError], asked: int) -> None:
    """Nobody waits here for minutes."""
    async with scripted(*failures) as (graph, script):
        with pytest.raises(ArmError):
            await names(graph)

        assert len(script.asked) == asked


async def test_an_older_version_is_used_where_the_first_is_refused() -> None:
    """And is not looked for again."""
    answers = (refused(400, "InvalidApiVersionParameter"), page("a"), page("b"))
    async with scripted(*answers) as (graph, script):
        await names(graph)
        await names(graph)

        assert script.versions == ["2024-04-01", "2022-10-01", "2022-10-01"]


async def test_without_any_version_nothing_is_read() -> None:
    """The failure says so."""
    refusal = refused(400, "NoRegisteredProviderFound")
    async with scripted(refusal, refusal, refusal) as (graph, _):
        with pytest.raises(ArmError, match="answers to no API version"):
            await names(graph)


async def test_a_version_that_is_refused_later_is_replaced_at_once() -> None:
    """By the next one that is answered."""
    refusal = refused(400, "NoRegisteredProviderFound")
    async with scripted(page("a"), refusal, page("b")) as (graph, script):
        await names(graph)
        assert await names(graph) == ["b"]
        assert script.versions == ["2024-04-01", "2024-04-01", "2022-10-01"]


def test_text_in_a_query_cannot_end_itself() -> None:
    """Quotes and backslashes are escaped."""
    assert quoted(r"a'b\c") == r"'a\'b\\c'"


@pytest.mark.parametrize("said", ["", "--1", "9" * 5000, "²", "1 0", "many"])
async def test_a_count_that_is_none_says_nothing_of_the_quota(said: str) -> None:
    """Nobody waits for it, and nothing fails."""
    odd = {"x-ms-user-quota-remaining": said, "x-ms-user-quota-resets-after": "00:00:04"}
    async with scripted((page("a")[0], odd), page("b")) as (graph, script):
        await names(graph)
        await names(graph)

        assert script.seconds == [0, 0]


async def test_a_cut_result_that_shows_no_more_is_not_whole() -> None:
    """Otherwise roots would be missing, and nobody would know."""
    async with scripted(page("a", resultTruncated="true"), page(resultTruncated="true")) as (
        graph,
        _,
    ):
        rows = graph.rows(QUERY)
        await anext(rows)

        with pytest.raises(ArmError, match="cut its result"):
            await anext(rows)
