"""Open findings by what people name them by.

That is a finding's id, or the first digits of it; the id of one of its alerts; or control and
resource.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.finding import (
    UID_LENGTH,
    Finding,
    FindingState,
    finding_key,
    finding_uid,
)
from shared.domain.resource_id import MalformedResourceIdError, ResourceId
from shared.ports import FindingStore, TransitionQuery

FEWEST_DIGITS = 6
"""Of an id; of a hundred thousand findings, six begin alike now and then, and are told apart."""
MOST_NAMED = 5


class FindingNotNamedError(ValueError):
    """What was given names no open finding, or several; the message says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Named:
    """An open finding and its root (key)."""

    root: str
    finding: Finding


async def findings_named(store: FindingStore, given: Sequence[str]) -> list[Named]:
    """Return the open findings that these ids name, each once, in order.

    Raises:
        FindingNotNamedError: one of them names none, or several.
        PortError: the store failed.
    """
    wanted = list(dict.fromkeys(_digits(each) for each in given))
    found: dict[str, list[Named]] = {each: [] for each in wanted}
    async for root, finding in store.open_findings():
        uid = finding.uid
        for each in wanted:
            if uid.startswith(each):
                found[each].append(Named(root, finding))
    named: dict[str, Named] = {}
    for each, those in found.items():
        if len(those) > 1:
            raise FindingNotNamedError(_several(each, those))
        one = those[0] if those else await _of_alert(store, each)
        named.setdefault(one.finding.uid, one)
    return list(named.values())


async def finding_of(store: FindingStore, control: str, resource_id: str) -> Named:
    """Return the open finding of a control on a resource.

    Raises:
        FindingNotNamedError: there is none.
        PortError: the store failed.
    """
    try:
        root = ResourceId.parse(resource_id).root.key
    except MalformedResourceIdError as error:
        raise FindingNotNamedError(f"{resource_id!r} is no resource id: {error}") from None
    resource = resource_id.strip().rstrip("/")
    finding = (await store.findings(root)).get(finding_key(control, resource))
    if finding is None or finding.state is not FindingState.OPEN:
        state = "resolved" if finding is not None else "unknown"
        raise FindingNotNamedError(f"no finding of {control} is open on {resource}: it is {state}")
    return Named(root, finding)


def _digits(given: str) -> str:
    """Return an id, or the beginning of one.

    Raises:
        FindingNotNamedError: it is neither.
    """
    text = given.strip().lower()
    if not FEWEST_DIGITS <= len(text) <= UID_LENGTH or set(text) - set("0123456789abcdef"):
        raise FindingNotNamedError(
            f"{given!r} is no id of a finding: give its first {FEWEST_DIGITS} to {UID_LENGTH} "
            "hexadecimal digits, as `alerts` shows them"
        )
    return text


async def _of_alert(store: FindingStore, given: str) -> Named:
    """Return the open finding that an alert is of.

    Raises:
        FindingNotNamedError: there is no such alert, or its finding is not open.
    """
    whole = len(given) == UID_LENGTH
    query = TransitionQuery(ids=frozenset({given}), alerts_only=False)
    alerts = await store.transitions(query) if whole else ()
    for each in alerts:
        if each.control is not None:
            return await finding_of(store, each.control, each.resource_id)
    said = "is of no finding" if alerts else "names no open finding; `alerts --state open` has them"
    raise FindingNotNamedError(f"{given} {said}")


def _several(given: str, those: Sequence[Named]) -> str:
    """Say which findings begin alike."""
    shown = [f"{each.finding.uid} ({each.finding.key})" for each in those[:MOST_NAMED]]
    more = f" and {len(those) - MOST_NAMED} more" if len(those) > MOST_NAMED else ""
    return f"{given} names {len(those)} findings; give more digits: {', '.join(shown)}{more}"


def uid_of_alert(control: str | None, resource_id: str) -> str | None:
    """Return the id of the finding that an alert is of; None: it is of none."""
    return None if control is None else finding_uid(control, resource_id)
