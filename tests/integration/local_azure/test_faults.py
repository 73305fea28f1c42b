"""Faults of the local Azure: each does what it is called, to the requests it is for."""

import asyncio

import pytest
from azure.core.exceptions import AzureError, DecodeError

from tests.arm import ACCOUNT_ID, GROUP, account, deployment
from tests.integration.local_azure.clients import Reader
from tests.local_azure.server import LocalAzure

DEPLOYMENTS = f"{ACCOUNT_ID}/deployments"


async def statuses(reader: Reader, times: int, path: str = ACCOUNT_ID) -> list[int]:
    """Read a path several times."""
    return [(await reader.get(path)).status_code for _ in range(times)]


async def test_a_fault_hits_the_requests_it_is_for(azure: LocalAzure, reader: Reader) -> None:
    """After some, so many times, on paths that match; the others pass."""
    azure.fault("/ACCT[?]", status=503, skip=1, times=2)
    assert await statuses(reader, 4) == [200, 503, 503, 200]
    assert await statuses(reader, 2, DEPLOYMENTS) == [200, 200]
    azure.fault("/deployments", status=500)
    azure.fault("/acct[?]", status=409)
    assert await statuses(reader, 2, DEPLOYMENTS) == [500, 500]
    azure.faults.clear("/deployments")
    assert await statuses(reader, 2, DEPLOYMENTS) == [200, 200]
    azure.faults.clear()
    assert await statuses(reader, 1) == [200]


async def test_a_status_has_the_headers_and_body_it_is_given(
    azure: LocalAzure, reader: Reader
) -> None:
    """A 429 of ten minutes, for one."""
    azure.fault("/acct", status=429, headers={"Retry-After": "600"}, body='{"error":{}}')
    answer = await reader.get(ACCOUNT_ID)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
    assert answer.json() == {"error": {}}


async def test_a_reset_breaks_the_connection(azure: LocalAzure, reader: Reader) -> None:
    """Before any answer; it takes two, for aiohttp's client asks once more after the first."""
    azure.fault("/acct", kind="reset", times=2)
    with pytest.raises(AzureError):
        await reader.get(ACCOUNT_ID)
    assert await statuses(reader, 1) == [200]
    assert [each.status for each in azure.log.reads] == [0, 0, 200]
    assert len({each.connection for each in azure.log.reads}) == 3


async def test_a_cut_breaks_the_connection_within_the_body(
    azure: LocalAzure, reader: Reader
) -> None:
    """The status is good and the rest never comes; the next request is answered."""
    azure.fault("/acct", kind="cut", times=1)
    with pytest.raises(AzureError):
        await reader.get(ACCOUNT_ID)
    assert await statuses(reader, 1) == [200]
    first, second = azure.log.reads
    assert second.connection != first.connection


async def test_truncated_json_is_no_json(azure: LocalAzure, reader: Reader) -> None:
    """Though the HTTP is whole."""
    azure.fault("/acct", kind="truncated")
    answer = await reader.get(ACCOUNT_ID)
    assert answer.status_code == 200
    with pytest.raises((ValueError, DecodeError)):
        answer.json()


async def test_html_comes_in_place_of_json(azure: LocalAzure, reader: Reader) -> None:
    """With a good status or a bad one."""
    for status in (200, 502):
        azure.fault("/acct", kind="html", status=status, times=1)
        answer = await reader.get(ACCOUNT_ID)
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "text/html"
        assert answer.text().startswith("<!DOCTYPE html>")


async def test_a_hanging_answer_comes_late(azure: LocalAzure, reader: Reader) -> None:
    """After so many seconds; others go on meanwhile."""
    azure.fault("/acct[?]", kind="hang", seconds=0.2)
    late = asyncio.create_task(reader.get(ACCOUNT_ID))
    assert await statuses(reader, 1, DEPLOYMENTS) == [200]
    assert not late.done()
    assert (await late).status_code == 200


async def test_stopping_does_not_wait_for_what_hangs() -> None:
    """A minute's hang ends with the server."""
    async with LocalAzure(account()) as azure:
        azure.fault("/_nothing", kind="hang")
        azure.fault("/msi", kind="hang", seconds=60)
        port = int(azure.environment["IDENTITY_ENDPOINT"].split(":")[2].split("/")[0])
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /msi/token HTTP/1.1\r\nHost: x\r\n\r\n")
        await writer.drain()
    writer.close()


async def test_a_stale_answer_is_the_state_before_the_last_write(
    azure: LocalAzure, reader: Reader
) -> None:
    """Of a resource and of a list; whatever was just made is not there, what was deleted is."""
    azure.estate.put(account(publicNetworkAccess="Enabled"))
    azure.estate.delete(f"{DEPLOYMENTS}/chat-6")
    azure.estate.put(deployment("new"))
    azure.fault("/acct", kind="stale")

    assert (await reader.get(ACCOUNT_ID)).json() == account().body
    (page,) = await reader.pages(DEPLOYMENTS)
    assert page == [f"{DEPLOYMENTS}/chat-{number}" for number in range(7)]
    assert (await reader.get(f"{DEPLOYMENTS}/new")).status_code == 404
    azure.faults.clear()
    (page,) = await reader.pages(DEPLOYMENTS)
    assert page == [*(f"{DEPLOYMENTS}/chat-{number}" for number in range(6)), f"{DEPLOYMENTS}/new"]


async def test_a_page_repeats(azure: LocalAzure, reader: Reader) -> None:
    """Its link leads to itself; told to once, the next time it leads on."""
    azure.arm.page_size = 4
    azure.fault("/deployments", kind="repeat_page", times=1)
    assert [len(page) for page in await reader.pages(DEPLOYMENTS)] == [4, 4, 3]


async def test_paging_never_ends(azure: LocalAzure, reader: Reader) -> None:
    """Every page has a link and none comes twice; the last page comes again and again."""
    azure.arm.page_size = 4
    azure.fault("/deployments", kind="endless")
    link, links, sizes = DEPLOYMENTS, set(), []
    for _ in range(20):
        answer = (await reader.get(link)).json()
        sizes.append(len(answer["value"]))
        link = answer["nextLink"]
        links.add(link)
    assert len(links) == 20
    assert sizes == [4] + [3] * 19


async def test_a_link_leads_to_a_foreign_host(azure: LocalAzure, reader: Reader) -> None:
    """Even where there is no further page."""
    azure.fault("/deployments", kind="foreign_page", host="https://elsewhere.example")
    link = (await reader.get(DEPLOYMENTS)).json()["nextLink"]
    assert link.startswith(f"https://elsewhere.example{DEPLOYMENTS}?")


async def test_latency_is_that_of_each_answer(azure: LocalAzure, reader: Reader) -> None:
    """Many at once take no longer than one."""
    await reader.get(ACCOUNT_ID)
    azure.front.latency = 0.05
    clock = asyncio.get_running_loop().time
    began = clock()
    await asyncio.gather(*(reader.get(f"{GROUP}{number}") for number in range(10)))
    assert clock() - began >= 0.05
