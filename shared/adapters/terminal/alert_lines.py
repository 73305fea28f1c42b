"""An alert as people read it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from shared.adapters.formats.times import delay_words, lasted
from shared.adapters.terminal.page import Page, Span
from shared.adapters.terminal.resource_names import short_id
from shared.domain.finding import Transition, TransitionKind, finding_uid
from shared.domain.verdict import Severity

SEVERITY_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}
KIND_STYLES = {
    TransitionKind.OPENED: "red",
    TransitionKind.REOPENED: "red",
    TransitionKind.WORSENED: "red",
    TransitionKind.RESOLVED: "green",
    TransitionKind.IMPROVED: "green",
    TransitionKind.REMINDER: "yellow",
    TransitionKind.SNOOZE_ENDED: "yellow",
    TransitionKind.EXEMPTION_EXPIRING: "yellow",
    TransitionKind.EXEMPTION_ENDED: "red",
    TransitionKind.POLICY_REFUSED: "magenta",
    TransitionKind.BLIND_SPOT: "magenta",
    TransitionKind.BLIND_SPOT_CLEARED: "green",
}
INDENT = 4
SHOWN_UID = 12
"""Digits of a finding's id that are shown; commands take as few."""
MOST_CHANGES = 3
LONGEST_VALUE = 60
_WITHOUT_CONTROL = {
    TransitionKind.BASELINE: "first sweep",
    TransitionKind.POLICY_REFUSED: "policy file",
}


def write_alert(page: Page, alert: Transition) -> None:
    """Write an alert: what happened, to what, when and by whom, and why."""
    kind = alert.kind.replace("_", " ").upper()
    if alert.reason is not None:
        kind += f" ({alert.reason})"
    page.row(
        (
            Span(kind, KIND_STYLES.get(alert.kind, "bold")),
            Span("  "),
            Span(alert.severity, SEVERITY_STYLES[alert.severity]),
            Span("  "),
        ),
        alert.control or _WITHOUT_CONTROL.get(alert.kind, ""),
        "bold",
    )
    page.text(short_id(alert.resource_id, page.width - INDENT), indent=INDENT)
    page.text(_when_and_who(alert), "dim", indent=INDENT)
    page.text(alert.message, indent=INDENT)
    for change in _changes(alert):
        page.text(change, indent=INDENT)
    for note in _notes(alert):
        page.text(note, "dim", indent=INDENT)
    page.blank()


def _when_and_who(alert: Transition) -> str:
    """Say who made the change, and when, as far as that is known; and when it was recorded."""
    by = alert.attribution
    if by is None:
        return f"recorded {_clock(alert.at)}"
    who = f" by {by.actor}" if by.actor else ""
    delay = alert.detected_after
    told = f"recorded {_clock(alert.at)}"
    seen = told if delay is None else f"detected {delay_words(delay)}"
    return f"{_clock(by.occurred_at)}{who}, {seen}"


def _changes(alert: Transition) -> Iterator[str]:
    """Go through what was one thing before and is another now."""
    before = {(each.source, each.path): each for each in alert.before}
    changed = [
        (each.path or each.source, known.observed, each.observed)
        for each in alert.evidence
        if (known := before.get((each.source, each.path))) is not None
        and known.observed != each.observed
    ]
    for path, earlier, now in changed[:MOST_CHANGES]:
        yield f"{path}: {_value(earlier)} → {_value(now)}"
    if len(changed) > MOST_CHANGES:
        yield f"and {len(changed) - MOST_CHANGES} more changes"


def _notes(alert: Transition) -> Iterator[str]:
    """Go through what was decided about the finding, and by what it is named."""
    known, snoozed = alert.acknowledged, alert.snoozed
    if alert.opened_at is not None and alert.at - alert.opened_at >= timedelta(seconds=1):
        ended = alert.kind in {TransitionKind.RESOLVED, TransitionKind.BLIND_SPOT_CLEARED}
        yield f"{'was open' if ended else 'open'} for {lasted(alert.at - alert.opened_at)}"
    # A decision says so itself.
    if known is not None and alert.kind is not TransitionKind.ACKNOWLEDGED:
        yield f"acknowledged by {known.by}: {known.reason}"
    if snoozed is not None and alert.kind is not TransitionKind.SNOOZED:
        yield f"snoozed by {snoozed.by} until {_clock(snoozed.until)}: {snoozed.reason}"
    if alert.also_to:
        yield f"escalated to {', '.join(alert.also_to)}"
    if alert.control is not None:
        yield f"finding {finding_uid(alert.control, alert.resource_id)[:SHOWN_UID]}"


def _value(value: object) -> str:
    """Return a value of evidence on one short line."""
    if value is None:
        return "absent"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _clock(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
