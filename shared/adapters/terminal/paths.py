"""Names of files and folders as people give them."""

from pathlib import Path

import typer


def folder(given: str) -> Path:
    """Return a folder's path; an empty name is not taken for the working directory.

    Raises:
        typer.BadParameter: the name is empty.
    """
    if not given:
        raise typer.BadParameter("the name of the folder is empty")
    return Path(given)
