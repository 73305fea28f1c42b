"""Tokens: in bounded time, for many at once, through failures."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

from shared.adapters.azure.cloud import cloud_named
from shared.adapters.azure.credential import TokenError, Tokens, credential_of
from tests.fakes import FakeClock
from tests.scripted_arm import GIVEN, FixedToken

SCOPE = "https://management.azure.com/.default"
BRIEF = timedelta(seconds=0.05)


async def test_callers_at_once_share_one_request() -> None:
    """Fifty looks that begin together ask the identity service once."""
    below = FixedToken()
    below.takes = 0.01
    tokens = Tokens(below, FakeClock())

    found = await asyncio.gather(*(tokens.get_token(SCOPE) for _ in range(50)))

    assert {each.token for each in found} == {GIVEN}
    assert below.asked == [(SCOPE,)]


async def test_a_token_that_does_not_come_is_an_error_in_bounded_time() -> None:
    """A hanging identity service is not waited for."""
    below = FixedToken()
    below.takes = 60

    with pytest.raises(TokenError, match=r"did not answer in 0\.05 s"):
        await Tokens(below, FakeClock(), longest=BRIEF).get_token(SCOPE)


async def test_after_a_failure_nobody_asks_for_a_moment_and_then_it_works_again() -> None:
    """A token endpoint that is down is not hammered, and is used as soon as it is back."""
    below, clock = FixedToken(), FakeClock()
    below.error = OSError("refused\n  by\x1b the\u2028peer Bearer s3cret " + "x" * 1_400)
    tokens = Tokens(below, clock)
    for _ in range(3):
        with pytest.raises(TokenError, match=r"^refused by the peer … x{970,}…$"):
            await tokens.get_token(SCOPE)

    assert len(below.asked) == 1

    below.error = None
    clock.advance(timedelta(seconds=2))

    assert (await tokens.get_token(SCOPE)).token == GIVEN


async def test_a_token_that_still_lives_serves_while_no_new_one_comes() -> None:
    """An outage of the identity service is no outage as long as a token is good."""
    below, clock = FixedToken(lives=10**9), FakeClock()
    tokens = Tokens(below, clock)
    await tokens.get_token(SCOPE)
    below.error = OSError("down")

    again = [await tokens.get_token(SCOPE) for _ in range(3)]

    assert {each.token for each in again} == {GIVEN}
    assert len(below.asked) == 2


async def test_a_token_for_other_claims_is_another_request() -> None:
    """A challenge is not answered with the token that was challenged."""
    below = FixedToken()
    tokens = Tokens(below, FakeClock())
    await tokens.get_token(SCOPE)
    below.error = OSError("down")

    with pytest.raises(TokenError, match="down"):
        await tokens.get_token(SCOPE, claims="{}", enable_cae=True)


async def test_a_caller_who_gives_up_takes_nothing_from_the_others() -> None:
    """Cancelling one of two leaves the other its token."""
    below = FixedToken()
    below.takes = 0.02
    tokens = Tokens(below, FakeClock())
    first, second = (asyncio.create_task(tokens.get_token(SCOPE)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()

    assert (await second).token == GIVEN
    assert first.cancelled()


async def test_closing_closes_the_credential_below() -> None:
    """Its connections are its own."""
    below = FixedToken()
    async with Tokens(below, FakeClock()):
        pass

    assert below.is_closed


async def test_where_there_is_a_managed_identity_it_is_used() -> None:
    """No chain of guesses in Azure; anywhere else azure-identity finds what there is."""
    cloud = cloud_named("china")
    managed = credential_of(cloud, environ={"IDENTITY_ENDPOINT": "http://x"})
    default = credential_of(cloud, environ={})

    assert isinstance(managed, ManagedIdentityCredential)
    assert isinstance(default, DefaultAzureCredential)
    await managed.close()
    await default.close()


@pytest.fixture
async def identity_service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[web.Request]]:
    """The token endpoint of an app service on loopback; yields what it was asked."""
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        return web.json_response(
            {
                "access_token": GIVEN,
                "expires_on": "4102444800",
                "resource": request.query["resource"],
                "token_type": "Bearer",
            }
        )

    app = web.Application()
    app.router.add_get("/token", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{runner.addresses[0][1]}/token")
    monkeypatch.setenv("IDENTITY_HEADER", "secret")
    yield asked
    await runner.cleanup()


async def test_the_managed_identity_is_asked_for_the_clouds_audience(
    identity_service: list[web.Request],
) -> None:
    """The real credential, against a token endpoint as Functions has it."""
    cloud = cloud_named("usgov")
    async with Tokens(credential_of(cloud, "my-client"), FakeClock()) as tokens:
        found = await tokens.get_token(cloud.arm_scope)

    assert found.token == GIVEN
    assert identity_service[0].query["resource"] == "https://management.core.usgovcloudapi.net"
    assert identity_service[0].query["client_id"] == "my-client"


async def test_a_token_endpoint_that_is_down_fails_within_the_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """azure-identity's own retries do not show."""
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:9/token")
    monkeypatch.setenv("IDENTITY_HEADER", "secret")
    credential = credential_of(cloud_named("public"))

    async with Tokens(credential, FakeClock(), longest=timedelta(seconds=0.1)) as tokens:
        with pytest.raises(TokenError):
            await tokens.get_token(SCOPE)
