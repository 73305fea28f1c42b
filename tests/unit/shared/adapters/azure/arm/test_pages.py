"""Lists page by page: to ARM only, to an end, and what was read stays read."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from shared.adapters.azure.arm.client import ArmClient
from shared.adapters.azure.arm.problems import ArmError
from shared.domain.verdict import Cause
from tests.scripted_arm import READ, ScriptedArm, client_of, says, scripted_arm

LIST = "/subscriptions/s/providers/Microsoft.CognitiveServices/accounts"


@pytest.fixture
async def arm(tmp_path: Path) -> AsyncIterator[ScriptedArm]:
    """A server."""
    async with scripted_arm(tmp_path, says({"value": []})) as running:
        yield running


async def collect(client: ArmClient) -> tuple[list[object], ArmError | None]:
    """Read a list to its end or its problem."""
    found: list[object] = []
    try:
        async for page in client.pages(LIST, "v", permission=READ):
            found += page.items
    except ArmError as error:
        return found, error
    return found, None


async def test_a_list_is_read_to_its_last_page(arm: ScriptedArm) -> None:
    """The next page may lie in another subscription; each page has its own time."""
    arm.script = [
        says({"value": [{"n": 1}], "nextLink": f"{arm.endpoint}/subscriptions/T/x?$skip=a%2Bb"}),
        says({"value": [], "nextLink": f"{arm.endpoint.upper().replace('HTTPS', 'https')}/y?p=3"}),
        says({"value": [{"n": 2}, {"n": 3}], "nextLink": ""}),
    ]
    async with client_of(arm) as client:
        pages = [page async for page in client.pages(LIST, "v", permission=READ)]

    assert [len(page.items) for page in pages] == [1, 0, 2]
    assert pages[0].began_at < pages[1].began_at < pages[2].began_at
    assert [request.raw_path for request in arm.requests] == [
        f"{LIST}?api-version=v",
        "/subscriptions/T/x?$skip=a%2Bb",
        "/y?p=3",
    ]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/x",
        "http://{host}/x",
        "https://{host}@evil.example/x",
        "https://user:word@{host}/x",
        "https://{host}.evil.example/x",
        "https://{name}:1/x",
        "https://{host}\\@evil.example/x",
        "//evil.example/x",
        "/relative",
        "https://[bad",
        "not an address",
        7,
    ],
)
async def test_no_page_is_read_from_another_host(arm: ScriptedArm, link: object) -> None:
    """Our token goes to ARM alone; the pages before are kept."""
    host = arm.endpoint.removeprefix("https://")
    if isinstance(link, str):
        link = link.replace("{host}", host).replace("{name}", host.partition(":")[0])
    arm.script = [says({"value": [{"n": 1}], "nextLink": link})]
    async with client_of(arm) as client:
        found, error = await collect(client)

    assert found == [{"n": 1}]
    assert error is not None
    assert error.problem.cause is Cause.UNREADABLE
    assert error.problem.detail.startswith("the next page ")
    assert len(arm.requests) == 1


async def test_a_page_that_names_itself_ends_the_list_with_a_problem(arm: ScriptedArm) -> None:
    """The first page again is no new page."""
    arm.script = [says({"value": [{"n": 1}], "nextLink": f"{arm.endpoint}{LIST}?api-version=v"})]
    async with client_of(arm) as client:
        found, error = await collect(client)

    assert found == [{"n": 1}]
    assert "the list repeats" in str(error)


async def test_pages_in_a_circle_end_the_list_with_a_problem(arm: ScriptedArm) -> None:
    """A page that was read before is not read again."""

    async def circle(request: web.Request) -> web.Response:
        at = int(request.query.get("p", "0"))
        return web.json_response(
            {"value": [{"n": at}], "nextLink": f"{arm.endpoint}/?p={at % 3 + 1}"}
        )

    arm.script = [circle]
    async with client_of(arm) as client:
        found, error = await collect(client)

    assert found == [{"n": 0}, {"n": 1}, {"n": 2}, {"n": 3}]
    assert "the list repeats" in str(error)


async def test_a_list_without_an_end_is_ended(arm: ScriptedArm) -> None:
    """Ever new links are followed for so many pages only."""

    async def endless(request: web.Request) -> web.Response:
        at = int(request.query.get("p", "0"))
        return web.json_response({"value": [{"n": at}], "nextLink": f"{arm.endpoint}/?p={at + 1}"})

    arm.script = [endless]
    async with client_of(arm, most_pages=7) as client:
        found, error = await collect(client)

    assert len(found) == 7
    assert "more than 7 pages" in str(error)


async def test_a_page_that_fails_leaves_those_before_it(arm: ScriptedArm) -> None:
    """What was read is judged, the rest is a blind spot."""
    refusal = {"error": {"code": "AuthorizationFailed", "message": "no"}}
    next_page = f"{arm.endpoint}/x"
    arm.script = [says({"value": [{"n": 1}], "nextLink": next_page}), says(refusal, 403)]
    async with client_of(arm) as client:
        found, error = await collect(client)

    assert found == [{"n": 1}]
    assert error is not None
    assert error.problem.permission == READ


@pytest.mark.parametrize("body", [{}, {"value": None}, {"value": {}}, {"error": {"code": "x"}}])
async def test_a_page_without_a_list_is_no_empty_list(arm: ScriptedArm, body: object) -> None:
    """Nothing would look like everything deleted."""
    arm.script = [says(body)]
    async with client_of(arm) as client:
        found, error = await collect(client)

    assert found == []
    assert "holds no list" in str(error)


async def test_a_page_with_something_else_in_it_is_not_whole(arm: ScriptedArm) -> None:
    """Its objects are kept, and the list has a problem."""
    arm.script = [says({"value": [{"n": 1}, None, "x", {"n": 2}]})]
    async with client_of(arm) as client:
        found, error = await collect(client)

    assert found == [{"n": 1}, {"n": 2}]
    assert "no object" in str(error)


async def test_the_name_of_another_host_is_shortened(arm: ScriptedArm) -> None:
    """The reason is stored and shown, and whoever wrote the link chose its length."""
    link = f"https://{'a.' * 5000}example/x"
    arm.script = [says({"value": [], "nextLink": link})]
    async with client_of(arm) as client:
        _, error = await collect(client)

    assert error is not None
    assert error.problem.detail.startswith("the next page points to another host: a.a.a.")
    assert len(error.problem.detail) < 400
