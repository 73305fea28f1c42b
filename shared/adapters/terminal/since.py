"""How far back: `30m`, `24h`, `7d`, `2w`, a date, a time, or `all`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import typer

from shared.adapters.terminal.typed_time import TypedTime, typed_time

ALL = "all"


@dataclass(frozen=True, slots=True)
class Since:
    """A time, or so long ago; None: everything."""

    typed: TypedTime | None = None

    def __str__(self) -> str:
        """Return what was typed."""
        return ALL if self.typed is None else self.typed.text

    def time(self, now: datetime) -> datetime | None:
        """Return the time that is meant (UTC), or None for everything."""
        return None if self.typed is None else self.typed.back_from(now)


DAY = Since(TypedTime("24h", span=timedelta(days=1)))


def parse_since(given: str | Since) -> Since:
    """Read what people type.

    Raises:
        typer.BadParameter: it is none of the forms, or lies outside the calendar.
    """
    if isinstance(given, Since):
        return given
    if given.strip().lower() == ALL:
        return Since()
    try:
        return Since(typed_time(given))
    except ValueError as error:
        raise typer.BadParameter(
            f"{error}: use 30m, 24h, 7d or 2w ago, a date such as 2026-11-20,"
            " a time such as 2026-11-20T08:30Z, or all"
        ) from None
