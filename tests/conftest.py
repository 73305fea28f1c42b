"""What the tests of every folder can ask for."""

from collections.abc import Iterator

import pytest

from tests.azurite_server import Azurite, running_azurite


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """Azurite, started by the first test that asks; each worker of pytest-xdist has its own."""
    with running_azurite() as running:
        yield running


@pytest.fixture(scope="session")
def keyless_azurite() -> Iterator[Azurite]:
    """Azurite that takes tokens alone, over https."""
    with running_azurite(tls=True) as running:
        yield running
