"""`card`: alerts as Teams shows them, on a page of HTML."""

import sys
from collections.abc import Sequence
from pathlib import Path

from shared.adapters.terminal.run import CannotRunError
from shared.domain.finding import SILENT_KINDS, UID_LENGTH, Transition
from shared.pipeline.named_findings import FEWEST_DIGITS, uid_of_alert
from shared.ports import FindingStore, TransitionQuery

DONE = 0
MOST_NAMED = 5


async def alerts_named(store: FindingStore, ids: Sequence[str]) -> list[Transition]:
    """Return the alerts that these ids name.

    Raises:
        CannotRunError: an id names no alert, or several.
        PortError: the store failed.
    """
    texts = [each.strip().lower() for each in ids]
    if all(len(each) == UID_LENGTH for each in texts):
        # Whole ids of alerts are looked up; for all else the history has to be gone through.
        query = TransitionQuery(ids=frozenset(texts), alerts_only=False)
        known = {each.id: each for each in _told(await store.transitions(query))}
        if known.keys() >= set(texts):
            return [known[each] for each in texts]
    told = _told(await store.transitions(TransitionQuery(alerts_only=False)))
    if not told:
        raise CannotRunError("there are no alerts yet")
    return [_named(each, told) for each in ids]


def _told(history: Sequence[Transition]) -> list[Transition]:
    """Return those of a history that were alerts."""
    return [each for each in history if each.kind not in SILENT_KINDS]


def write_page(page: str, output: Path | None) -> int:
    """Write a page of HTML to a file, or to standard output; return the exit status.

    Raises:
        OSError: the file cannot be written.
    """
    if output is None:
        sys.stdout.write(page)
    else:
        output.write_text(page, encoding="utf-8", errors="backslashreplace")
    return DONE


def _named(given: str, told: Sequence[Transition]) -> Transition:
    """Return the alert of an id, or the newest of a finding; `told` come newest first.

    Raises:
        CannotRunError: the id names none, or several.
    """
    text = given.strip().lower()
    if len(text) < FEWEST_DIGITS:
        raise CannotRunError(
            f"{given!r} is no id: give the first {FEWEST_DIGITS} or more characters of the id of an"
            " alert or of a finding"
        )
    alerts = [each for each in told if each.id.lower().startswith(text)]
    newest: dict[str, Transition] = {}
    for each in told:
        uid = uid_of_alert(each.control, each.resource_id)
        if uid is not None and uid.startswith(text):
            newest.setdefault(uid, each)
    found = [*alerts, *newest.values()]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CannotRunError(f"{given} is the id of no alert and no finding that is remembered")
    names = [each.id for each in alerts] + [f"{uid} (finding)" for uid in newest]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    shown = ", ".join(names[:MOST_NAMED])
    raise CannotRunError(f"{given} names {len(names)}; give more of it: {shown}{more}")
