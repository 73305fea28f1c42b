"""Log Analytics workspaces as people name them."""

import uuid
from pathlib import Path

import typer

from shared.adapters.terminal.notes import note
from shared.adapters.terminal.run import CannotRunError


def workspace(given: str) -> str:
    """Return the id of a workspace in lower case.

    Raises:
        typer.BadParameter: it is no id.
    """
    try:
        return str(uuid.UUID(given.strip()))
    except ValueError:
        raise typer.BadParameter(
            f"{given!r} is no workspace id such as 00000000-0000-0000-0000-000000000000;"
            " `az monitor log-analytics workspace list --query '[].[name, customerId]'` shows yours"
        ) from None


def one_history(named: str | None, store: Path | None, default: Path) -> Path:
    """Return the store to read where no workspace is named; not both may be.

    Raises:
        CannotRunError: both are given.
    """
    if named is not None and store is not None:
        raise CannotRunError(
            "give --store FILE for what a command remembered, or --workspace ID for what the"
            " monitor wrote to Log Analytics; both are given"
        )
    return store or default


def tell_what_is_missing(*, of_a_state: bool, history: bool) -> None:
    """Say what is asked for that a workspace does not hold."""
    if history:
        note("the workspace holds alerts alone: --history adds nothing to them")
    if of_a_state:
        note("what a first sweep found without an alert each is in OpenFindings() alone")
