"""The version of the monitor, read where it is stated."""

import tomllib
from pathlib import Path

import typer

PROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"


def version() -> str:
    """Return the version that pyproject.toml states."""
    try:
        stated = tomllib.loads(PROJECT.read_text(encoding="utf-8"))
        return str(stated["project"]["version"])
    except (OSError, KeyError, TypeError, ValueError):
        return "unknown"


def show_version(asked: bool) -> None:  # noqa: FBT001 - the value of an option
    """Print the version and end, when the option asks for it."""
    if asked:
        typer.echo(f"azure-ai-compliance-monitor {version()}")
        raise typer.Exit
