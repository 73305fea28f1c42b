"""A local Azure with one account, and a reader of it."""

from collections.abc import AsyncIterator

import pytest

from tests.arm import account, deployment
from tests.integration.local_azure.clients import Reader, reader_of
from tests.local_azure.server import LocalAzure


@pytest.fixture
async def azure(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalAzure]:
    """A local Azure with an account of seven deployments, in the environment."""
    resources = [account(), *(deployment(f"chat-{number}") for number in range(7))]
    async with LocalAzure(*resources) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
async def reader(azure: LocalAzure) -> AsyncIterator[Reader]:
    """A client of it."""
    async with reader_of(azure) as opened:
        yield opened
