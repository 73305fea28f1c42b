"""Events written by hand to the shapes that Azure sends, one to a file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parents[3] / "fixtures" / "events"


@pytest.fixture
def recorded() -> Callable[[str], dict[str, Any]]:
    """Read a fixture by its name without `.json`; every call gives a fresh object to alter."""

    def read(name: str) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
        return event

    return read
