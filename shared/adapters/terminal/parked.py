"""Alerts that sinks did not take: what is parked, and putting it back."""

import sys
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

from shared.adapters.formats.alert_object import alert_json
from shared.adapters.terminal.alert_lines import write_alert
from shared.adapters.terminal.formats import Format
from shared.adapters.terminal.json_output import write_array
from shared.adapters.terminal.page import Page
from shared.adapters.terminal.run import CannotRunError
from shared.domain.sink_state import Parked
from shared.ports import Outbox

DONE = 0
MOST = 10_000
PLAIN = frozenset({Format.TABLE, Format.JSON})


def store_alone(workspace: object, store: Path | None, default: Path) -> Path:
    """Return the store to read.

    Raises:
        CannotRunError: a workspace is named, which does not know what is parked.
    """
    if workspace is not None:
        raise CannotRunError("--parked is known to a store, not to a workspace; leave one out")
    return store or default


async def show_parked(outbox: Outbox, output: Format) -> int:
    """Print what is parked, the last parked first; return the exit status.

    Raises:
        CannotRunError: the format has no place for it.
        PortError: the store failed.
    """
    if output not in PLAIN:
        raise CannotRunError("--parked is printed as table or json")
    found = await outbox.parked(MOST)
    if output is Format.JSON:
        write_array(sys.stdout, map(_json, found))
        sys.stdout.write("\n")
        return DONE
    page = Page.on(sys.stdout)
    for each in found:
        write_alert(page, each.alert)
        page.text(f"not told to {each.sink}: {each.reason}", "yellow", indent=2)
    page.text(f"{_alerts(len(found))} parked.", "bold")
    if found:
        page.text("`cli.py redeliver` puts them back.", "dim")
    return DONE


async def put_back(outbox: Outbox, ids: Collection[str], sink: str | None) -> int:
    """Put back what is parked: these alerts (none: all), for one sink or whichever; say how many.

    Raises:
        CannotRunError: one of them is not parked.
        PortError: the store failed.
    """
    chosen: dict[str, list[str]] = defaultdict(list)
    for each in await outbox.parked(MOST):
        if (sink is None or each.sink == sink) and (not ids or each.alert.id in ids):
            chosen[each.sink].append(each.alert.id)
    missing = set(ids).difference(*chosen.values())
    if missing:
        raise CannotRunError(
            f"{min(missing)} is not parked; `cli.py alerts --parked` shows what is"
        )
    page = Page.on(sys.stdout)
    for name in sorted(chosen):
        number = await outbox.redeliver(name, chosen[name])
        page.text(f"{_alerts(number)} put back for {name}.")
    if not chosen:
        page.text("Nothing is parked.")
    return DONE


def _json(parked: Parked) -> dict[str, object]:
    """Return an alert with what became of it."""
    at = parked.at.isoformat().replace("+00:00", "Z")
    return {"sink": parked.sink, "parked_at": at, "why": parked.reason, **alert_json(parked.alert)}


def _alerts(number: int) -> str:
    return f"{number} alert{' is' if number == 1 else 's are'}"
