"""Subscriptions as people name them."""

import uuid
from collections.abc import Sequence
from pathlib import Path

import typer

from shared.adapters.terminal.run import CannotRunError


def subscription(given: str) -> str:
    """Return the id of a subscription in lower case.

    Raises:
        typer.BadParameter: it is no id; names are not unique, and are not taken.
    """
    try:
        found = uuid.UUID(given.strip())
    except ValueError:
        raise typer.BadParameter(
            f"{given!r} is no subscription id such as 00000000-0000-0000-0000-000000000000;"
            " `az account list --output table` shows yours"
        ) from None
    return str(found)


def one_estate(folder: Path | None, subscriptions: Sequence[str] | None) -> frozenset[str]:
    """Return the subscriptions; none for a folder. Exactly one of the two must be given.

    Raises:
        CannotRunError: neither is, or both are.
    """
    if (folder is None) is not bool(subscriptions):
        said = "both are given" if subscriptions else "neither is given"
        raise CannotRunError(
            f"give --estate DIR for a folder of ARM JSON, or --subscription ID for Azure; {said}"
        )
    return frozenset(subscriptions or ())
