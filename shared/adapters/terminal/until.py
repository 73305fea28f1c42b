"""Until when: `3h`, `7d` or `2w` from now, a date or a time."""

import typer

from shared.adapters.terminal.typed_time import TypedTime, typed_time


def parse_until(given: str | TypedTime) -> TypedTime:
    """Read what people type.

    Raises:
        typer.BadParameter: it is none of the forms, or lies outside the calendar.
    """
    if isinstance(given, TypedTime):
        return given
    try:
        return typed_time(given)
    except ValueError as error:
        raise typer.BadParameter(
            f"{error}: use 12h, 7d or 2w from now, a date such as 2026-11-27,"
            " or a time such as 2026-11-27T08:30Z"
        ) from None
