"""Alerts that sinks did not take: what is parked, and putting it back."""

import sys
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from shared.adapters.formats.alert_object import alert_json
from shared.adapters.terminal.alert_lines import write_alert
from shared.adapters.terminal.formats import PLAIN, Format
from shared.adapters.terminal.json_output import write_array
from shared.adapters.terminal.notes import note
from shared.adapters.terminal.page import Page
from shared.adapters.terminal.run import CannotRunError
from shared.domain.sink_state import Parked
from shared.pipeline.named_findings import FEWEST_DIGITS, MOST_NAMED
from shared.ports import Outbox

DONE = 0
MOST = 10_000
"""Parked alerts that one run reads; it says so where there may be more."""


def refuse_filters(options: Mapping[str, object]) -> None:
    """Refuse to show what is parked beside options that choose among alerts, by their names.

    Raises:
        CannotRunError: one of them is given.
    """
    given = [f"--{name}" for name, value in options.items() if value]
    if given:
        raise CannotRunError(
            "--parked shows all that is parked, in a store or with --deployed; it cannot be given"
            f" with {' or '.join(given)}"
        )


async def show_parked(outbox: Outbox, output: Format, option: str) -> int:
    """Print what is parked, the last parked first; return the exit status.

    `option` names the place on a command line.

    Raises:
        CannotRunError: the format has no place for it.
        PortError: the store failed.
    """
    if output not in PLAIN:
        raise CannotRunError(f"--parked is printed as {' or '.join(PLAIN)}")
    found = await outbox.parked(MOST)
    if len(found) >= MOST:
        note(f"these are the {MOST:,} that were parked last; there may be more")
    if output is Format.JSON:
        write_array(sys.stdout, map(_json, found))
        sys.stdout.write("\n")
        return DONE
    page = Page.on(sys.stdout)
    for each in found:
        page.text(f"not told to {each.sink}: {each.reason}", "yellow")
        page.text(f"alert {each.alert.id}", "dim")
        write_alert(page, each.alert)
    page.text(f"{_alerts(len(found))} parked.", "bold")
    if found:
        page.text("To put them back:", "dim")
        page.command(f"cli.py redeliver {option}", indent=2)
    return DONE


async def put_back(outbox: Outbox, ids: Collection[str], sink: str | None) -> int:
    """Put back what is parked: these alerts (none: all), for one sink or whichever; say how many.

    Nothing is put back unless all ids are found; the first characters of one will do.

    Raises:
        CannotRunError: an id names no alert that is parked, or several.
        PortError: the store failed.
    """
    parked = await outbox.parked(MOST)
    concerned = [each for each in parked if sink in {None, each.sink}]
    named = {_named(each, concerned, sink) for each in ids}
    chosen: dict[str, list[str]] = defaultdict(list)
    for each in concerned:
        if not ids or each.alert.id in named:
            chosen[each.sink].append(each.alert.id)
    page = Page.on(sys.stdout)
    for name in sorted(chosen):
        number = await outbox.redeliver(name, chosen[name])
        page.text(f"{_alerts(number)} put back for {name}.")
    if not chosen:
        page.text(_nothing(parked, sink))
    if len(parked) >= MOST:
        note(f"only the {MOST:,} that were parked last were looked at; run it again for the rest")
    return DONE


def _named(given: str, parked: Sequence[Parked], sink: str | None) -> str:
    """Return the id of the alert that an id, or the beginning of one, names.

    Raises:
        CannotRunError: it names none of those that are parked, or several.
    """
    text = given.strip().lower()
    ids = dict.fromkeys(each.alert.id for each in parked)
    if whole := [each for each in ids if each.lower() == text]:
        return whole[0]
    if len(text) < FEWEST_DIGITS:
        raise CannotRunError(
            f"{given!r} is no id of an alert: give its first {FEWEST_DIGITS} or more characters, as"
            " `alerts --parked` shows them"
        )
    found = [each for each in ids if each.lower().startswith(text)]
    if not found:
        where = "" if sink is None else f" for {sink}"
        where += f" among the {MOST:,} parked last" if len(parked) >= MOST else ""
        raise CannotRunError(
            f"{given} is not parked{where}; `alerts --parked` shows the ids of the alerts that are,"
            " beside those of their findings"
        )
    if len(found) > 1:
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        shown = ", ".join(found[:MOST_NAMED])
        raise CannotRunError(
            f"{given} names {len(found)} alerts; give more of the id: {shown}{more}"
        )
    return found[0]


def _nothing(parked: Sequence[Parked], sink: str | None) -> str:
    """Say that there was nothing to put back; for one sink, for which others there is something."""
    others = sorted({each.sink for each in parked})
    if sink is None or not others:
        return f"Nothing is parked{'' if sink is None else f' for {sink}'}."
    return f"Nothing is parked for {sink}; there is something for {', '.join(others)}."


def _json(parked: Parked) -> dict[str, object]:
    """Return an alert with what became of it."""
    at = parked.at.isoformat().replace("+00:00", "Z")
    return {"sink": parked.sink, "parked_at": at, "why": parked.reason, **alert_json(parked.alert)}


def _alerts(number: int) -> str:
    return f"{number} alert{' is' if number == 1 else 's are'}"
