"""The functions that the deployment saves in a workspace, for whoever checks or runs queries."""

from pathlib import Path
from typing import Final

from shared.adapters.azure.logs.query_text import parameters

FOLDER: Final = Path(__file__).resolve().parents[2] / "infra/kql/functions"
BODIES: Final = {file.stem: file.read_text("utf-8") for file in sorted(FOLDER.glob("*.kql"))}
"""Name → body."""


def parameter_list(name: str) -> str:
    """Return the parameters of a function as Kusto declares them, without brackets."""
    return ", ".join(f"{key}: {kind}" for key, kind in parameters(BODIES[name]).items())


def definitions() -> list[str]:
    """Return the functions as `.create function` takes them."""
    return [f"function {name}({parameter_list(name)}) {{\n{BODIES[name]}\n}}" for name in BODIES]
