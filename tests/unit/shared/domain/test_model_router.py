"""Model routers."""

import pytest

from shared.domain.model_router import is_router, knows_openai_only
from tests.arm import deployment


@pytest.mark.parametrize("name", ["model-router", "Model-Router"])
def test_a_router_is_known_by_its_name(name: str) -> None:
    """In any case."""
    assert is_router(name)


@pytest.mark.parametrize("name", [None, "", "gpt-4o", "model-router-2"])
def test_other_models_are_none(name: str | None) -> None:
    """Nor is a deployment that names no model."""
    assert not is_router(name)


@pytest.mark.parametrize("version", ["2025-05-19", "2025-08-07"])
def test_the_first_versions_know_models_of_openai_only(version: str) -> None:
    """They route to a fixed set."""
    assert knows_openai_only(deployment(model={"version": version}))


@pytest.mark.parametrize("version", ["2025-11-18", "2026-09-01", "2", "20250807", "", None, 5])
def test_every_other_version_may_know_more(version: object) -> None:
    """Also one that is not stated, or is no date."""
    assert not knows_openai_only(deployment(model={"version": version}))
