"""The option that asks for the version of the monitor."""

import typer

from shared.adapters.formats.product import NAME, version


def show_version(asked: bool) -> None:  # noqa: FBT001 - the value of an option
    """Print the version and end, when the option asks for it."""
    if asked:
        typer.echo(f"{NAME} {version()}")
        raise typer.Exit
