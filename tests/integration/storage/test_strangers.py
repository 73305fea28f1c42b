"""Somebody else answers in the place of storage: a proxy, a portal."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from shared.adapters.azure.storage.clients import StorageAccount, StorageClients
from shared.adapters.azure.storage.names import FINDINGS_TABLE
from shared.adapters.azure.storage.operations import Act, Operation
from shared.adapters.azure.storage.queues import StorageWorkQueue
from shared.adapters.azure.storage.tables import Table
from shared.adapters.system_clock import SystemClock
from shared.ports import PortError, QueueName
from tests.azurite_server import clients

Asked = Callable[[StorageClients], Awaitable[object]]
TWO = [Operation(Act.PUT, "a"), Operation(Act.PUT, "b")]


@pytest.fixture(params=[200, 202, 204, 302], ids=str)
async def opened(request: pytest.FixtureRequest) -> AsyncIterator[StorageClients]:
    """Clients of somebody who answers everything alike."""

    async def welcome(_: web.Request) -> web.Response:
        return web.Response(status=request.param, text="<html>Welcome!</html>")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", welcome)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        async with clients(StorageAccount(*[f"http://{host}:{port}/test0001"] * 3)) as made:
            yield made
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    "asked",
    [
        lambda at: Table(at, FINDINGS_TABLE).read("01", "a"),
        lambda at: anext(Table(at, FINDINGS_TABLE).rows("01", "a", "b")),
        lambda at: Table(at, FINDINGS_TABLE).insert("01", "a", {}),
        lambda at: Table(at, FINDINGS_TABLE).apply("01", TWO),
    ],
    ids=["reading a row", "reading rows", "writing a row", "a transaction"],
)
async def test_what_a_stranger_answers_never_passes_for_done(
    opened: StorageClients, asked: Asked
) -> None:
    """Nor for a row that is not there."""
    with pytest.raises(PortError):
        await asked(opened)


@pytest.mark.parametrize("opened", [200, 302], indirect=True)
async def test_a_message_is_not_added_by_a_stranger(opened: StorageClients) -> None:
    """It is put once more by whoever wanted it."""
    with pytest.raises(PortError):
        await StorageWorkQueue(opened, SystemClock()).put(QueueName.LOOKS, ["a"])
