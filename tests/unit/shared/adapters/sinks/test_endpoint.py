"""Posting to a webhook: what goes wrong there, and that nobody learns its address from it."""

import logging
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.adapters.sinks.answers import TooLargeError
from shared.adapters.sinks.connections import Connections
from shared.adapters.sinks.endpoint import Endpoint
from shared.adapters.sinks.secret_address import SecretAddress
from shared.adapters.system_clock import SystemClock
from shared.ports import BusyError, PortError, RefusedError
from tests.local_azure.faults import Fault, Kind
from tests.local_azure.server import LocalAzure
from tests.local_azure.webhooks import HOST
from tests.sink_worlds import HookWorld, running_hooks

SECRET = "wh0kn0wsm4yp0st"  # noqa: S105 - known to all who read this
PATH = f"/workflows/{SECRET}/run?sp=%2Ftriggers%2Frun&sig={SECRET}%2B"


@pytest.fixture
async def here() -> AsyncIterator[HookWorld]:
    """A receiver."""
    async with running_hooks() as world:
        yield world


async def failed(endpoint: Endpoint) -> PortError:
    """Post, and return what went wrong."""
    with pytest.raises(PortError) as caught:
        await endpoint.post(b'{"a": 1}', {})
    return caught.value


async def test_a_post_arrives_as_it_was_given(here: HookWorld) -> None:
    """Body, headers and the very spelling of the address."""
    await here.endpoint(PATH).post(b'{"a": 1}', {"X-One": "1"})

    (post,) = here.hooks.posts
    assert post.path == PATH
    assert post.body == b'{"a": 1}'
    assert post.headers["X-One"] == "1"
    assert post.headers["Content-Type"] == "application/json"
    assert post.headers["User-Agent"] == "azure-ai-compliance-monitor"
    assert "Cookie" not in post.headers


async def test_posts_share_a_connection(here: HookWorld) -> None:
    """Also those of another endpoint on the same host."""
    for path in ("/a", "/a", "/b"):
        await here.endpoint(path).post(b"{}", {})

    assert len(here.hooks.posts) == 3
    assert len(here.hooks.connections) == 1


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_every_success_is_one(here: HookWorld, status: int) -> None:
    """A workflow says 202, others say what they like."""
    here.hooks.status = status

    await here.endpoint().post(b"{}", {})

    assert len(here.hooks.posts) == 1


async def test_a_busy_receiver_says_for_how_long(here: HookWorld) -> None:
    """429 with Retry-After."""
    here.hooks.faults.add(Fault("", status=429, headers={"Retry-After": "17"}))

    error = await failed(here.endpoint())

    assert isinstance(error, BusyError)
    assert error.retry_after is not None
    assert error.retry_after.total_seconds() == 17
    assert here.hooks.tried == 1


@pytest.mark.parametrize(("status", "kind"), [(400, RefusedError), (413, TooLargeError)])
async def test_a_refusal_is_one(here: HookWorld, status: int, kind: type[PortError]) -> None:
    """Tried once."""
    here.hooks.faults.add(Fault("", status=status))

    assert type(await failed(here.endpoint())) is kind
    assert here.hooks.tried == 1


async def test_an_error_is_shown_by_its_code(here: HookWorld) -> None:
    """As Azure words it; nothing else of the body is."""
    body = f'{{"error": {{"code": "TriggerInputSchemaMismatch", "message": "{SECRET}"}}}}'
    here.hooks.faults.add(Fault("", status=400, body=body))

    assert "answered 400 (TriggerInputSchemaMismatch)" in str(await failed(here.endpoint(PATH)))


@pytest.mark.parametrize(
    "body",
    [
        "<html>",
        "[]",
        "{",
        '{"error": 1}',
        '{"code": {"a": 1}}',
        '{"code": "two words"}',
        f'{{"code": "{SECRET}"}}',
        '{"code": "' + "a" * 10_000 + '"}',
        "[" * 3000,
    ],
)
async def test_a_body_that_is_odd_is_not_shown(here: HookWorld, body: str) -> None:
    """It may hold anything, and be of any length."""
    here.hooks.faults.add(Fault("", status=400, body=body))

    error = await failed(here.endpoint(PATH))

    assert str(error).endswith("answered 400: it does not take what it was sent")


async def test_a_redirect_is_not_followed(here: HookWorld) -> None:
    """Not even on the same host: who gets an alert is decided here."""
    headers = {"Location": here.hooks.url("/elsewhere")}
    here.hooks.faults.add(Fault("/hook", status=307, headers=headers))

    error = await failed(here.endpoint())

    assert isinstance(error, BusyError)
    assert "elsewhere" in str(error)
    assert here.hooks.posts == []
    assert here.hooks.tried == 1


async def test_a_slow_answer_is_given_up(here: HookWorld) -> None:
    """Though the post may have been taken: it is sent again."""
    here.hooks.faults.add(Fault("", kind=Kind.HANG, seconds=60))

    error = await failed(here.endpoint(longest=0.1))

    assert isinstance(error, BusyError)
    assert str(error).endswith("did not answer in 0.1 s")
    assert len(here.hooks.posts) == 1


async def test_a_reset_after_the_post_is_tried_again_by_the_delivery_alone(
    here: HookWorld,
) -> None:
    """Not by the client, which does not know what was taken."""
    here.hooks.faults.add(Fault("", kind=Kind.RESET))

    error = await failed(here.endpoint())

    assert isinstance(error, BusyError)
    assert "broke off" in str(error)
    assert here.hooks.tried == 1


async def test_nobody_there_is_busy() -> None:
    """Nothing listens at that port."""
    connections = Connections()
    address = SecretAddress.parse(f"http://{HOST}:1/{SECRET}")
    try:
        error = await failed(Endpoint(address, connections, SystemClock()))
    finally:
        await connections.close()

    assert isinstance(error, BusyError)
    assert str(error) == f"http://{HOST}:1 cannot be reached"


async def test_a_certificate_is_always_looked_at() -> None:
    """Also on this machine; with its authority, the way is open."""
    async with LocalAzure() as azure:
        address = SecretAddress.parse(f"{azure.arm.endpoint}/{SECRET}")
        said = []
        for ca_file in (None, Path(azure.environment["COMPLIANCE_CA_FILE"])):
            connections = Connections(ca_file)
            said.append(str(await failed(Endpoint(address, connections, SystemClock()))))
            await connections.close()

    assert said[0].endswith("has no certificate that can be trusted")
    assert "answered 404" in said[1]


FAULTS = {
    "reset": Fault("", kind=Kind.RESET),
    "hang": Fault("", kind=Kind.HANG, seconds=60),
    "moved": Fault("", status=302, headers={"Location": f"https://else.example/{SECRET}"}),
    "odd answer": Fault("", status=400, body=f'{{"code": "{SECRET}"}}'),
    "gone": Fault("", status=404),
    "busy": Fault("", status=429, headers={"Retry-After": SECRET}),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_no_fault_gives_the_address_away(
    here: HookWorld, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in an error, nor in what stands behind it, nor in any log."""
    caplog.set_level(logging.DEBUG)
    here.hooks.faults.add(fault)
    endpoint = here.endpoint(PATH, longest=0.1)

    error = await failed(endpoint)

    assert error.__context__ is None
    assert error.__cause__ is None
    # The receiver's own log has what it was asked for.
    logged = [each.getMessage() for each in caplog.records if each.name != "aiohttp.access"]
    shown = "".join([*traceback.format_exception(error), *logged, repr(endpoint)])
    assert SECRET not in shown
    assert HOST in repr(endpoint)


async def test_a_closed_session_opens_again(here: HookWorld) -> None:
    """Closing twice is nothing, either."""
    await here.endpoint().post(b"{}", {})
    await here.connections.close()
    await here.connections.close()

    await here.endpoint().post(b"{}", {})

    assert len(here.hooks.posts) == 2


@pytest.mark.parametrize("content", [None, "no PEM"])
async def test_a_ca_file_that_cannot_be_used_is_named(tmp_path: Path, content: str | None) -> None:
    """With its setting: the webhook is not to blame."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    address = SecretAddress.parse(f"https://hooks.example/{SECRET}")

    error = await failed(Endpoint(address, Connections(file), SystemClock()))

    assert isinstance(error, BusyError)
    said = f"nothing was posted to https://hooks.example: COMPLIANCE_CA_FILE names {file}, which"
    assert str(error).startswith(said)
    assert error.__context__ is None
