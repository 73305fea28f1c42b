"""Tokens of the local Azure: given by the real azure-identity, and checked at every request."""

import time

import pytest
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

from tests.arm import ACCOUNT_ID
from tests.integration.local_azure.clients import Reader, reader_of
from tests.local_azure.identity import LIFETIME
from tests.local_azure.server import ARM_AUDIENCE, LocalAzure


async def test_the_real_credentials_get_a_token(azure: LocalAzure) -> None:
    """ManagedIdentityCredential and DefaultAzureCredential find the endpoint by the environment."""
    async with ManagedIdentityCredential() as managed, DefaultAzureCredential() as default:
        for credential in (managed, default):
            token = await credential.get_token(f"{ARM_AUDIENCE}/.default")

            assert azure.identity.audience_of(f"Bearer {token.token}") == ARM_AUDIENCE
            assert token.expires_on == pytest.approx(time.time() + LIFETIME, abs=60)


async def test_a_token_is_refused_for_an_unknown_audience(azure: LocalAzure) -> None:
    """Whoever asks for the wrong resource is told so."""
    async with ManagedIdentityCredential() as credential:
        with pytest.raises(ClientAuthenticationError, match="unknown"):
            await credential.get_token("https://unknown.example/.default")
    assert [each.status for each in azure.log.requests] == [400]


async def test_a_token_is_refused_without_the_right_header(
    azure: LocalAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The header is the secret of the machine."""
    monkeypatch.setenv("IDENTITY_HEADER", "guessed")
    async with ManagedIdentityCredential() as credential:
        with pytest.raises(AzureError):
            await credential.get_token(f"{ARM_AUDIENCE}/.default")
    assert {each.status for each in azure.log.requests} == {403}


async def test_the_endpoint_goes_down_and_comes_back(azure: LocalAzure) -> None:
    """While it is down there are no tokens; then there are again."""
    async with ManagedIdentityCredential(retry_total=0) as credential:
        azure.identity.is_down = True
        with pytest.raises(AzureError):
            await credential.get_token(f"{ARM_AUDIENCE}/.default")
        azure.fault("/msi/token", kind="reset", times=1)
        with pytest.raises(AzureError):
            await credential.get_token(f"{ARM_AUDIENCE}/.default")
        azure.identity.is_down = False
        assert (await credential.get_token(f"{ARM_AUDIENCE}/.default")).token


async def test_a_token_for_something_else_is_refused(azure: LocalAzure) -> None:
    """A token for storage opens no ARM; the challenge says why."""
    async with reader_of(azure, "https://storage.azure.com") as stranger:
        answer = await stranger.get(ACCOUNT_ID)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "InvalidAuthenticationTokenAudience"
        assert "wrong audience 'https://storage.azure.com'" in answer.headers["WWW-Authenticate"]
        assert (await stranger.query("resources")).status_code == 401


async def test_an_expired_token_is_refused(azure: LocalAzure, reader: Reader) -> None:
    """From the moment that it names."""
    assert (await reader.get(ACCOUNT_ID)).status_code == 200
    azure.identity.clock = lambda: time.time() + LIFETIME + 1
    answer = await reader.get(ACCOUNT_ID)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "ExpiredAuthenticationToken"
